<?php

declare(strict_types=1);

namespace Kassa;

/**
 * A started program, with pipes for its standard input and output.
 *
 * @internal
 */
final class Process
{
    /** Kassa itself takes 10 seconds at most to stop. After this time, the kit kills it. */
    private const STOP_SECONDS = 30;

    /** The signals have the same numbers on every Unix. The names need an extension. */
    private const SIGKILL = 9;
    private const SIGTERM = 15;

    private const POLL_MICROSECONDS = 5_000;

    /** @var array{running: bool, exitcode: int, termsig: int} The last status. PHP tells the exit code only once. */
    private array $status;

    /**
     * @param resource $process
     * @param list<resource> $pipes
     */
    private function __construct(private readonly mixed $process, private readonly array $pipes)
    {
        $this->status = proc_get_status($process);
    }

    /** @param list<string> $command */
    public static function start(array $command): self
    {
        $error = fopen('php://stderr', 'w');
        $process = @proc_open($command, [['pipe', 'r'], ['pipe', 'w'], $error], $pipes);
        return $process !== false ? new self($process, $pipes) : throw new KassaError(
            "$command[0] could not be started: " . error_get_last()['message']
        );
    }

    /** Waits for the first line that the program prints. It is empty if the program ends without one. */
    public function firstLine(): string
    {
        return (string) fgets($this->pipes[1]);
    }

    /**
     * Asks the program to stop, and waits until it has ended. It does nothing in a forked process: there PHP reports
     * that the program does not run, because the program is not its child.
     */
    public function stop(float $seconds = self::STOP_SECONDS): void
    {
        if ($this->isRunning()) {
            // Forked processes may still have their ends of the pipe open, so closing this end may not be enough.
            proc_terminate($this->process, self::SIGTERM);
            $this->end($seconds);
        }
    }

    /** Closes the pipes, and waits until the program has ended. Returns how it ended. */
    public function end(float $seconds = self::STOP_SECONDS): string
    {
        array_map('fclose', array_filter($this->pipes, 'is_resource'));
        $deadline = hrtime(true) + $seconds * 1e9;
        while ($this->isRunning()) {
            if (hrtime(true) > $deadline) {
                proc_terminate($this->process, self::SIGKILL);
            }
            usleep(self::POLL_MICROSECONDS);
        }
        return $this->status['termsig'] ? "signal {$this->status['termsig']}" : "status {$this->status['exitcode']}";
    }

    private function isRunning(): bool
    {
        if ($this->status['running']) {
            $this->status = proc_get_status($this->process);
        }
        return $this->status['running'];
    }
}
