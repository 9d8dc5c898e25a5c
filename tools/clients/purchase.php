<?php
// Does a whole purchase with the vendor's PHP SDK. The first argument is the connector: guzzle (the default one) or
// curl.

use Klarna\Rest\HostedPaymentPage\Sessions as PageSessions;
use Klarna\Rest\OrderManagement\Capture;
use Klarna\Rest\OrderManagement\Order;
use Klarna\Rest\OrderManagement\Refund;
use Klarna\Rest\Payments\Orders;
use Klarna\Rest\Payments\Sessions as PaymentSessions;
use Klarna\Rest\Transport\CURLConnector;
use Klarna\Rest\Transport\Exception\ConnectorException;
use Klarna\Rest\Transport\GuzzleConnector;

error_reporting(E_ALL & ~E_DEPRECATED); // The SDK and Guzzle 6 are older than PHP 8.
require getenv('KLARNA_PHP') . '/vendor/autoload.php';

[$url, $username, $password] = [getenv('KASSA_URL'), getenv('KASSA_USERNAME'), getenv('KASSA_PASSWORD')];
$connector = $argv[1] === 'curl'
    ? CURLConnector::create($username, $password, $url)
    : GuzzleConnector::create($username, $password, $url);

function done($step)
{
    echo "  ok $step\n";
}

function equal($found, $expected, $step)
{
    if ($found !== $expected) {
        throw new Exception("$step: expected " . var_export($expected, true) . ', found ' . var_export($found, true));
    }
    done($step);
}

/** The consumer's part, which no merchant's client has: the lab does it. */
function act($session, $action)
{
    global $url, $username, $password;
    $call = curl_init("$url/lab/v1/sessions/$session/$action");
    curl_setopt_array($call, [CURLOPT_POST => true, CURLOPT_POSTFIELDS => '{}', CURLOPT_RETURNTRANSFER => true,
        CURLOPT_USERPWD => "$username:$password"]);
    curl_exec($call);
    equal(curl_getinfo($call, CURLINFO_RESPONSE_CODE), 200, "consumer: $action");
}

/** The cURL connector cannot call an absolute Location, so it gets the capture or the refund by its id. */
function located($created, $class)
{
    global $argv, $connector, $order;
    $id = basename($created->getLocation());
    return $argv[1] === 'curl' ? new $class($connector, $order->getLocation(), $id) : $created;
}

function line($name, $type, $total, $tax)
{
    return ['name' => $name, 'type' => $type, 'quantity' => 1, 'unit_price' => $total, 'tax_rate' => 2000,
        'total_amount' => $total, 'total_tax_amount' => $tax];
}

$cart = ['purchase_country' => 'SE', 'purchase_currency' => 'SEK', 'locale' => 'sv-SE',
    'order_amount' => 62400, 'order_tax_amount' => 10400, 'merchant_reference2' => 16,
    'order_lines' => [line('Running shoe', 'physical', 59500, 9917), line('Delivery', 'shipping_fee', 2900, 483)]];

function create_page_session($payment)
{
    global $connector, $url;
    return (new PageSessions($connector))->create([
        'payment_session_url' => "$url/payments/v1/sessions/$payment",
        'merchant_urls' => ['success' => 'https://shop.example/thanks?token={{authorization_token}}',
            'cancel' => 'https://shop.example/cart', 'terms' => 'https://shop.example/terms',
            'status_update' => ''],
        'options' => ['place_order_mode' => 'NONE'],
    ]);
}

$payment = new PaymentSessions($connector);
$payment->create($cart);
done('create a payment session');
$payment->fetch();
equal($payment['status'], 'incomplete', 'read the payment session');
$payment->update(['merchant_reference1' => 'php']);
done('update the payment session');

$created = create_page_session($payment->getId());
equal(strpos($created['redirect_url'], $url), 0, 'create a page session');
$page = new PageSessions($connector, $created['session_id']);
equal($page->getSessionStatus()['status'], 'WAITING', 'read the page session');
$page->distributeLink(['method' => 'email', 'contact_information' => ['email' => 'customer@email.se']]);
done('send the link by e-mail');
act($created['session_id'], 'enter');
act($created['session_id'], 'approve');
$status = $page->getSessionStatus();
equal($status['status'], 'COMPLETED', 'read the completed page session');

$placed = (new Orders($connector, $status['authorization_token']))->create($cart);
equal($placed['fraud_status'], 'ACCEPTED', 'place the order');

$order = new Order($connector, $placed['order_id']);
$order->fetch();
equal($order['remaining_authorized_amount'], 62400, 'read the order');
$order->acknowledge();
done('acknowledge the order');
$order->updateMerchantReferences(['merchant_reference1' => 'php-2']);
done('change the merchant reference');
$order->updateCustomerDetails(['billing_address' => ['email' => 'new@email.se']]);
done('change the e-mail address');
$capture = $order->createCapture(['captured_amount' => 62400, 'reference' => 'c-1',
    'shipping_info' => [['tracking_number' => 1245, 'shipping_company' => 'Postnord']]]);
done('capture the order');
$capture = located($capture, Capture::class);
equal($capture->fetch()['captured_amount'], 62400, 'read the capture at its Location');
$capture->addShippingInfo(['shipping_info' => [['tracking_number' => '1246']]]);
done('add shipping information');
$capture->triggerSendout();
done('send the capture again');
$refund = $order->refund(['refunded_amount' => 2900]);
done('refund a part');
equal(located($refund, Refund::class)->fetch()['refunded_amount'], 2900, 'read the refund at its Location');
$order->fetch();
equal($order['status'], 'CAPTURED', 'read the captured order');
equal($order['merchant_reference1'], 'php-2', 'see the new merchant reference');
equal(count($order['refunds']), 1, 'see the refund in the order');

$other = new PaymentSessions($connector);
$other->create($cart);
$page = new PageSessions($connector, create_page_session($other->getId())['session_id']);
$page->disable();
equal($page->getSessionStatus()['status'], 'DISABLED', 'disable a page session');

try {
    (new PaymentSessions($connector, 'unknown'))->fetch();
    throw new Exception('an unknown payment session was found');
} catch (ConnectorException $refused) {
    equal($refused->getErrorCode(), 'NOT_FOUND', 'get a typed exception for an unknown payment session');
}
