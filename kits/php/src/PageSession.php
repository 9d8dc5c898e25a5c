<?php

declare(strict_types=1);

namespace Kassa;

/** A page session, with the actions of its consumer. */
final class PageSession
{
    /** The lab's page of this page session, for a browser. */
    public readonly string $labPage;

    /**
     * @param ?string $redirectUrl The payment page, for a browser. It is known only if the kit created the session.
     * @internal Use `Merchant::createPageSession` or `Merchant::pageSession`.
     */
    public function __construct(
        private readonly Merchant $merchant,
        public readonly string $id,
        public readonly ?string $redirectUrl,
    ) {
        $this->labPage = "$merchant->labPage/sessions/$id";
    }

    /** The consumer opens the payment page. Each action returns the page session as a read shows it. */
    public function enter(): array
    {
        return $this->act('enter');
    }

    /** The consumer pays. Some e-mail addresses select the outcome of the order. */
    public function approve(?string $email = null): array
    {
        return $this->act('approve', array_filter(['email' => $email]));
    }

    /** The payment is declined. */
    public function decline(?string $reason = null): array
    {
        return $this->act('decline', array_filter(['reason' => $reason]));
    }

    /** The payment fails technically. */
    public function error(?string $reason = null): array
    {
        return $this->act('error', array_filter(['reason' => $reason]));
    }

    /** The consumer presses Back. */
    public function back(): array
    {
        return $this->act('back');
    }

    /** The consumer cancels. */
    public function cancel(): array
    {
        return $this->act('cancel');
    }

    /** Acts as the consumer: `enter`, `approve`, `decline`, `error`, `back` or `cancel`. */
    public function act(string $action, array $body = []): array
    {
        return $this->merchant->call('POST', '/lab/v1/sessions/' . rawurlencode($this->id) . "/$action", $body);
    }

    /** Reads the page session, as your shop would. */
    public function read(): array
    {
        return $this->merchant->call('GET', '/hpp/v1/sessions/' . rawurlencode($this->id));
    }

    /** Reads the status, such as `COMPLETED`. */
    public function status(): string
    {
        return $this->read()['status'];
    }

    /** Returns the events, oldest first. */
    public function history(): array
    {
        return $this->merchant->call('GET', '/kassa/v1/sessions/' . rawurlencode($this->id) . '/events')['events'];
    }

    /** Waits until Kassa made at least `$count` attempts of callbacks. Returns their entries of the journal. */
    public function waitForCallbacks(int $count = 1): array
    {
        return $this->merchant->waitForJournal($count, kind: 'callback', session: $this->id);
    }

    /** Waits until at least `$count` messages with the link were sent to the consumer, and returns them. */
    public function waitForMessages(int $count = 1): array
    {
        $path = "/hpp/v1/sessions/$this->id/distribution";
        $this->merchant->waitForJournal($count, kind: 'call', method: 'POST', path: $path, status: 201);
        $isOwn = fn (array $message): bool => $message['session_id'] === $this->id;
        return array_values(array_filter($this->merchant->inbox(), $isOwn));
    }
}
