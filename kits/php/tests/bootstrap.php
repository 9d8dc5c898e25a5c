<?php

// Loads the kit without Composer, by the rule in composer.json.
spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/../src/' . str_replace(['Kassa\\', '\\'], ['', '/'], $class) . '.php';
    if (is_file($file)) {
        require $file;
    }
});
