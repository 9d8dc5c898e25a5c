#!/usr/bin/env python3
"""Answers Kassa's four operations with calls of PayU's REST API (v2_1).

Kassa's protocol is described in docs/payment-systems.md, "A payment system of your own". README.md has the settings.
"""

import base64
import hashlib
import hmac
import http.client
import json
import logging
import os
import re
import sqlite3
import threading
import time
import uuid
import weakref
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

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
TOLERANCE_SECONDS = 5 * 60
KEPT_SECONDS = 30 * 24 * 3600
MAXIMUM_BODY_BYTES = 1024 * 1024


class Rejected(Exception):
    """The caller gets this HTTP status and message."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Unclear(Rejected):
    """There was no answer, or none that the adapter understands. The request may have had its effect."""

    def __init__(self, message):
        super().__init__(502, message)


class Adapter:
    def __init__(self, settings):
        self.kassa_secrets = signing_secrets(settings, "KASSA_SECRET")
        self.notification_secret = signing_secrets(settings, "KASSA_NOTIFICATION_SECRET")[0]
        self.second_key = setting(settings, "PAYU_SECOND_KEY").encode()
        self.payu = PayU(settings)
        self.keys = Keys(settings.get("ADAPTER_DATABASE", "payu-adapter.db"))
        self.public_url = settings.get("ADAPTER_PUBLIC_URL")
        self.payment_locks = weakref.WeakValueDictionary()
        self.payment_locks_lock = threading.Lock()

    def answer_kassa(self, headers, body):
        """Answers one request of Kassa."""
        verify_kassa(headers, body, self.kassa_secrets)
        try:
            request = json.loads(body)
            name, payment_id = request["operation"], request["payment"]["id"]
            operation = {"start": self.start, "read": self.read, "place_order": self.place_order,
                         "release": self.release}[name]
            answer = operation(request) if name == "read" else self.answer_once(operation, request, body)
        except (ValueError, TypeError, KeyError) as error:
            logging.exception("cannot read the request")
            raise Rejected(400, f"the request cannot be read: {error!r}") from error
        except Unclear as unclear:
            logging.warning("%s of payment %s: outcome unknown, Kassa asks again: %s", name, payment_id, unclear)
            if name in ("start", "read"):
                raise
            answer = {"outcome": "unknown", "reason": str(unclear)}
        logging.info("%s of payment %s: %s", name, payment_id, answer["outcome"])
        return answer

    def answer_once(self, operation, request, body):
        """Gives the same answer for the same key. The lock makes a second request for the payment wait."""
        payment_id = request["payment"]["id"]
        with self.payment_locks_lock:
            lock = self.payment_locks.setdefault(payment_id, threading.Lock())
        with lock:
            answer = self.keys.record(request["key"], body, payment_id, request.get("start", {}).get("notify_url"))
            if answer is None:
                answer = operation(request)
                if answer["outcome"] != "unknown":
                    self.keys.store(request["key"], answer)
        return answer

    def start(self, request):
        """Creates an order. If the answer is lost, Kassa repeats the key, and PayU refuses a second order with it."""
        payment = request["payment"]
        amount, description = str(payment["amount"]), f"Order {payment.get('merchant_reference1') or payment['id']}"
        status, answer = self.payu.call("POST", "/orders", {
            "extOrderId": request["key"], "merchantPosId": self.payu.pos_id, "customerIp": "127.0.0.1",
            "totalAmount": amount, "currencyCode": payment["currency"], "description": description,
            "products": [{"name": description, "unitPrice": amount, "quantity": "1"}],
            "continueUrl": request["start"]["return_url"], "notifyUrl": f"{self.public_url}/payu"})
        code = status_code(answer)
        if status == 400 and code in NEVER_STARTED:
            return {"outcome": "refused", "reason": f"PayU refused to create the order: {code}"}
        order_id, redirect_url = answer.get("orderId"), answer.get("redirectUri")
        if status in (200, 201, 302) and code == "SUCCESS" and is_id(order_id) and isinstance(redirect_url, str):
            return {"outcome": "started", "payment_reference": order_id, "redirect_url": redirect_url}
        raise Unclear(f"PayU answered HTTP {status}, {code} to a new order")

    def read(self, request):
        """Reads the order. Without an order id, no consumer knows the page yet, and Kassa's start decides."""
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
        """Cancels the order unless it is final. A start that is still on its way to the adapter is refused."""
        order_id = self.order_id(request["release"])
        if order_id is None:
            self.keys.store(request["release"]["start_key"], {"outcome": "refused", "reason": "released before"})
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
            return self.keys.find(named["start_key"]).get("order_id")
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
        start = self.keys.find(key)
        if not start.get("notify_url") or not is_id(order_id):
            raise Rejected(404, "no payment was started with this extOrderId")
        self.keys.store_order_id(key, order_id)
        message = json.dumps({"payment_id": start["payment_id"]}).encode()
        status, _ = send("POST", start["notify_url"], sign(message, self.notification_secret), message, 3)
        if status != 204:
            raise Rejected(502, f"Kassa answered {status}")
        logging.info("payment %s changed: told Kassa", start["payment_id"])


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


