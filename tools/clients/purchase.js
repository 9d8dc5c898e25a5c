// Manages an order with `@crystallize/node-klarna` (npm), a client of Order Management and customer tokens.
// It has no payment sessions and no page sessions, so plain HTTP places the order.
//
// The client is configured through Node's global agent. It knows a host only, and always calls it with https at the
// usual port, so `defaultPort` sends it to Kassa's port. It writes a body after each GET without saying how long it is,
// so a connection cannot be used twice.

const assert = require('node:assert');
const https = require('node:https');
const { Klarna } = require(`${process.env.KLARNA_NODE}/node_modules/@crystallize/node-klarna`);

const { KASSA_URL, KASSA_USERNAME, KASSA_PASSWORD } = process.env;
const { hostname, port } = new URL(KASSA_URL);
https.globalAgent = new https.Agent({ keepAlive: false });
https.globalAgent.defaultPort = Number(port);
const authorization = `Basic ${Buffer.from(`${KASSA_USERNAME}:${KASSA_PASSWORD}`).toString('base64')}`;

const done = (step) => console.log('  ok', step);

function equal(found, expected, step) {
  assert.deepStrictEqual(found, expected, `${step}: ${JSON.stringify(found)}`);
  done(step);
}

async function plain(method, path, body) {
  const headers = { authorization, 'content-type': 'application/json' };
  const answer = await fetch(KASSA_URL + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

const line = (name, total, tax) => ({
  name, quantity: 1, unit_price: total, tax_rate: 2000, total_amount: total, total_tax_amount: tax,
});
const cart = {
  purchase_country: 'SE', purchase_currency: 'SEK', locale: 'sv-SE', order_amount: 62400, order_tax_amount: 10400,
  order_lines: [line('Running shoe', 59500, 9917), line('Delivery', 2900, 483)],
};

async function authorized(intent) {
  const payment = await plain('POST', '/payments/v1/sessions', { ...cart, intent });
  const payment_session_url = `${KASSA_URL}/payments/v1/sessions/${payment.session_id}`;
  const page = await plain('POST', '/hpp/v1/sessions', { payment_session_url });
  await plain('POST', `/lab/v1/sessions/${page.session_id}/enter`);
  return (await plain('POST', `/lab/v1/sessions/${page.session_id}/approve`)).authorization_token;
}

async function ordered() {
  const token = await authorized('buy');
  return (await plain('POST', `/payments/v1/authorizations/${token}/order`, cart)).order_id;
}

async function main() {
  const klarna = new Klarna({ username: KASSA_USERNAME, password: KASSA_PASSWORD, apiEndpoint: hostname });
  const { orders, captures, refunds } = klarna.orderManagementV1;

  const id = await ordered();
  done('place an order, with plain HTTP');
  equal((await orders.getOrder(id)).response.status, 'AUTHORIZED', 'read the order');
  equal((await orders.acknowledge(id)).statusCode, 204, 'acknowledge the order');
  const references = { merchant_reference1: 'node', merchant_reference2: 16 };
  equal((await orders.updateMerchantReference(id, references)).statusCode, 204, 'change the merchant references');
  const part = { captured_amount: 59500, order_lines: [cart.order_lines[0]], shipping_delay: 0 };
  equal((await captures.capture(id, part)).statusCode, 201, 'capture a part');
  equal((await orders.releaseRemainingAuthorization(id)).statusCode, 204, 'release the rest');
  const refund = { refunded_amount: 59500, order_lines: [{ ...cart.order_lines[0], tax_rate: 1960.0000000000002 }] };
  equal((await refunds.create(id, refund)).statusCode, 201, 'refund the captured part');
  const { status, refunded_amount } = (await orders.getOrder(id)).response;
  equal({ status, refunded_amount }, { status: 'CAPTURED', refunded_amount: 59500 }, 'read the captured order');

  const other = await ordered();
  equal((await orders.cancel(other)).statusCode, 204, 'cancel another order');
  const refused = await captures.capture(other, { captured_amount: 1 });
  equal([refused.statusCode, refused.error.error_code], [403, 'CAPTURE_NOT_ALLOWED'], 'capture a cancelled order');

  const authorization = await authorized('buy_and_tokenize');
  const wanted = { ...cart, description: 'Shoes', intended_use: 'SUBSCRIPTION' };
  const { token_id } = await plain('POST', `/payments/v1/authorizations/${authorization}/customer-token`, wanted);
  const charged = await klarna.customerTokenV1.order(token_id, cart);
  equal([charged.statusCode, charged.response?.fraud_status], [200, 'ACCEPTED'], 'charge a customer token');
  const checkout = await klarna.checkoutV3.createOrder(cart);
  equal(checkout.statusCode, 404, 'learn that Kassa has no Checkout');
  console.log('    ', JSON.stringify(checkout.error.error_messages));
}

main().catch((fault) => {
  console.error(fault);
  process.exit(1);
});
