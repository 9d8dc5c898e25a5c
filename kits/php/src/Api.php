<?php

declare(strict_types=1);

namespace Kassa;

/**
 * Calls Kassa with a merchant's credential.
 *
 * @internal
 */
final class Api
{
    /** The longest wait of one call. Kassa itself waits for 60 seconds at most. */
    private const TIMEOUT_SECONDS = 75;

    public function __construct(
        private readonly string $url,
        private readonly string $username,
        private readonly string $password,
    ) {
    }

    /** Makes a call, and returns the JSON of its answer, or null if the answer has no body. */
    public function call(string $method, string $path, ?array $body = null): mixed
    {
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => [
                'Authorization: Basic ' . base64_encode("$this->username:$this->password"),
                'Content-Type: application/json',
            ],
            // An empty array would be a JSON list.
            'content' => $body === null ? '' : json_encode($body ?: new \stdClass(), JSON_THROW_ON_ERROR),
            'ignore_errors' => true,
            'timeout' => self::TIMEOUT_SECONDS,
        ]]);
        $text = @file_get_contents($this->url . $path, false, $context);
        if ($text === false) {
            $reason = error_get_last()['message'] ?? 'unknown reason';
            throw new KassaError("$method $this->url$path: no answer from Kassa: $reason");
        }
        $status = (int) explode(' ', $http_response_header[0])[1];
        $parsed = $text === '' ? null : json_decode($text, true) ?? $text;
        return $status < 400 ? $parsed : throw new KassaRefused("$method $path", $status, $parsed);
    }
}
