"""What every adapter needs: Kassa's signatures, one answer for each key, and an HTTP server. Nothing here is PayU's.

Kassa's protocol is described in docs/payment-systems.md, "A payment system of your own".
"""

import base64
import hashlib
import hmac
import http.client
import json
import logging
import re
import sqlite3
import threading
import time
import uuid
import weakref
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

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
        super().__init__(503, message)


class Kassa:
    """Verifies Kassa's requests, gives one answer for each key, and notifies Kassa."""

    def __init__(self, settings):
        self.secrets = signing_secrets(settings, "KASSA_SECRET")
        self.notification_secret = signing_secrets(settings, "KASSA_NOTIFICATION_SECRET")[0]
        self.keys = Keys(settings.get("ADAPTER_DATABASE", "adapter.db"))
        self.payment_locks = weakref.WeakValueDictionary()
        self.payment_locks_lock = threading.Lock()

    def answer(self, operations, headers, body):
        """Answers one request with the operation that it names."""
        verify(headers, body, self.secrets)
        try:
            request = json.loads(body)
            name, payment_id = request["operation"], request["payment"]["id"]
            operation = operations[name]
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

    def notify(self, start_key, payment_reference):
        """Tells Kassa that the payment with this start changed."""
        start = self.keys.find(start_key)
        if not start.get("notify_url"):
            raise Rejected(404, "no payment was started with this key")
        self.keys.store_payment_reference(start_key, payment_reference)
        message = json.dumps({"payment_id": start["payment_id"]}).encode()
        status, _ = send("POST", start["notify_url"], signed(message, self.notification_secret), message, 3)
        if status != 204:
            raise Unclear(f"Kassa answered HTTP {status} to a notification")
        logging.info("payment %s changed: notified Kassa", start["payment_id"])


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
                    notify_url TEXT, payment_reference TEXT, answer TEXT, recorded_at REAL NOT NULL);
                CREATE INDEX IF NOT EXISTS expiring_requests ON requests (recorded_at) WHERE notify_url IS NULL;
                BEGIN EXCLUSIVE; COMMIT;""")
        except sqlite3.OperationalError as error:
            raise SystemExit(f"cannot use the database {path}: {error}. Does another adapter use it?") from error

    def execute(self, statement, *values):
        with self.lock, self.database:
            return self.database.execute(statement, values).fetchone()

    def find(self, key):
        return dict(self.execute("SELECT * FROM requests WHERE key = ?", key) or {})

    def record(self, key, body, payment_id, notify_url):
        """Records the intent before the operation. Returns the answer if the key has one."""
        digest, now = hashlib.sha256(body).hexdigest(), time.time()
        # Only a start has a notify_url. The keys of starts are kept as long as the payments.
        self.execute("DELETE FROM requests WHERE notify_url IS NULL AND recorded_at < ?", now - KEPT_SECONDS)
        self.execute("INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?, NULL, NULL, ?)", key, digest, payment_id,
                     notify_url, now)
        known = self.find(key)
        if known["body_digest"] not in (None, digest):
            raise Rejected(409, "this key belongs to another request")
        return known["answer"] and json.loads(known["answer"])

    def store(self, key, answer):
        """Stores the answer. The first answer of a key is the only one."""
        self.execute("""INSERT INTO requests (key, answer, payment_reference, recorded_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET answer = excluded.answer,
            payment_reference = coalesce(payment_reference, excluded.payment_reference) WHERE answer IS NULL""",
                     key, json.dumps(answer), answer.get("payment_reference"), time.time())

    def store_payment_reference(self, key, payment_reference):
        self.execute("UPDATE requests SET payment_reference = coalesce(payment_reference, ?) WHERE key = ?",
                     payment_reference, key)


class Server(ThreadingHTTPServer):
    """Answers POST requests by the functions in `routes`, which get the headers and the body."""

    request_queue_size = 128

    def __init__(self, settings):
        host, port = settings.get("ADAPTER_LISTEN", "127.0.0.1:8090").rsplit(":", 1)
        super().__init__((host, int(port)), Handler)
        self.url = f"http://{host}:{self.server_port}"

    def serve(self, routes):
        self.routes = routes
        print(f"The adapter answers Kassa at {self.url}/kassa", flush=True)
        self.serve_forever()


class Handler(BaseHTTPRequestHandler):
    timeout = 10  # Closes a connection on which nothing arrives.

    def do_POST(self):
        try:
            length = self.headers.get("content-length", "")
            if self.path not in self.server.routes:
                raise Rejected(404, f"use one of {', '.join(self.server.routes)}")
            if not re.fullmatch("[0-9]{1,9}", length) or int(length) > MAXIMUM_BODY_BYTES:
                raise Rejected(413, "a body needs a Content-Length of 1 MiB or less")
            self.answer(200, self.server.routes[self.path](self.headers, self.rfile.read(int(length))))
        except Rejected as rejected:
            logging.warning("%s: answered %s: %s", self.path, rejected.status, rejected)
            self.answer(rejected.status, {"error": str(rejected)})

    def answer(self, status, body):
        text = json.dumps(body or {}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        try:
            self.end_headers()
            self.wfile.write(text)
        except OSError as error:
            logging.warning("%s: the caller did not wait for the answer: %s", self.path, error)

    def log_message(self, *_):
        """The operations write the log."""


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


def signed(body, key):
    """The headers of Standard Webhooks for the body."""
    message_id, timestamp = str(uuid.uuid4()), str(int(time.time()))
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "content-type": "application/json",
            "webhook-signature": signature(message_id, timestamp, body, key)}


def signature(message_id, timestamp, body, key):
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def verify(headers, body, keys):
    """Accepts the request if its time is right, and if one of its signatures belongs to one of the secrets."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch("[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Rejected(401, "the timestamp is missing, or more than five minutes away")
    right = [signature(message_id, timestamp, body, key).encode() for key in keys]
    given = headers.get("webhook-signature", "").encode().split(b" ")
    if not any([hmac.compare_digest(one, other) for one in right for other in given]):
        raise Rejected(401, "the signature is wrong")


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
