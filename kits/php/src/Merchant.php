<?php

declare(strict_types=1);

namespace Kassa;

/** A merchant with its own data, clock, faults, journal and inbox. Give its credential to your shop. */
final class Merchant
{
    /** The payment session that `createPageSession` creates. */
    public const SAMPLE_CART = [
        'purchase_country' => 'SE', 'purchase_currency' => 'SEK', 'locale' => 'sv-SE',
        'order_amount' => 9999, 'order_tax_amount' => 1870,
        'order_lines' => [['name' => 'Running shoe', 'quantity' => 1, 'unit_price' => 9999, 'tax_rate' => 2300,
            'total_amount' => 9999, 'total_tax_amount' => 1870]],
    ];

    private const PATIENCE_SECONDS = 30;
    private const MAXIMUM_ENTRIES = 1000;

    public readonly string $merchantId;
    public readonly string $username;
    public readonly string $password;

    /** The secret that signs callbacks. */
    public readonly string $callbackSecret;

    /** The lab's page of this merchant, for a browser. */
    public readonly string $labPage;

    private readonly Api $api;

    /** @internal Use `Kassa::newMerchant`. */
    public function __construct(public readonly string $url, array $made)
    {
        $this->merchantId = $made['merchant_id'];
        $this->username = $made['username'];
        $this->password = $made['password'];
        $this->callbackSecret = $made['callback_secret'];
        $this->labPage = "$url/lab/of/$this->merchantId";
        $this->api = new Api($url, $this->username, $this->password);
    }

    /** Calls any path of Kassa with the merchant's credential, and returns the JSON of the answer. */
    public function call(string $method, string $path, ?array $body = null): mixed
    {
        return $this->api->call($method, $path, $body);
    }

    /** Creates a payment session and a page session for it, as your shop would. */
    public function createPageSession(array $merchantUrls = [], array $cart = self::SAMPLE_CART): PageSession
    {
        $payment = $this->call('POST', '/payments/v1/sessions', $cart);
        $body = ['payment_session_url' => "$this->url/payments/v1/sessions/{$payment['session_id']}"];
        $created = $this->call('POST', '/hpp/v1/sessions', array_filter([...$body, 'merchant_urls' => $merchantUrls]));
        return new PageSession($this, $created['session_id'], $created['redirect_url']);
    }

    /** Returns a page session that your shop created. */
    public function pageSession(string $sessionId): PageSession
    {
        return new PageSession($this, $sessionId, null);
    }

    /** Reads the clock: `now` and `frozen`. */
    public function clock(): array
    {
        return $this->call('GET', '/lab/v1/clock');
    }

    /** Sets the clock (an instant in RFC 3339), freezes it, or lets it run. */
    public function setClock(?string $now = null, ?bool $frozen = null): array
    {
        $given = array_filter(['now' => $now, 'frozen' => $frozen], static fn ($value) => $value !== null);
        return $this->call('PUT', '/lab/v1/clock', $given);
    }

    /** Moves the clock forward by a duration in ISO 8601, such as `PT47H`. Returns the list of what happened. */
    public function advanceClock(string $by): array
    {
        return $this->call('POST', '/lab/v1/clock/advance', ['by' => $by])['fired'];
    }

    /** Moves the clock forward to an instant in RFC 3339. Returns the list of what happened. */
    public function advanceClockTo(string $instant): array
    {
        return $this->call('POST', '/lab/v1/clock/advance', ['to' => $instant])['fired'];
    }

    /** Replaces all faults by these rules of callbacks and of API calls. */
    public function injectFaults(array $callbacks = [], array $calls = [], int $seed = 0): array
    {
        $rules = ['callbacks' => $callbacks, 'calls' => $calls, 'seed' => $seed];
        return $this->call('PUT', '/lab/v1/faults', $rules);
    }

    /** Removes all faults. */
    public function clearFaults(): void
    {
        $this->call('DELETE', '/lab/v1/faults');
    }

    /** Returns the entries of the journal that match all filters, such as `kind: 'callback'`, oldest first. */
    public function journal(string|int ...$filters): array
    {
        return $this->readJournal($filters)['entries'];
    }

    /** Waits until at least `$count` entries of the journal match all filters, and returns them. */
    public function waitForJournal(int $count, string|int ...$filters): array
    {
        $filters += ['wait' => self::PATIENCE_SECONDS];
        $answer = $this->readJournal([...$filters, 'count' => $count]);
        return $answer['matching'] >= $count ? $answer['entries'] : throw new KassaTimedOut(
            "The journal has {$answer['matching']} entries that match " . json_encode($filters) . ", and not $count, "
            . "after {$filters['wait']} seconds."
        );
    }

    /** Returns the messages that the sandbox did not send, oldest first. */
    public function inbox(): array
    {
        return $this->call('GET', '/lab/v1/inbox')['messages'];
    }

    /** Ends the fraud check of a pending order: accepted. */
    public function acceptOrder(string $orderId): array
    {
        return $this->call('POST', '/lab/v1/orders/' . rawurlencode($orderId) . '/accept');
    }

    /** Ends the fraud check of a pending order: rejected. */
    public function rejectOrder(string $orderId): array
    {
        return $this->call('POST', '/lab/v1/orders/' . rawurlencode($orderId) . '/reject');
    }

    /** Authorizes a payment session without a page. Returns the authorization token. */
    public function approvePaymentSession(string $sessionId, ?string $email = null): string
    {
        $path = '/lab/v1/payment-sessions/' . rawurlencode($sessionId) . '/approve';
        return $this->call('POST', $path, array_filter(['email' => $email]))['authorization_token'];
    }

    /** Declines a payment session without a page. */
    public function declinePaymentSession(string $sessionId): void
    {
        $this->call('POST', '/lab/v1/payment-sessions/' . rawurlencode($sessionId) . '/decline', []);
    }

    /** Deletes the merchant and all its data. */
    public function delete(): void
    {
        $this->call('DELETE', '/lab/v1/merchants/' . rawurlencode($this->merchantId));
    }

    private function readJournal(array $filters): array
    {
        $filters += ['limit' => self::MAXIMUM_ENTRIES];
        return $this->call('GET', '/lab/v1/journal?' . http_build_query($filters));
    }
}
