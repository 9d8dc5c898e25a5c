<?php

declare(strict_types=1);

namespace Kassa;

/** Kassa could not be found, started or reached, or its answer could not be read. */
class KassaError extends \RuntimeException
{
}
