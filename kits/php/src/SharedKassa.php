<?php

declare(strict_types=1);

namespace Kassa;

/**
 * The Kassa that all tests of one process share. It starts when the first test needs it.
 *
 * @internal
 */
final class SharedKassa
{
    private static ?Kassa $running = null;

    public static function get(): Kassa
    {
        if (self::$running === null) {
            self::$running = Kassa::start();
            register_shutdown_function(static fn () => self::$running->stop());
        }
        return self::$running;
    }
}
