<?php

declare(strict_types=1);

namespace Kassa;

/** Kassa could not be found, started or reached. */
class KassaError extends \RuntimeException
{
}
