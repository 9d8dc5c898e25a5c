#!/usr/bin/env python3
"""Answers Kassa's four operations with calls of PayU's REST API (v2_1). README.md has the settings."""

import hashlib
import hmac
import json
import logging
import os
import re
import time
from urllib.parse import urlencode

from kassa_adapter import Kassa, Rejected, Server, Unclear, send, setting

# The status of an order at PayU decides the outcome. `hold` is a place_order without `capture`. The columns `capture`
# and `release` apply after the adapter asked PayU to capture or to cancel: only the order proves that PayU did so.
NOT_FOUND = "not found"
COLUMNS = ("read", "hold", "capture", "release")
OUTCOMES = {
    "NEW":                      ("open", "unknown", "unknown", "unknown"),
    "PENDING":                  ("open", "unknown", "unknown", "unknown"),
    "WAITING_FOR_CONFIRMATION": ("authorized", "ordered", "unknown", "unknown"),
    # PayU took the money. A refused release becomes stuck at Kassa, so an operator sees it and refunds the money.
    "COMPLETED":                ("completed", "ordered", "ordered", "refused"),
    # PayU does not say whether the consumer gave up, the bank declined, or the time was over.
    "CANCELED":                 ("declined", "refused", "refused", "released"),
    NOT_FOUND:                  ("gone", "refused", "refused", "released"),
}
# Only these codes, with HTTP 404, mean that PayU has no such order. The second one is the simulator's.
ORDER_NOT_FOUND = ("DATA_NOT_FOUND", "ERROR_ORDER_NOT_EXISTS")
# Only these codes, with HTTP 400, mean that PayU will never open a page for this key. ERROR_ORDER_NOT_UNIQUE follows a
# lost answer: the order exists, but nobody can pay it, because the address of its page was in that answer.
NEVER_STARTED = ("ERROR_SYNTAX", "ERROR_VALUE_INVALID", "ERROR_VALUE_MISSING", "ERROR_ORDER_NOT_UNIQUE",
                 "BUSINESS_ERROR")


class Adapter:
    def __init__(self, settings, public_url):
        self.payu, self.second_key = PayU(settings), setting(settings, "PAYU_SECOND_KEY").encode()
        self.kassa = Kassa(settings)
        self.notify_url = f"{public_url}/payu"

    def answer_kassa(self, headers, body):
        operations = {"start": self.start, "read": self.read, "place_order": self.place_order, "release": self.release}
        return self.kassa.answer(operations, headers, body)

    def start(self, request):
        """Creates an order. If the answer is lost, Kassa repeats the key, and PayU refuses a second order with it."""
        payment, consumer = request["payment"], request["start"]["consumer"]
        amount, description = str(payment["amount"]), f"Order {payment['merchant_reference1'] or payment['id']}"
        order = {"extOrderId": request["key"], "merchantPosId": self.payu.pos_id,
                 "customerIp": consumer["ip"] or "127.0.0.1",  # PayU requires an address.
                 "totalAmount": amount, "currencyCode": payment["currency"], "description": description,
                 "products": [{"name": description, "unitPrice": amount, "quantity": "1"}],
                 "continueUrl": request["start"]["return_url"], "notifyUrl": self.notify_url}
        if consumer["email"]:
            order["buyer"] = {"email": consumer["email"]}
        status, answer = self.payu.call("POST", "/orders", order)
        code = status_code(answer)
        if status == 400 and code in NEVER_STARTED:
            return {"outcome": "refused", "reason": f"PayU refused to create the order: {code}"}
        order_id, redirect_url = answer.get("orderId"), answer.get("redirectUri")
        if status in (200, 201, 302) and code == "SUCCESS" and is_id(order_id) and isinstance(redirect_url, str):
            return {"outcome": "started", "payment_reference": order_id, "redirect_url": redirect_url}
        raise Unclear(f"PayU answered HTTP {status}, {code} to a new order")

    def read(self, request):
        """Reads the order. Without an order, nobody knows the page yet, and the start may still be carried out."""
        order_id = self.order_id(request["read"])
        return {"outcome": "open"} if order_id is None else outcome("read", order_id, self.payu.order(order_id))

    def place_order(self, request):
        """Captures the whole order if Kassa asks for it. Without `capture`, the merchant captures at PayU."""
        payment, column = request["payment"], "capture" if request["place_order"]["capture"] else "hold"
        order_id = self.order_id(request["place_order"])
        order = self.payu.order(order_id)
        money = {"totalAmount": str(payment["amount"]), "currencyCode": payment["currency"]}
        if order["status"] != NOT_FOUND and any(order.get(name) != value for name, value in money.items()):
            return {"outcome": "refused", "reason": "the order at PayU has another amount or currency"}
        if column == "capture" and order["status"] == "WAITING_FOR_CONFIRMATION":
            self.payu.call("POST", f"/orders/{order_id}/captures")
            order = self.payu.order(order_id)
        return outcome(column, order_id, order)

    def release(self, request):
        """Cancels the order unless it is final. If the start has no order, the adapter refuses it when it arrives."""
        order_id = self.order_id(request["release"])
        if order_id is None:
            self.kassa.keys.store(request["release"]["start_key"], {"outcome": "refused", "reason": "released before"})
            return {"outcome": "released"}
        order = self.payu.order(order_id)
        if OUTCOMES[order["status"]][COLUMNS.index("release")] == "unknown":
            self.payu.call("DELETE", f"/orders/{order_id}")
            order = self.payu.order(order_id)
        return outcome("release", order_id, order)

    def order_id(self, named):
        """The order that Kassa names, or the one that its start created; None if PayU's answer was lost."""
        order_id = named.get("authorization") or named.get("payment_reference")
        if order_id is None:
            return self.kassa.keys.find(named["start_key"]).get("payment_reference")
        if not is_id(order_id):
            raise ValueError("this is not the id of an order at PayU")
        return order_id

    def answer_payu(self, headers, body):
        """Tells Kassa that a payment changed. PayU repeats its notification for three days until it gets a 200."""
        verify_payu(headers, body, self.second_key)
        try:
            notification = json.loads(body)
            order = notification.get("order", notification)  # A notification of a refund has the two ids at the top.
            key, order_id = order["extOrderId"], order["orderId"]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Rejected(400, "the notification cannot be read") from error
        if not isinstance(key, str) or not is_id(order_id):
            raise Rejected(400, "the notification names no order")
        self.kassa.notify(key, order_id)


