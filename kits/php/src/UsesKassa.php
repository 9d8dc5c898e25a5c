<?php

declare(strict_types=1);

namespace Kassa;

use PHPUnit\Framework\Attributes\After;

/** Gives each test of a PHPUnit class a merchant of its own. */
trait UsesKassa
{
    private ?Merchant $kassaMerchant = null;

    /** The running Kassa, shared by all tests of this process. */
    protected static function kassa(): Kassa
    {
        return SharedKassa::get();
    }

    /** The merchant of this test alone. Its clock is frozen. */
    protected function merchant(): Merchant
    {
        return $this->kassaMerchant ??= self::kassa()->newMerchant();
    }

    /** @after PHPUnit reads this line up to version 11, and the attribute from version 10. */
    #[After]
    protected function deleteMerchant(): void
    {
        $this->kassaMerchant?->delete();
        $this->kassaMerchant = null;
    }
}
