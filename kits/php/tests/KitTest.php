<?php

declare(strict_types=1);

use Kassa\Binary;
use Kassa\Kassa;
use Kassa\KassaError;
use Kassa\KassaRefused;
use Kassa\KassaTimedOut;
use Kassa\Merchant;
use Kassa\Process;
use Kassa\UsesKassa;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;

/** Tests the kit with the real binary: KASSA_BIN=.../kassa phpunit --bootstrap tests/bootstrap.php tests */
final class KitTest extends TestCase
{
    use UsesKassa;

    private const CLOSED = ['status_update' => 'http://127.0.0.1:9/callbacks'];

    private const RUNNER = 'require $argv[1]; $running = Kassa\Kassa::start(); echo $running->url, "\n"; fgets(STDIN);';

    /** Prints its address, and gives one answer. */
    private const SERVER = <<<'PHP'
        $server = stream_socket_server('tcp://127.0.0.1:0');
        echo stream_socket_get_name($server, false), "\n";
        $connection = stream_socket_accept($server, 60);
        while (trim(fgets($connection)) !== '');
        fread($connection, 2);
        fwrite($connection, $argv[1]);
        PHP;

    /** Stops Kassa while a forked process waits, and prints how Kassa ended. */
    private const FORKS = <<<'PHP'
        require $argv[1];
        $options = ['dev', '--listen', '127.0.0.1:0', '--json', '--quiet', '--stop-when-stdin-closes'];
        $process = Kassa\Process::start([getenv('KASSA_BIN'), ...$options]);
        $announced = json_decode($process->firstLine(), true);
        [$parent, $child] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        if (pcntl_fork() === 0) {
            fclose($parent);
            $process->stop();
            fwrite($child, "\n");
            fgets($child);
            exit;
        }
        fgets($parent);
        Kassa\Kassa::connect($announced['url'])->newMerchant();
        $process->stop();
        echo $process->end(), "\n";
        PHP;

    public function testEveryActionReturnsThePageSession(): void
    {
        $session = $this->merchant()->createPageSession();
        self::assertSame('IN_PROGRESS', $session->enter()['status']);
        self::assertSame('FAILED', $session->decline('no money')['status']);
        self::assertSame('IN_PROGRESS', $session->enter()['status']);
        self::assertSame('ERROR', $session->error('a cable broke')['status']);
        self::assertSame('IN_PROGRESS', $session->enter()['status']);
        self::assertSame('BACK', $session->back()['status']);
        self::assertSame('COMPLETED', $session->approve('customer@email.se')['status']);
        self::assertSame([1, 2, 3, 4, 5, 6, 7], array_column($session->history(), 'sequence'));
    }

    public function testCancelIsBackInAWebShopAndFinalElsewhere(): void
    {
        foreach (['ECOMMERCE' => 'BACK', 'IN_STORE' => 'CANCELLED'] as $channel => $status) {
            $cart = ['acquiring_channel' => $channel] + Merchant::SAMPLE_CART;
            $session = $this->merchant()->createPageSession(cart: $cart);
            $session->enter();
            self::assertSame($status, $session->cancel()['status']);
        }
    }

    public function testARefusedActionHasItsStatusAndCode(): void
    {
        $session = $this->merchant()->createPageSession();
        $refused = self::refusal(static fn () => $session->approve());
        self::assertStringContainsString('409 CONFLICT: The consumer cannot approve', $refused->getMessage());
        self::assertSame([409, 'CONFLICT'], [$refused->status, $refused->errorCode]);
    }

    public function testASessionOfTheShopIsFoundByItsId(): void
    {
        $merchant = $this->merchant();
        $created = $merchant->createPageSession();
        self::assertSame($created->read(), $merchant->pageSession($created->id)->read());
        self::assertStringStartsWith("$merchant->url/pay/", $created->redirectUrl);
        self::assertSame("$merchant->url/lab/of/$merchant->merchantId/sessions/$created->id", $created->labPage);
    }

    public function testADroppedCallbackComesAgainWhenTheClockMoves(): void
    {
        $merchant = $this->merchant();
        $merchant->injectFaults(callbacks: [['do' => 'drop', 'status' => 'COMPLETED', 'attempt' => 1]]);
        $session = $merchant->createPageSession(merchantUrls: self::CLOSED);
        $session->enter();
        $session->approve();
        $faults = array_map(static fn ($entry) => $entry['faults'] ?? [], $session->waitForCallbacks(2));
        self::assertSame([[], ['drop']], $faults);
        self::assertSame([2, 2], array_column($merchant->advanceClock('PT5S'), 'attempt'));
        self::assertCount(4, $session->waitForCallbacks(4));
    }

    public function testTheClockIsFrozenAndCanBeSet(): void
    {
        $merchant = $this->merchant();
        self::assertTrue($merchant->clock()['frozen']);
        $merchant->setClock(now: '2026-01-01T08:00:00Z');
        $session = $merchant->createPageSession();
        $fired = $merchant->advanceClockTo('2026-01-03T08:00:00Z');
        self::assertSame(['session_expired' => $session->id], array_column($fired, 'session_id', 'what'));
        self::assertSame(['now' => '2026-01-03T08:00:00.000Z', 'frozen' => true], $merchant->clock());
        self::assertFalse($merchant->setClock(frozen: false)['frozen']);
    }