def outcome(column, order_id, order):
    """The row and the column of the table, with the fields that belong to the outcome."""
    status = order["status"]
    name, reason = OUTCOMES[status][COLUMNS.index(column)], f"order {order_id} at PayU: {status}"
    fields = {"authorized": {"authorization": order_id}, "completed": {"order_id": order_id},
              "ordered": {"order_id": order_id}, "declined": {"reason": reason}, "unknown": {"reason": reason},
              "refused": {"reason": reason, "authorization_is_void": status in ("CANCELED", NOT_FOUND)}}
    return {"outcome": name, **fields.get(name, {})}


class PayU:
    """PayU's REST API, with an access token that is used until shortly before its end."""

    def __init__(self, settings):
        self.url, self.pos_id = setting(settings, "PAYU_BASE_URL").rstrip("/"), setting(settings, "PAYU_POS_ID")
        self.client = {"grant_type": "client_credentials", "client_id": setting(settings, "PAYU_CLIENT_ID"),
                       "client_secret": setting(settings, "PAYU_CLIENT_SECRET")}
        self.timeout = float(settings.get("PAYU_TIMEOUT_SECONDS", "10"))
        self.token, self.token_until = None, 0

    def order(self, order_id):
        """The order at PayU, or one with the status NOT_FOUND."""
        status, answer = self.call("GET", f"/orders/{order_id}")
        if status == 404 and status_code(answer) in ORDER_NOT_FOUND:
            return {"status": NOT_FOUND}
        try:
            order = answer["orders"][0]
            if status == 200 and order["orderId"] == order_id and order["status"] in OUTCOMES:
                return order
        except (KeyError, IndexError, TypeError):
            pass
        raise Unclear(f"PayU answered HTTP {status}, {status_code(answer)} to a read, and no order in a known status")

    def call(self, method, path, body=None):
        """Returns PayU's HTTP status and answer. A 401 means that PayU did nothing, because the token has ended."""
        for _ in range(2):
            headers = {"authorization": f"Bearer {self.access_token()}", "content-type": "application/json",
                       "accept": "application/json"}
            status, answer = self.exchange(method, "/api/v2_1" + path, headers, body and json.dumps(body).encode())
            if status != 401:
                break
            self.token_until = 0
        if status_code(answer) != "SUCCESS":
            logging.warning("PayU answered HTTP %s, %s to %s %s", status, status_code(answer), method, path)
        return status, answer

    def access_token(self):
        if time.monotonic() >= self.token_until:
            status, answer = self.exchange("POST", "/pl/standard/user/oauth/authorize", {
                "content-type": "application/x-www-form-urlencoded"}, urlencode(self.client).encode())
            if status != 200 or not isinstance(answer.get("access_token"), str):
                raise Unclear(f"PayU answered HTTP {status} instead of an access token")
            self.token = answer["access_token"]
            self.token_until = time.monotonic() + int(answer.get("expires_in") or 0) - 60
        return self.token

    def exchange(self, method, path, headers, body):
        status, text = send(method, self.url + path, headers, body, self.timeout)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Unclear(f"PayU answered HTTP {status} without a JSON object")
        return status, answer


def verify_payu(headers, body, second_key):
    """Accepts the notification if its signature is the hash of the body and PayU's second key."""
    fields = dict(part.split("=", 1) for part in headers.get("openpayu-signature", "").split(";") if "=" in part)
    algorithm = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256, "SHA256": hashlib.sha256}.get(fields.get("algorithm"))
    right = algorithm(body + second_key).hexdigest().encode() if algorithm else b""
    if not right or not hmac.compare_digest(right, fields.get("signature", "").encode()):
        raise Rejected(401, "the signature is wrong")


def status_code(answer):
    status = answer.get("status")
    return status.get("statusCode") if isinstance(status, dict) else None


def is_id(value):
    return isinstance(value, str) and re.fullmatch("[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,199}", value) is not None


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    server = Server(os.environ)
    adapter = Adapter(os.environ, os.environ.get("ADAPTER_PUBLIC_URL", server.url).rstrip("/"))
    server.serve({"/kassa": adapter.answer_kassa, "/payu": adapter.answer_payu})


if __name__ == "__main__":
    main()