class Keys:
    """The requests of Kassa and their answers, by key. One process uses the database, because the locks are in it."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.database = sqlite3.connect(path, timeout=0, check_same_thread=False)
        self.database.row_factory = sqlite3.Row
        try:
            self.database.executescript("""
                PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL;
                CREATE TABLE IF NOT EXISTS requests (key TEXT PRIMARY KEY, body_digest TEXT, payment_id TEXT,
                    notify_url TEXT, order_id TEXT, answer TEXT, recorded_at REAL NOT NULL);
                CREATE INDEX IF NOT EXISTS requests_recorded_at ON requests (recorded_at);
                BEGIN EXCLUSIVE; COMMIT;""")
        except sqlite3.OperationalError as error:
            raise SystemExit(f"cannot use the database {path}: {error}. Does another adapter use it?") from error

    def execute(self, statement, *values):
        with self.lock, self.database:
            return self.database.execute(statement, values).fetchone()

    def find(self, key):
        return dict(self.execute("SELECT * FROM requests WHERE key = ?", key) or {})

    def record(self, key, body, payment_id, notify_url):
        """Records the intent before PayU is called. Returns the answer if the key has one."""
        digest, now = hashlib.sha256(body).hexdigest(), time.time()
        self.execute("DELETE FROM requests WHERE recorded_at < ?", now - KEPT_SECONDS)
        self.execute("INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?, NULL, NULL, ?)", key, digest, payment_id,
                     notify_url, now)
        known = self.find(key)
        if known["body_digest"] not in (None, digest):
            raise Rejected(409, "this key belongs to another request")
        return known["answer"] and json.loads(known["answer"])

    def store(self, key, answer):
        """Stores the answer. The first answer of a key is the only one."""
        self.execute("""INSERT INTO requests (key, answer, order_id, recorded_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET answer = excluded.answer,
            order_id = coalesce(order_id, excluded.order_id) WHERE answer IS NULL""",
                     key, json.dumps(answer), answer.get("payment_reference"), time.time())

    def store_order_id(self, key, order_id):
        self.execute("UPDATE requests SET order_id = coalesce(order_id, ?) WHERE key = ?", order_id, key)


def send(method, url, headers, body, timeout):
    """Sends one request, and returns the status and the body of the answer. Redirects are not followed."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(parts.netloc, timeout=timeout)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unclear(f"no answer from {parts.netloc}: {type(error).__name__}") from error
    finally:
        connection.close()


def sign(body, key):
    """The headers of Standard Webhooks, for the body."""
    message_id, timestamp = str(uuid.uuid4()), str(int(time.time()))
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "content-type": "application/json",
            "webhook-signature": signature(message_id, timestamp, body, key)}


def signature(message_id, timestamp, body, key):
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def verify_kassa(headers, body, keys):
    """Accepts the request if its time is right, and if one of its signatures belongs to one of the secrets."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch("[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Rejected(401, "the timestamp is missing, or more than five minutes away")
    right = [signature(message_id, timestamp, body, key).encode() for key in keys]
    given = headers.get("webhook-signature", "").encode().split(b" ")
    if not any([hmac.compare_digest(one, other) for one in right for other in given]):
        raise Rejected(401, "the signature is wrong")


def verify_payu(headers, body, second_key):
    """Accepts the notification if it ends with PayU's second key, hashed. A notification only leads to a read."""
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


def setting(settings, name):
    """The value of the variable, or the text of the file that NAME_FILE names."""
    if f"{name}_FILE" in settings:
        with open(settings[f"{name}_FILE"], encoding="utf-8") as file:
            return file.read().strip()
    if name not in settings:
        raise SystemExit(f"set {name}, or {name}_FILE to the path of a file; README.md lists the settings")
    return settings[name]


def signing_secrets(settings, name):
    """One secret in each line, `whsec_` and base64. There are two lines during a rotation."""
    try:
        lines = setting(settings, name).split()
        keys = [base64.b64decode(line.removeprefix("whsec_"), validate=True) for line in lines]
    except ValueError:
        keys = []
    if not keys or not all(keys):
        raise SystemExit(f"{name} is not a secret of Kassa: whsec_ and base64")
    return keys


class Server(ThreadingHTTPServer):
    request_queue_size = 128


class Handler(BaseHTTPRequestHandler):
    timeout = 10  # Closes a connection on which nothing arrives.

    def do_POST(self):
        adapter = self.server.adapter
        try:
            route = {"/kassa": adapter.answer_kassa, "/payu": adapter.answer_payu}.get(self.path)
            length = self.headers.get("content-length", "")
            if route is None:
                raise Rejected(404, "use /kassa or /payu")
            if not re.fullmatch("[0-9]{1,9}", length) or int(length) > MAXIMUM_BODY_BYTES:
                raise Rejected(413, "a body needs a Content-Length of 1 MiB or less")
            self.answer(200, route(self.headers, self.rfile.read(int(length))))
        except Rejected as rejected:
            logging.warning("%s: answered %s: %s", self.path, rejected.status, rejected)
            self.answer(rejected.status, {"error": str(rejected)})

    def answer(self, status, body):
        text = json.dumps(body or {}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """The operations write the log."""


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    adapter = Adapter(os.environ)
    host, port = os.environ.get("ADAPTER_LISTEN", "127.0.0.1:8090").rsplit(":", 1)
    server = Server((host, int(port)), Handler)
    server.adapter = adapter
    url = f"http://{host}:{server.server_port}"
    adapter.public_url = adapter.public_url or url
    print(f"The adapter answers Kassa at {url}/kassa", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
