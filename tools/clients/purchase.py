"""Does a purchase with `klarna-orders` (PyPI), a generated client of Klarna Payments.

It has no page sessions and no Order Management, so plain HTTP does these two parts.
"""

import base64
import os

import klarna
import requests
from klarna.models import operations, shared

URL, USERNAME, PASSWORD = (os.environ[f"KASSA_{name}"] for name in ("URL", "USERNAME", "PASSWORD"))
PLAIN = requests.Session()
PLAIN.auth = (USERNAME, PASSWORD)


def done(step):
    print("  ok", step, flush=True)


def equal(found, expected, step):
    assert found == expected, f"{step}: expected {expected!r}, found {found!r}"
    done(step)


def lines():
    return [
        shared.OrderLine(name="Running shoe", quantity=1, unit_price=59500, total_amount=59500, tax_rate=2000,
                         total_tax_amount=9917),
        shared.OrderLine(name="Delivery", quantity=1, unit_price=2900, total_amount=2900, tax_rate=2000,
                         total_tax_amount=483),
    ]


CART = {"order_amount": 62400, "order_tax_amount": 10400, "purchase_country": "SE", "purchase_currency": "SEK",
        "locale": "sv-SE", "order_lines": lines()}

credential = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
client = klarna.Klarna(security=shared.Security(api_key_auth=f"Basic {credential}"), server_url=URL)


def create_payment_session():
    answer = client.sessions.create(shared.SessionCreateInput(**CART))
    assert answer.status_code == 200, answer.raw_response.text
    return answer.merchant_session


def pay(payment):
    """The page session and the consumer, with plain HTTP."""
    created = PLAIN.post(f"{URL}/hpp/v1/sessions",
                         json={"payment_session_url": f"{URL}/payments/v1/sessions/{payment}"}).json()
    for action in ("enter", "approve"):
        PLAIN.post(f"{URL}/lab/v1/sessions/{created['session_id']}/{action}").raise_for_status()
    return PLAIN.get(created["session_url"]).json()["authorization_token"]


session = create_payment_session()
equal(len(session.payment_method_categories) > 0, True, "create a payment session")
read = client.sessions.read(operations.ReadCreditSessionRequest(session_id=session.session_id))
equal(read.session_read.status.value, "incomplete", "read the payment session")
update = operations.UpdateCreditSessionRequest(
    session_id=session.session_id, session_input=shared.SessionInput(**CART, merchant_reference1="python"))
equal(client.sessions.update(update).status_code, 204, "update the payment session")
token = pay(session.session_id)
done("page session and consumer, with plain HTTP")

request = operations.CreateOrderRequest(
    authorization_token=token,
    create_order_request_input=shared.CreateOrderRequestInput(**CART, merchant_reference1="python"))
placed = client.orders.create(request)
equal(placed.status_code, 200, "place the order")
equal(placed.order.fraud_status, "ACCEPTED", "read the fraud status")
again = client.orders.create(request)
equal(again.order.order_id, placed.order.order_id, "place the same order again")

released = client.authorizations.cancel(
    operations.CancelAuthorizationRequest(authorization_token=pay(create_payment_session().session_id)))
equal(released.status_code, 204, "release an authorization")

unknown = client.sessions.read(operations.ReadCreditSessionRequest(session_id="unknown"))
equal(unknown.status_code, 404, "read an unknown payment session")