    public function testAFaultOfACallEndsWhenFaultsAreCleared(): void
    {
        $merchant = $this->merchant();
        $merchant->injectFaults(calls: [['do' => 'fail', 'status' => 503, 'path' => '/hpp/v1/sessions']]);
        self::assertSame(503, self::refusal(static fn () => $merchant->createPageSession())->status);
        $merchant->clearFaults();
        $merchant->createPageSession();
        $statuses = array_map(
            static fn ($entry) => $entry['answer']['status'],
            $merchant->journal(path: '/hpp/v1/sessions')
        );
        self::assertSame([503, 201], $statuses);
    }

    public function testTheInboxHasTheLink(): void
    {
        $session = $this->merchant()->createPageSession();
        $message = ['method' => 'email', 'contact_information' => ['email' => 'customer@email.se']];
        $this->merchant()->call('POST', "/hpp/v1/sessions/$session->id/distribution", $message);
        self::assertSame([$session->redirectUrl], array_column($session->waitForMessages(), 'link'));
    }

    public function testAnOrderPassesItsFraudCheck(): void
    {
        $merchant = $this->merchant();
        $place = static function () use ($merchant): array {
            $session = $merchant->createPageSession();
            $session->enter();
            $token = $session->approve('customer+pend-accept-5@email.se')['authorization_token'];
            return $merchant->call('POST', "/payments/v1/authorizations/$token/order", Merchant::SAMPLE_CART);
        };
        $placed = $place();
        self::assertSame('PENDING', $placed['fraud_status']);
        self::assertSame('ACCEPTED', $merchant->acceptOrder($placed['order_id'])['fraud_status']);
        self::assertSame('REJECTED', $merchant->rejectOrder($place()['order_id'])['fraud_status']);
    }

    public function testAPaymentSessionNeedsNoPage(): void
    {
        $merchant = $this->merchant();
        $payment = $merchant->call('POST', '/payments/v1/sessions', Merchant::SAMPLE_CART)['session_id'];
        $merchant->declinePaymentSession($payment);
        $token = $merchant->approvePaymentSession($payment);
        $placed = $merchant->call('POST', "/payments/v1/authorizations/$token/order", Merchant::SAMPLE_CART);
        self::assertSame('ACCEPTED', $placed['fraud_status']);
    }

    public function testAWaitInVainReportsWhatWasThere(): void
    {
        $this->expectException(KassaTimedOut::class);
        $this->expectExceptionMessageMatches('/The journal has 0 entries .* and not 1, after 0 seconds/');
        $this->merchant()->waitForJournal(1, kind: 'callback', wait: 0);
    }

    public function testMerchantsShareNothing(): void
    {
        $session = $this->merchant()->createPageSession();
        $other = self::kassa()->newMerchant('Another Shop');
        self::assertSame(404, self::refusal(static fn () => $other->pageSession($session->id)->read())->status);
        $other->delete();
        self::assertSame(401, self::refusal(static fn () => $other->clock())->status);
    }

    public function testTheBinaryIsFoundByVariableThenPackageThenPath(): void
    {
        $folder = sys_get_temp_dir() . '/kassa-kit-' . bin2hex(random_bytes(8));
        mkdir("$folder/path", recursive: true);
        [$chosen, $beside, $onPath] = ["$folder/chosen", "$folder/beside", "$folder/path/kassa"];
        foreach ([$chosen, $beside, $onPath] as $file) {
            file_put_contents($file, "#!/bin/sh\n");
            chmod($file, 0o755);
        }
        [$binary, $path] = [getenv('KASSA_BIN'), getenv('PATH')];
        try {
            putenv("KASSA_BIN=$chosen");
            putenv('PATH=' . dirname($onPath));
            self::assertSame($chosen, Binary::find($beside));
            putenv('KASSA_BIN');
            self::assertSame($beside, Binary::find($beside));
            unlink($beside);
            self::assertSame($onPath, Binary::find($beside));
            unlink($onPath);
            self::assertStringContainsString('Install Kassa, or set KASSA_BIN', self::failure($beside));
            putenv("KASSA_BIN=$onPath");
            self::assertStringContainsString('which is not an executable file', self::failure($beside));
        } finally {
            putenv("KASSA_BIN=$binary");
            putenv("PATH=$path");
            unlink($chosen);
            rmdir("$folder/path");
            rmdir($folder);
        }
    }

    public function testAStartThatFailsSaysSo(): void
    {
        $this->expectException(KassaError::class);
        $this->expectExceptionMessage('--no-such-option ended with status 2');
        Kassa::start(options: ['--no-such-option']);
    }

    public function testAStartOfNothingSaysSo(): void
    {
        $this->expectException(KassaError::class);
        $this->expectExceptionMessage('/no/kassa');
        Kassa::start(binary: '/no/kassa');
    }

