"""Does a whole purchase with a client that APIMatic generated from the vendor's OpenAPI files (2026).

The client sends its credential to Order Management only, because the files declare none for the other calls. Its HTTP
client can be replaced, so a `requests.Session` sends the credential there.
"""

import os

import requests
from klarna.configuration import Configuration, Environment, Server
from klarna.exceptions.api_exception import ApiException
from klarna.http.auth.basic_auth import BasicAuthCredentials
from klarna.klarna_client import KlarnaClient
from klarna.models.capture_object import CaptureObject
from klarna.models.create_order_request import CreateOrderRequest
from klarna.models.distribution_contact_v_1 import DistributionContactV1
from klarna.models.distribution_request_v_1 import DistributionRequestV1
from klarna.models.merchant_urls_v_1 import MerchantUrlsV1
from klarna.models.order_line import OrderLine
from klarna.models.refund_object import RefundObject
from klarna.models.session_create import SessionCreate
from klarna.models.session_creation_request_v_1 import SessionCreationRequestV1
from klarna.models.update_merchant_references import UpdateMerchantReferences

URL = os.environ["KASSA_URL"]
HTTP = requests.Session()
HTTP.auth = USERNAME, PASSWORD = os.environ["KASSA_USERNAME"], os.environ["KASSA_PASSWORD"]
Configuration.environments[Environment.PRODUCTION][Server.DEFAULT] = URL
client = KlarnaClient(http_client_instance=HTTP, basic_auth_credentials=BasicAuthCredentials(USERNAME, PASSWORD))
api = client.client


def done(step):
    print("  ok", step, flush=True)


def equal(found, expected, step):
    assert found == expected, f"{step}: expected {expected!r}, found {found!r}"
    done(step)


def line(name, total, tax):
    return OrderLine(name=name, quantity=1, unit_price=total, total_amount=total, tax_rate=2000, total_tax_amount=tax)


CART = {"order_amount": 62400, "order_tax_amount": 10400, "purchase_country": "SE", "purchase_currency": "SEK",
        "locale": "sv-SE", "order_lines": [line("Running shoe", 59500, 9917), line("Delivery", 2900, 483)]}


def create_page_session():
    payment = api.create_credit_session(SessionCreate(**CART)).body
    return payment, api.create_hpp_session(SessionCreationRequestV1(
        payment_session_url=f"{URL}/payments/v1/sessions/{payment.session_id}",
        merchant_urls=MerchantUrlsV1(success="https://shop.example/thanks?token={{authorization_token}}"))).body


payment, page = create_page_session()
equal(page.redirect_url.startswith(URL), True, "create a payment session and a page session")
equal(api.read_credit_session(payment.session_id).body.status, "incomplete", "read the payment session")
equal(api.get_session_by_id(page.session_id).body.status, "WAITING", "read the page session")
api.distribute_hpp_session(page.session_id, DistributionRequestV1(
    contact_information=DistributionContactV1(email="customer@email.se"), method="email"))
done("send the link by e-mail")
for action in ("enter", "approve"):
    HTTP.post(f"{URL}/lab/v1/sessions/{page.session_id}/{action}").raise_for_status()
    done(f"consumer: {action}")
completed = api.get_session_by_id(page.session_id).body
equal(completed.status, "COMPLETED", "read the completed page session")

placed = api.create_order(completed.authorization_token, CreateOrderRequest(**CART)).body
equal(placed.fraud_status, "ACCEPTED", "place the order")
order = placed.order_id
equal(client.orders.get_order(order).body.remaining_authorized_amount, 62400, "read the order")
client.orders.acknowledge_order(order, klarna_idempotency_key="acknowledge-1")
done("acknowledge the order")
client.orders.update_merchant_references(order, UpdateMerchantReferences(merchant_reference_1="apimatic"))
done("change the merchant reference")
captured = client.captures.capture_order(order, CaptureObject(captured_amount=62400))
capture = captured.headers["Capture-Id"]
equal(client.captures.get_capture(order, capture).body.captured_amount, 62400, "capture the order, read the capture")
equal(len(client.captures.get_captures(order).body), 1, "list the captures")
client.captures.trigger_send_out(order, capture)
done("send the capture again")
refunded = client.refunds.refund_order(order, RefundObject(refunded_amount=2900))
equal(client.refunds.get(order, refunded.headers["Refund-Id"]).body.refunded_amount, 2900, "refund a part, read it")
read = client.orders.get_order(order).body
equal((read.status, read.refunded_amount), ("CAPTURED", 2900), "read the captured order")

_, other = create_page_session()
api.disable_hpp_session(other.session_id)
equal(api.get_session_by_id(other.session_id).body.status, "DISABLED", "disable a page session")
try:
    api.get_session_by_id("unknown")
    raise AssertionError("an unknown page session was found")
except ApiException as refused:
    equal(refused.response_code, 404, "get a typed exception for an unknown page session")
