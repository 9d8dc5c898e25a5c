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

    /** An answer that is not JSON is shown in the error up to this length. */
    private const SHOWN_BYTES = 200;

    public function __construct(
        private readonly string $url,
        private readonly string $username,
        private readonly string $password,
    ) {
    }

    /** Makes a call, and returns the JSON of its answer, or null if the answer has no body. */
    public function call(string $method, string $path, ?array $body = null): mixed
    {
        if (!filter_var(ini_get('allow_url_fopen'), FILTER_VALIDATE_BOOL)) {
            throw new KassaError(
                'The test kit calls Kassa with the URL functions of PHP, and the setting allow_url_fopen forbids them. '
                . 'Set it in php.ini, or run the tests with: php -d allow_url_fopen=1 vendor/bin/phpunit'
            );
        }
        [$status, $text] = $this->send($method, $path, $body);
        try {
            $parsed = $text === '' ? null : json_decode($text, true, flags: JSON_THROW_ON_ERROR);
        } catch (\JsonException $notJson) {
            if ($status < 400) {
                $shown = substr($text, 0, self::SHOWN_BYTES);
                throw new KassaError("$method $path: the answer is not JSON: $shown", previous: $notJson);
            }
            $parsed = $text;
        }
        return $status < 400 ? $parsed : throw new KassaRefused("$method $path", $status, $parsed);
    }

    /**
     * Returns the status and the whole text of the answer. The streams of PHP use no proxy.
     *
     * @return array{int, string}
     */
    private function send(string $method, string $path, ?array $body): array
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
        error_clear_last();
        $stream = @fopen($this->url . $path, 'r', false, $context);
        if ($stream === false) {
            $reason = error_get_last()['message'] ?? 'unknown reason';
            throw new KassaError("$method $this->url$path: no complete answer from Kassa: $reason");
        }
        $text = (string) stream_get_contents($stream);
        ['wrapper_data' => $head, 'timed_out' => $isLate] = stream_get_meta_data($stream);
        fclose($stream);
        $status = preg_match('#^HTTP/\S+ (\d{3})#', $head[0] ?? '', $found) ? (int) $found[1] : 0;
        if ($isLate || $status === 0 || ($method !== 'HEAD' && self::isCut($head, $text))) {
            throw new KassaError("$method $this->url$path: no complete answer from Kassa, only: " . ($head[0] ?? ''));
        }
        return [$status, $text];
    }

    /**
     * Whether an answer is shorter than its head says. PHP does not report that.
     *
     * @param list<string> $head
     */
    private static function isCut(array $head, string $text): bool
    {
        $lengths = preg_filter('/^content-length: *(\d+)$/i', '$1', $head);
        return $lengths !== [] && strlen($text) < (int) end($lengths);
    }
}
