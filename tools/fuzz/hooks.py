"""Hooks of Schemathesis: calls reach real objects, and no call waits for a minute.

The environment gives KASSA_URL, KASSA_USERNAME and KASSA_PASSWORD. If KASSA_HAS_SANDBOX is set, the hooks create page
sessions, authorizations, orders, captures and refunds. Most calls get one of them; the others keep the id that was made
up, which belongs to nothing.
"""

import base64
import json
import os
import random
import urllib.request

import schemathesis

URL = os.environ["KASSA_URL"]
LOGIN = base64.b64encode(f"{os.environ['KASSA_USERNAME']}:{os.environ['KASSA_PASSWORD']}".encode()).decode()
CART = {
    "purchase_country": "SE",
    "purchase_currency": "SEK",
    "order_amount": 1000,
    "order_lines": [{"name": "Sock", "quantity": 1, "unit_price": 1000, "total_amount": 1000}],
}
choice = random.Random(7)


def call(method, path, body=None):
    """The JSON and the headers of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, method=method)
    request.add_header("Authorization", f"Basic {LOGIN}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return (json.loads(text) if text else None), answer.headers


def payment_session():
    return call("POST", "/payments/v1/sessions", CART | {"intent": "buy_and_tokenize"})[0]["session_id"]


def authorization():
    path = f"/lab/v1/payment-sessions/{payment_session()}/approve"
    return call("POST", path)[0]["authorization_token"]


def page_session():
    body = {"payment_session_url": f"{URL}/payments/v1/sessions/{payment_session()}"}
    session = call("POST", "/hpp/v1/sessions", body)[0]["session_id"]
    call("POST", f"/lab/v1/sessions/{session}/enter")
    return session


def captured_order():
    """An order with a capture and a refund, by the names of their parameters."""
    order = call("POST", f"/payments/v1/authorizations/{authorization()}/order", CART)[0]["order_id"]
    path = f"/ordermanagement/v1/orders/{order}"
    capture = call("POST", f"{path}/captures", {"captured_amount": 500})[1]["Capture-Id"]
    refund = call("POST", f"{path}/refunds", {"refunded_amount": 100})[1]["Refund-Id"]
    return {"order_id": order, "capture_id": capture, "refund_id": refund}


def customer_token():
    body = {"description": "Box", "intended_use": "SUBSCRIPTION"}
    return call("POST", f"/payments/v1/authorizations/{authorization()}/customer-token", body)[0]["token_id"]


def parameters(path):
    """The parameters of a path that lead to something new."""
    if "{order_id}" in path:
        return captured_order()
    if path.startswith("/customer-token"):
        return {"token": customer_token()}
    if "/authorizations/{token}" in path:
        return {"token": authorization()}
    if path.startswith(("/payments", "/lab/v1/payment-sessions")):
        return {"session_id": payment_session()}
    if "{event_id}" in path:
        page_session()
        return {"event_id": call("GET", "/kassa/v1/events")[0]["events"][-1]["event_id"]}
    if "{session_id}" in path:
        return {"session_id": page_session()}
    return {}


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.query and "wait" in case.query:
        case.query["wait"] = "0"
    if case.headers and "Prefer" in case.headers:
        case.headers["Prefer"] = "wait=0"
    if os.environ.get("KASSA_HAS_SANDBOX") and case.path_parameters and choice.random() < 0.75:
        known = parameters(case.operation.path)
        case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
