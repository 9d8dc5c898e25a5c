<?php

declare(strict_types=1);

namespace Kassa;

/**
 * Finds the `kassa` binary.
 *
 * @internal
 */
final class Binary
{
    private const BESIDE_THE_PACKAGE = __DIR__ . '/../bin/kassa';

    /** Returns the path of the binary: `KASSA_BIN`, or the one in this package, or `kassa` on the PATH. */
    public static function find(string $besideThePackage = self::BESIDE_THE_PACKAGE): string
    {
        $chosen = (string) getenv('KASSA_BIN');
        if ($chosen !== '') {
            return self::isExecutable($chosen) ? $chosen : throw new KassaError(
                "KASSA_BIN is $chosen, which is not an executable file. Set it to the path of the kassa binary, or "
                . 'unset it.'
            );
        }
        foreach ([$besideThePackage, ...self::onThePath()] as $file) {
            if (self::isExecutable($file)) {
                return $file;
            }
        }
        throw new KassaError(
            "The kassa binary was not found: KASSA_BIN is not set, $besideThePackage does not exist, and no kassa is "
            . 'on the PATH. Install Kassa, or set KASSA_BIN to the path of the binary.'
        );
    }

    private static function isExecutable(string $file): bool
    {
        return is_file($file) && is_executable($file);
    }

    /** @return list<string> */
    private static function onThePath(): array
    {
        $folders = array_filter(explode(PATH_SEPARATOR, (string) getenv('PATH')));
        return array_map(static fn (string $folder) => "$folder/kassa", array_values($folders));
    }
}
