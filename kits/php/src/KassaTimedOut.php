<?php

declare(strict_types=1);

namespace Kassa;

/** The journal or the inbox did not show the expected entries in time. */
final class KassaTimedOut extends KassaError
{
}