    public function testAKassaThatRunsAlreadyIsUsedAndNotStopped(): void
    {
        $connected = Kassa::connect(self::kassa()->url . '/');
        self::assertSame('WAITING', $connected->newMerchant()->createPageSession()->status());
        $connected->stop();
        putenv("KASSA_URL=$connected->url");
        self::assertSame($connected->url, Kassa::start()->url);
        putenv('KASSA_URL');
    }

    public function testAStoppedKassaDoesNotAnswer(): void
    {
        $running = Kassa::start();
        $merchant = $running->newMerchant();
        $running->stop();
        $running->stop();
        $this->expectException(KassaError::class);
        $this->expectExceptionMessage('no complete answer from Kassa');
        $merchant->clock();
    }

    public function testKassaEndsWhenTheTestRunIsKilled(): void
    {
        $command = [PHP_BINARY, '-r', self::RUNNER, __DIR__ . '/bootstrap.php'];
        $runner = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
        self::assertStringStartsWith('http://127.0.0.1:', fgets($pipes[1]));
        proc_terminate($runner, SIGKILL);
        // Kassa inherits the standard error of its test run, so the pipe closes when both have ended.
        self::assertSame('', stream_get_contents($pipes[2]));
        array_map('fclose', $pipes);
        proc_close($runner);
    }

    /** @return array<string, array{string, string}> */
    public static function unreadableAnswers(): array
    {
        return [
            'nothing' => ['', 'no complete answer from Kassa'],
            'a cut answer' => ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", 'no complete answer from Kassa'],
            'a cut error' => ["HTTP/1.1 404 No\r\nContent-Length: 100\r\n\r\n{}", 'no complete answer from Kassa'],
            'not HTTP' => ["this is not HTTP\r\n\r\n", 'no complete answer from Kassa'],
            'not JSON' => ["HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n200 is fine", 'not JSON: 200 is fine'],
            'an error of a proxy' => ["HTTP/1.1 502 No\r\nContent-Length: 6\r\n\r\n<html>", '502 : "<html>"'],
        ];
    }

    /** @dataProvider unreadableAnswers PHPUnit reads this line up to version 11, and the attribute from version 10. */
    #[DataProvider('unreadableAnswers')]
    public function testAnAnswerThatIsCutOrNotJsonIsAnError(string $answer, string $message): void
    {
        $server = Process::start([PHP_BINARY, '-r', self::SERVER, $answer]);
        try {
            Kassa::connect('http://' . rtrim($server->firstLine()))->newMerchant();
            self::fail('no error');
        } catch (KassaError $error) {
            self::assertStringContainsString($message, $error->getMessage());
        } finally {
            $server->stop();
        }
    }

    public function testAStartOfAnotherProgramSaysSo(): void
    {
        foreach (['Welcome', '[]', '{}'] as $line) {
            try {
                Kassa::start(binary: self::script("echo '$line'; exit 3"));
                self::fail('no error');
            } catch (KassaError $error) {
                $said = "printed $line, and not a line of `kassa dev --json`, with status 3";
                self::assertStringContainsString($said, $error->getMessage());
            }
        }
    }

    public function testAKassaThatDoesNotStopIsKilled(): void
    {
        $process = Process::start([self::script("trap '' TERM; echo ready; exec sleep 1000")]);
        self::assertSame("ready\n", $process->firstLine());
        $process->stop(0.1);
        self::assertSame('signal 9', $process->end());
    }

    public function testAForkedProcessNeitherStopsKassaNorKeepsIt(): void
    {
        $php = [PHP_BINARY, '-r', self::FORKS, __DIR__ . '/bootstrap.php'];
        $runner = Process::start($php);
        self::assertSame("status 0\n", $runner->firstLine());
        self::assertSame('status 0', $runner->end());
    }

    public function testACallWithoutUrlFunctionsSaysWhatToDo(): void
    {
        $code = 'require $argv[1]; try { Kassa\Kassa::connect("http://127.0.0.1:9")->newMerchant(); }'
            . ' catch (Kassa\KassaError $error) { echo $error->getMessage(), "\n"; }';
        $runner = Process::start([PHP_BINARY, '-d', 'allow_url_fopen=0', '-r', $code, __DIR__ . '/bootstrap.php']);
        self::assertStringContainsString('php -d allow_url_fopen=1 vendor/bin/phpunit', $runner->firstLine());
        self::assertSame('status 0', $runner->end());
    }

    /** Writes a program that runs these commands of the shell. */
    private static function script(string $commands): string
    {
        $file = tempnam(sys_get_temp_dir(), 'kassa-kit-');
        file_put_contents($file, "#!/bin/sh\n$commands\n");
        chmod($file, 0o755);
        register_shutdown_function(static fn () => unlink($file));
        return $file;
    }

    private static function refusal(callable $call): KassaRefused
    {
        try {
            $call();
        } catch (KassaRefused $refused) {
            return $refused;
        }
        self::fail('the call was not refused');
    }

    private static function failure(string $beside): string
    {
        try {
            return Binary::find($beside);
        } catch (KassaError $error) {
            return $error->getMessage();
        }
    }
}
