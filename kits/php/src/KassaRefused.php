<?php

declare(strict_types=1);

namespace Kassa;

/** Kassa answered a call with an error. */
final class KassaRefused extends KassaError
{
    /** The code of the error, such as `NOT_FOUND`. */
    public readonly string $errorCode;

    public function __construct(string $call, public readonly int $status, public readonly mixed $body)
    {
        $this->errorCode = $body['error_code'] ?? '';
        $messages = isset($body['error_messages']) ? implode(', ', $body['error_messages']) : json_encode($body);
        parent::__construct("$call: $status $this->errorCode: $messages");
    }
}
