<?php

declare(strict_types=1);

namespace Kassa;

/**
 * A running `kassa dev`.
 *
 * If the kit started it, its standard input is a pipe from this process. So it stops when this process ends, even if
 * this process is killed. Forked processes have the pipe too: Kassa then stops with the last of them, or by `stop`.
 */
final class Kassa
{
    private const OPTIONS = ['dev', '--listen', '127.0.0.1:0', '--json', '--quiet', '--stop-when-stdin-closes'];

    /** The credential that each `kassa dev` has. */
    private const PUBLISHED = ['username' => 'PK00000_dev', 'password' => 'dev'];

    /** The base URL, such as `http://127.0.0.1:40123`. */
    public readonly string $url;

    private readonly Api $api;

    /**
     * @param array{url: string, username: string, password: string} $announced
     */
    private function __construct(array $announced, private readonly ?Process $process = null)
    {
        $this->url = $announced['url'];
        $this->api = new Api($announced['url'], $announced['username'], $announced['password']);
    }

    /**
     * Starts Kassa on a free port with further options of `kassa dev`, and returns when it accepts requests. If
     * `KASSA_URL` is set, it uses the Kassa at this URL instead.
     *
     * @param list<string> $options
     */
    public static function start(?string $binary = null, array $options = []): self
    {
        if ((string) getenv('KASSA_URL') !== '') {
            return self::connect(getenv('KASSA_URL'));
        }
        $command = [$binary ?? Binary::find(), ...self::OPTIONS, ...$options];
        $process = Process::start($command);
        $line = $process->firstLine();
        $announced = json_decode($line, true);
        if (isset($announced['url'], $announced['username'], $announced['password'])) {
            return new self($announced, $process);
        }
        $said = $line === '' ? 'ended' : 'printed ' . rtrim($line) . ', and not a line of `kassa dev --json`,';
        throw new KassaError(implode(' ', $command) . " $said with {$process->end()}. Standard error says why.");
    }

    /** Uses a `kassa dev` that runs already, for example in a container. */
    public static function connect(string $url): self
    {
        return new self(['url' => rtrim($url, '/'), ...self::PUBLISHED]);
    }

    /** Creates a merchant that shares no data with others. Its clock is frozen. */
    public function newMerchant(?string $name = null): Merchant
    {
        $made = $this->api->call('POST', '/lab/v1/merchants', $name === null ? [] : ['name' => $name]);
        $merchant = new Merchant($this->url, $made);
        $merchant->setClock(frozen: true);
        return $merchant;
    }

    /** Stops Kassa if the kit started it, and waits until it has ended. It does nothing in a forked process. */
    public function stop(): void
    {
        $this->process?->stop();
    }
}
