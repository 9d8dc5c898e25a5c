"""Tests the adapter: against the public simulator of PayU, and against a PayU that fails.

    PAYU_SIMULATOR_PYTHON=$(./prepare-simulator /tmp/payu-simulator) python3 -m unittest -v

Without PAYU_SIMULATOR_PYTHON, the tests that need the simulator are skipped.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import queue
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

import kassa_adapter

HERE = Path(__file__).resolve().parent
SIMULATOR_PYTHON = os.environ.get("PAYU_SIMULATOR_PYTHON")
PATIENCE_SECONDS = 60
SECRET, OLD_SECRET, NOTIFICATION_SECRET = (
    "whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))
SECOND_KEY = "b6ca15b0d1020e8094d9b5f8d163db54"  # The simulator's default, which is the one of PayU's public sandbox.
CLIENT_SECRET = "client-secret-of-the-test"


def sign(body, message_id, secret=SECRET, age=0, timestamp=None):
    timestamp = timestamp or str(int(time.time()) - age)
    key = base64.b64decode(secret[len("whsec_"):])
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "content-type": "application/json",
            "webhook-signature": "v1," + base64.b64encode(digest).decode()}


def call(method, url, body=None, headers=None):
    """Makes one call, without following redirects. Returns the status, the headers and the body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, parts.path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


class Process:
    """A server that prints a line with its URL when it accepts requests."""

    def __init__(self, command, environment=None):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, text=True,
                                        stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        self.url = found and found.group()
        if not found:
            self.process.wait(PATIENCE_SECONDS)
            logged = self.logged()
            self.stop()
            raise AssertionError(f"{command} did not start: {line}{logged}")

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()
        self.log.close()


class Server:
    """An HTTP server within the test. `answer` gets the method, the path, the headers and the body."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                answered = answer(self.command, self.path, self.headers, body)
                if answered is None:
                    return  # Closes the connection without an answer.
                self.send_response(answered[0])
                self.send_header("content-length", str(len(answered[1])))
                if answered[0] == 302:
                    self.send_header("location", "/followed")
                self.end_headers()
                self.wfile.write(answered[1])

            do_GET = do_POST = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class AdapterTest(unittest.TestCase):
    """Starts one adapter for each test, and plays Kassa."""

    def start_adapter(self, payu_url, **changes):
        self.environment = {
            "KASSA_SECRET": SECRET, "KASSA_NOTIFICATION_SECRET": NOTIFICATION_SECRET, "PAYU_BASE_URL": payu_url,
            "PAYU_CLIENT_ID": "300746", "PAYU_CLIENT_SECRET": CLIENT_SECRET, "PAYU_POS_ID": "300746",
            "PAYU_SECOND_KEY": SECOND_KEY, "ADAPTER_LISTEN": "127.0.0.1:0",
            "ADAPTER_DATABASE": str(Path(self.folder) / "keys.db"), **changes}
        self.adapter = Process([sys.executable, str(HERE / "payu_adapter.py")], self.environment)
        self.addCleanup(lambda: self.adapter.process.poll() is None and self.adapter.stop())

    def restart_adapter(self):
        self.adapter.stop(signal.SIGKILL)
        self.adapter = Process([sys.executable, str(HERE / "payu_adapter.py")], self.environment)

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.notifications, self.kassa_status = queue.Queue(), 204
        self.kassa = Server(self.receive_notification)
        self.addCleanup(self.kassa.stop)

    def receive_notification(self, _method, path, headers, body):
        self.notifications.put((path, headers, body))
        return self.kassa_status, b""

    def send(self, request, message_id=None, **signing):
        """Sends one request, as Kassa does. Returns the status and the answer."""
        body = json.dumps(request).encode()
        message_id = message_id or request.get("key") or str(uuid.uuid4())
        status, _, answer = call("POST", self.adapter.url, body, sign(body, message_id, **signing))
        return status, json.loads(answer)

    def ask(self, request):
        """Sends one request to which the adapter must answer 200. Returns the answer."""
        status, answer = self.send(request)
        self.assertEqual(200, status, answer)
        return answer

    def start_request(self, ip="198.51.100.7", email="consumer@example.com", **changes):
        payment = {"id": str(uuid.uuid4()), "merchant_id": "PK12345", "amount": 12000, "currency": "PLN",
                   "country": "PL", "locale": "pl-PL", "merchant_reference1": "A-1001", "merchant_reference2": None,
                   "lines": [{"type": "physical", "name": "Trousers", "quantity": 1, "unit_price": 12000,
                              "total_amount": 12000}], **changes}
        return {"operation": "start", "key": str(uuid.uuid4()), "payment": payment,
                "start": {"category": "pay_now", "consumer": {"ip": ip, "email": email},
                          "return_url": "https://checkout.example/pay/TOKEN/returned",
                          "notify_url": f"{self.kassa.url}/kassa/v1/payment-notifications"}}

    def read_request(self, start, reference):
        return {"operation": "read", "payment": short(start),
                "read": {"start_key": start["key"], "payment_reference": reference}}

    def place_order_request(self, start, authorization, capture=True, **changes):
        return {"operation": "place_order", "key": str(uuid.uuid4()), "payment": {**start["payment"], **changes},
                "place_order": {"authorization": authorization, "capture": capture}}

    def release_request(self, start, **named):
        return {"operation": "release", "key": str(uuid.uuid4()), "payment": short(start), "release": named}

    def assert_no_secret_is_logged(self):
        log = self.adapter.logged()
        for secret in (SECRET, NOTIFICATION_SECRET, CLIENT_SECRET, SECOND_KEY):
            self.assertNotIn(secret, log)
            self.assertNotIn(secret.replace("whsec_", ""), log)


def short(start):
    return {name: start["payment"][name] for name in ("id", "merchant_id")}


@unittest.skipUnless(SIMULATOR_PYTHON, "needs PAYU_SIMULATOR_PYTHON, a Python with requirements.txt installed")
class WithTheSimulator(AdapterTest):
    @classmethod
    def setUpClass(cls):
        cls.simulator = Process([SIMULATOR_PYTHON, str(HERE / "simulator.py"), "--port", "0"])
        cls.addClassCleanup(cls.simulator.stop)
        cls.consumer_url = cls.simulator.url.replace("/payu", "/sim/payu")

    def setUp(self):
        super().setUp()
        self.start_adapter(self.simulator.url)

    def tearDown(self):
        self.assert_no_secret_is_logged()

    def started(self, **changes):
        start = self.start_request(**changes)
        answer = self.ask(start)
        self.assertEqual("started", answer["outcome"])
        self.assertTrue(answer["redirect_url"].startswith(self.consumer_url))
        return start, answer["payment_reference"]

    def authorized(self, **changes):
        start, reference = self.started(**changes)
        self.consumer(reference, "hold")
        return start, reference, self.read(start, reference)["authorization"]

    def read(self, start, reference):
        return self.ask(self.read_request(start, reference))

    def consumer(self, reference, action):
        """The consumer acts on PayU's page, which sends the browser back to Kassa and notifies the adapter."""
        if action == "hold":
            answer = call("POST", f"{self.consumer_url}/hold/{reference}")
        else:
            answer = call("POST", f"{self.consumer_url}/authorize/{reference}", f"action={action}",
                          {"content-type": "application/x-www-form-urlencoded"})
        self.assertEqual((302, "https://checkout.example/pay/TOKEN/returned"), (answer[0], answer[1]["location"]))

    def payu(self, method, path):
        """Calls PayU past the adapter, as the merchant's own software does."""
        token = json.loads(call("POST", f"{self.simulator.url}/pl/standard/user/oauth/authorize", "client_id=1")[2])
        headers = {"authorization": f"Bearer {token['access_token']}", "content-type": "application/json"}
        return json.loads(call(method, f"{self.simulator.url}/api/v2_1/orders/{path}", None, headers)[2])

    def status_at_payu(self, reference):
        return self.payu("GET", reference)["orders"][0]["status"]

    def orders_at_payu(self):
        return set(re.findall("/sim/payu/authorize/([0-9a-f]+)",
                              call("GET", self.simulator.url.replace("/payu", "/sim/"))[2].decode()))

    def test_a_start_creates_an_order_with_the_amount_and_the_key(self):
        start, reference = self.started(amount=9999)
        order = self.payu("GET", reference)["orders"][0]
        self.assertEqual((start["key"], "9999", "PLN", "Order A-1001"),
                         (order["extOrderId"], order["totalAmount"], order["currencyCode"], order["description"]))
        self.assertEqual({"outcome": "open"}, self.read(start, reference))

    def test_a_start_names_the_consumer(self):
        for ip, email, expected in (("198.51.100.7", "consumer@example.com", ("198.51.100.7", "consumer@example.com")),
                                    ("2001:db8::7", None, ("2001:db8::7", None)), (None, None, ("127.0.0.1", None))):
            with self.subTest(ip=ip, email=email):
                order = self.payu("GET", self.started(ip=ip, email=email)[1])["orders"][0]
                self.assertEqual(expected, (order["customerIp"], order.get("buyer", {}).get("email")))

    def test_unknown_fields_are_ignored(self):
        def extended(value):
            if isinstance(value, dict):
                return {**{name: extended(part) for name, part in value.items()}, "new_field": {"of": "tomorrow"}}
            return [extended(part) for part in value] if isinstance(value, list) else value

        start = extended(self.start_request())
        reference = self.ask(start)["payment_reference"]
        self.consumer(reference, "hold")
        authorization = self.ask(extended(self.read_request(start, reference)))["authorization"]
        self.assertEqual("ordered", self.ask(extended(self.place_order_request(start, authorization)))["outcome"])
        release = self.release_request(start, authorization=authorization)
        self.assertEqual("refused", self.ask(extended(release))["outcome"])

    def test_one_key_at_the_same_time_creates_one_order(self):
        before, start = self.orders_at_payu(), self.start_request()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(self.ask, [start] * 8))
        self.assertEqual([answers[0]] * 8, answers)
        self.assertEqual({answers[0]["payment_reference"]}, self.orders_at_payu() - before)

    def test_one_key_creates_one_order_across_a_restart(self):
        before, start = self.orders_at_payu(), self.start_request()
        answer = self.ask(start)
        self.restart_adapter()
        self.assertEqual(answer, self.ask(start))
        self.assertEqual({answer["payment_reference"]}, self.orders_at_payu() - before)

    def test_a_key_with_another_request_is_rejected(self):
        start, _ = self.started()
        before = self.orders_at_payu()
        start["payment"]["amount"] = 1
        self.assertEqual(409, self.send(start)[0])
        self.assertEqual(before, self.orders_at_payu())

    def test_a_second_adapter_cannot_use_the_database(self):
        with self.assertRaisesRegex(AssertionError, "Does another adapter use it"):
            Process([sys.executable, str(HERE / "payu_adapter.py")], self.environment)

    def test_an_authorized_payment_is_captured_once(self):
        start, reference, authorization = self.authorized()
        self.assertEqual("WAITING_FOR_CONFIRMATION", self.status_at_payu(reference))
        place = self.place_order_request(start, authorization)
        self.assertEqual({"outcome": "ordered", "order_id": reference}, self.ask(place))
        self.assertEqual("COMPLETED", self.status_at_payu(reference))
        self.restart_adapter()
        self.assertEqual({"outcome": "ordered", "order_id": reference}, self.ask(place))
        place["key"] = str(uuid.uuid4())
        self.assertEqual({"outcome": "ordered", "order_id": reference}, self.ask(place))
        self.assertEqual({"outcome": "completed", "order_id": reference}, self.read(start, reference))

    def test_without_capture_the_merchant_collects_at_payu(self):
        start, reference, authorization = self.authorized()
        place = self.place_order_request(start, authorization, capture=False)
        self.assertEqual({"outcome": "ordered", "order_id": reference}, self.ask(place))
        self.assertEqual("WAITING_FOR_CONFIRMATION", self.status_at_payu(reference))
        self.payu("POST", f"{reference}/captures")
        self.assertEqual({"outcome": "ordered", "order_id": reference}, self.ask(place))
        place["key"] = str(uuid.uuid4())
        self.assertEqual({"outcome": "ordered", "order_id": reference}, self.ask(place))

    def test_an_order_of_another_amount_or_currency_is_not_captured(self):
        start, reference, authorization = self.authorized()
        for changes in ({"amount": 11999}, {"currency": "EUR"}):
            answer = self.ask(self.place_order_request(start, authorization, **changes))
            self.assertEqual("refused", answer["outcome"])
            self.assertNotIn("authorization_is_void", answer)
        self.assertEqual("WAITING_FOR_CONFIRMATION", self.status_at_payu(reference))

    def test_an_unknown_authorization_is_void(self):
        answer = self.ask(self.place_order_request(self.start_request(), "unknown"))
        self.assertEqual(("refused", True), (answer["outcome"], answer["authorization_is_void"]))

    def test_a_payment_with_automatic_collection_is_completed(self):
        start, reference = self.started()
        self.consumer(reference, "approve")
        self.assertEqual({"outcome": "completed", "order_id": reference}, self.read(start, reference))

    def test_a_rejected_payment_is_declined(self):
        start, reference = self.started()
        self.consumer(reference, "reject")
        answer = self.read(start, reference)
        self.assertEqual(("declined", f"order {reference} at PayU: CANCELED"), (answer["outcome"], answer["reason"]))
        answer = self.ask(self.place_order_request(start, reference))
        self.assertEqual(("refused", True), (answer["outcome"], answer["authorization_is_void"]))

    def test_a_payment_that_payu_does_not_have_is_gone(self):
        self.assertEqual({"outcome": "gone"}, self.read(self.start_request(), "unknown"))

    def test_a_started_payment_is_released(self):
        start, reference = self.started()
        release = self.release_request(start, start_key=start["key"], payment_reference=reference)
        self.assertEqual({"outcome": "released"}, self.ask(release))
        self.assertEqual("CANCELED", self.status_at_payu(reference))
        self.assertEqual({"outcome": "released"}, self.ask(release))
        release["key"] = str(uuid.uuid4())
        self.assertEqual({"outcome": "released"}, self.ask(release))

    def test_a_release_finds_the_order_by_the_key_of_its_start(self):
        start, reference = self.started()
        release = self.release_request(start, start_key=start["key"], payment_reference=None)
        self.assertEqual({"outcome": "released"}, self.ask(release))
        self.assertEqual("CANCELED", self.status_at_payu(reference))

    def test_an_authorization_is_released(self):
        start, reference, authorization = self.authorized()
        self.assertEqual({"outcome": "released"}, self.ask(self.release_request(start, authorization=authorization)))
        self.assertEqual("CANCELED", self.status_at_payu(reference))
        self.assertEqual({"outcome": "released"}, self.ask(self.release_request(start, authorization=authorization)))
        self.assertEqual("refused", self.ask(self.place_order_request(start, authorization))["outcome"])

    def test_taken_money_is_not_released(self):
        start, reference = self.started()
        self.consumer(reference, "approve")
        release = self.release_request(start, start_key=start["key"], payment_reference=reference)
        answer = self.ask(release)
        self.assertEqual(("refused", False), (answer["outcome"], answer["authorization_is_void"]))
        self.assertEqual("COMPLETED", self.status_at_payu(reference))

    def test_a_start_that_arrives_after_its_release_creates_no_order(self):
        before, start = self.orders_at_payu(), self.start_request()
        self.assertEqual({"outcome": "open"}, self.read(start, None))
        release = self.release_request(start, start_key=start["key"], payment_reference=None)
        self.assertEqual({"outcome": "released"}, self.ask(release))
        self.assertEqual("refused", self.ask(start)["outcome"])
        self.assertEqual(before, self.orders_at_payu())

    def test_a_lost_answer_is_found_by_the_key_of_the_start(self):
        start, reference = self.started()
        self.consumer(reference, "hold")
        self.assertEqual({"outcome": "authorized", "authorization": reference}, self.read(start, None))

    def test_a_notification_of_payu_becomes_a_signed_notification_to_kassa(self):
        start, reference = self.started()
        self.consumer(reference, "hold")
        path, headers, body = self.notifications.get(timeout=PATIENCE_SECONDS)
        self.assertEqual("/kassa/v1/payment-notifications", path)
        self.assertEqual({"payment_id": start["payment"]["id"]}, json.loads(body))
        self.assertLess(abs(time.time() - int(headers["webhook-timestamp"])), 300)
        expected = sign(body, headers["webhook-id"], NOTIFICATION_SECRET, timestamp=headers["webhook-timestamp"])
        self.assertEqual(expected["webhook-signature"], headers["webhook-signature"])

    def test_payu_gets_no_200_for_a_notification_that_kassa_did_not_accept(self):
        """PayU then repeats its notification."""
        self.kassa_status = 503
        start, reference = self.started()
        notification = json.dumps({"order": {"orderId": reference, "extOrderId": start["key"]}}).encode()
        headers = {"OpenPayU-Signature": payu_signature(notification)}
        payu_url = self.adapter.url.replace("/kassa", "/payu")
        self.assertEqual(503, call("POST", payu_url, notification, headers)[0])
        self.kassa_status = 204
        self.assertEqual(200, call("POST", payu_url, notification, headers)[0])

    def test_a_forged_notification_of_payu_is_rejected(self):
        start, reference = self.started()
        notification = json.dumps({"order": {"orderId": reference, "extOrderId": start["key"]}}).encode()
        right = payu_signature(notification)
        for header in (None, "", "signature=;algorithm=SHA-256", right.replace("SHA-256", "NONE"),
                       right.replace("algorithm=SHA-256;", ""), payu_signature(notification, key="forged"),
                       payu_signature(b"{}"), "signature=\xff;algorithm=MD5"):
            with self.subTest(header=header):
                headers = {} if header is None else {"OpenPayU-Signature": header}
                status, _, _ = call("POST", self.adapter.url.replace("/kassa", "/payu"), notification, headers)
                self.assertEqual(401, status)
        self.assertTrue(self.notifications.empty())
        for header in (right, payu_signature(notification, "MD5")):
            headers = {"OpenPayU-Signature": header}
            self.assertEqual(200, call("POST", self.adapter.url.replace("/kassa", "/payu"), notification, headers)[0])

    def test_a_notification_that_names_no_started_payment_is_not_passed_on(self):
        for status, order in ((404, {"orderId": "1", "extOrderId": "unknown"}), (400, {"orderId": "1"}),
                              (400, {"orderId": "1", "extOrderId": 1}), (400, {"orderId": "../1", "extOrderId": "1"}),
                              (400, [])):
            notification = json.dumps({"order": order}).encode()
            headers = {"OpenPayU-Signature": payu_signature(notification)}
            payu_url = self.adapter.url.replace("/kassa", "/payu")
            self.assertEqual(status, call("POST", payu_url, notification, headers)[0])
        self.assertTrue(self.notifications.empty())


def payu_signature(body, algorithm="SHA-256", key=SECOND_KEY):
    hash_function = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}[algorithm]
    return f"sender=checkout;signature={hash_function(body + key.encode()).hexdigest()};algorithm={algorithm};x"


def in_json(status, body):
    return status, json.dumps(body).encode()


def an_order(status, order_id="O1"):
    return in_json(200, {"orders": [{"orderId": order_id, "status": status, "totalAmount": "12000",
                                     "currencyCode": "PLN"}], "status": {"statusCode": "SUCCESS"}})


CREATED = in_json(302, {"status": {"statusCode": "SUCCESS"}, "orderId": "O1", "redirectUri": "https://pay.example/O1"})
SUCCESS = in_json(200, {"status": {"statusCode": "SUCCESS"}, "orderId": "O1"})
UNCLEAR = {
    "a closed connection": None,
    "500 in JSON": in_json(500, {"status": {"statusCode": "ERROR_INTERNAL"}}),
    "500 with a new order": (500, CREATED[1]),
    "503 with a page": (503, b"<html>Service unavailable</html>"),
    "404 with a page": (404, b"<html>Not found</html>"),
    "404 with another code": in_json(404, {"status": {"statusCode": "ERROR_VALUE_INVALID"}}),
    "400 with an unknown code": in_json(400, {"status": {"statusCode": "ERROR_OF_TOMORROW"}}),
    "403": in_json(403, {"status": {"statusCode": "UNAUTHORIZED_REQUEST"}}),
    "401 for each token": in_json(401, {"status": {"statusCode": "UNAUTHORIZED"}}),
    "200 with a page": (200, b"<html>Sign in</html>"),
    "200 with half of the JSON": (200, CREATED[1][:40]),
    "200 with a list": (200, b"[]"),
    "200 with nothing": in_json(200, {}),
    "200 with a status that is a text": in_json(200, {"status": "SUCCESS", "orders": "O1", "orderId": 7}),
    "a redirect": in_json(302, {"status": {"statusCode": "SUCCESS"}}),
    "an unknown status of the order": an_order("ON_HOLD"),
    "another order": an_order("COMPLETED", "O2"),
}


class WithAFailingPayU(AdapterTest):
    """A PayU within the test. `answers` has its answers by the kind of the call: token, create, read and so on."""

    def setUp(self):
        super().setUp()
        self.calls, self.answers = [], {"token": in_json(200, {"access_token": "T", "expires_in": 43199})}
        self.payu = Server(self.answer_of_payu)
        self.addCleanup(self.payu.stop)
        self.start_adapter(self.payu.url, PAYU_TIMEOUT_SECONDS="1")

    def answer_of_payu(self, method, path, _headers, _body):
        kind = ("token" if path.endswith("/authorize") else "capture" if path.endswith("/captures")
                else "create" if method == "POST" else "cancel" if method == "DELETE"
                else "read" if path.startswith("/api/v2_1/orders/") else "followed")
        self.calls.append(kind)
        answer = self.answers[kind]
        if isinstance(answer, list):
            answer = answer.pop(0)
        return answer() if callable(answer) else answer

    def test_an_unclear_answer_to_a_read_is_no_answer(self):
        for name, self.answers["read"] in UNCLEAR.items():
            with self.subTest(name):
                self.assertEqual(503, self.send(self.read_request(self.start_request(), "O1"))[0])
        self.assertNotIn("followed", self.calls)
        self.assert_no_secret_is_logged()

    def test_an_unclear_answer_to_a_start_is_no_answer_and_the_next_one_counts(self):
        for name, unclear in UNCLEAR.items():
            with self.subTest(name):
                start = self.start_request()
                self.answers["create"] = unclear
                self.assertEqual(503, self.send(start)[0])
                self.assertEqual({"outcome": "open"}, self.ask(self.read_request(start, None)))
                self.answers["create"] = CREATED
                self.assertEqual({"outcome": "started", "payment_reference": "O1",
                                  "redirect_url": "https://pay.example/O1"}, self.ask(start))
        self.assertNotIn("followed", self.calls)

    def test_an_unclear_answer_to_an_order_or_a_release_is_unknown_and_the_next_one_counts(self):
        waiting, done = an_order("WAITING_FOR_CONFIRMATION"), {"capture": "COMPLETED", "cancel": "CANCELED"}
        for name, unclear in UNCLEAR.items():
            for call_of_payu, final in (("capture", "ordered"), ("cancel", "released")):
                start = self.start_request()
                request = (self.place_order_request(start, "O1") if call_of_payu == "capture"
                           else self.release_request(start, authorization="O1"))
                with self.subTest(name, request=request["operation"], unclear="read"):
                    self.answers["read"] = unclear
                    self.assertEqual("unknown", self.ask(request)["outcome"])
                with self.subTest(name, request=request["operation"], unclear=call_of_payu):
                    self.answers.update({"read": waiting, call_of_payu: unclear})
                    self.assertEqual("unknown", self.ask(request)["outcome"])
                    self.answers["read"] = an_order(done[call_of_payu])
                    self.assertEqual(final, self.ask(request)["outcome"])

    def test_a_silent_payu_is_unclear(self):
        ended = threading.Event()
        self.addCleanup(ended.set)
        self.answers["read"] = self.answers["create"] = lambda: ended.wait(PATIENCE_SECONDS) and None
        start = self.start_request()
        self.assertEqual(503, self.send(start)[0])
        self.assertEqual(503, self.send(self.read_request(start, "O1"))[0])
        self.assertEqual("unknown", self.ask(self.place_order_request(start, "O1"))["outcome"])

    def test_no_token_is_unclear(self):
        start = self.start_request()
        for name, self.answers["token"] in UNCLEAR.items():
            with self.subTest(name):
                self.assertEqual(503, self.send(start)[0])
                self.assertEqual("unknown", self.ask(self.place_order_request(start, "O1"))["outcome"])
        self.assertEqual({"token"}, set(self.calls))

    def test_an_ended_token_is_renewed(self):
        self.answers["create"] = [in_json(401, {"status": {"statusCode": "UNAUTHORIZED"}}), CREATED]
        self.assertEqual("started", self.ask(self.start_request())["outcome"])
        self.assertEqual(["token", "create", "token", "create"], self.calls)

    def test_a_capture_that_payu_does_not_show_is_unknown(self):
        """PayU accepts the capture, but its order is not completed yet."""
        waiting = an_order("WAITING_FOR_CONFIRMATION")
        reads = [waiting, waiting, an_order("PENDING"), an_order("COMPLETED")]
        self.answers.update({"read": reads, "capture": SUCCESS})
        place = self.place_order_request(self.start_request(), "O1")
        self.assertEqual("unknown", self.ask(place)["outcome"])
        self.assertEqual("unknown", self.ask(place)["outcome"])
        self.assertEqual("ordered", self.ask(place)["outcome"])
        self.assertEqual(1, self.calls.count("capture"))

    def test_payus_clear_refusal_of_a_start_is_final(self):
        for code in ("ERROR_VALUE_INVALID", "ERROR_ORDER_NOT_UNIQUE"):
            start = self.start_request()
            self.answers["create"] = in_json(400, {"status": {"statusCode": code, "statusDesc": "..."}})
            refused = self.ask(start)
            self.assertEqual({"outcome": "refused", "reason": f"PayU refused to create the order: {code}"}, refused)
            self.answers["create"] = CREATED
            self.assertEqual(refused, self.ask(start))

    def test_payus_own_code_for_a_missing_order_is_gone(self):
        self.answers["read"] = in_json(404, {"status": {"statusCode": "DATA_NOT_FOUND"}})
        start = self.start_request()
        self.assertEqual({"outcome": "gone"}, self.ask(self.read_request(start, "O1")))
        self.assertEqual({"outcome": "released"}, self.ask(self.release_request(start, authorization="O1")))

    def kill_adapter_during(self, request, call_of_payu):
        """Sends a request, and kills the adapter as soon as PayU got the call. Then starts the adapter again."""
        arrived, killed = threading.Event(), threading.Event()
        self.answers[call_of_payu] = lambda: arrived.set() or killed.wait(PATIENCE_SECONDS) and None
        self.adapter.stop()
        self.start_adapter(self.payu.url, PAYU_TIMEOUT_SECONDS=str(PATIENCE_SECONDS))
        with ThreadPoolExecutor(1) as pool:
            lost = pool.submit(self.send, request)
            self.assertTrue(arrived.wait(PATIENCE_SECONDS))
            self.restart_adapter()
            killed.set()
            self.assertIsInstance(lost.exception(), (OSError, http.client.HTTPException))

    def test_a_crash_during_a_capture_captures_once(self):
        self.answers["read"] = an_order("WAITING_FOR_CONFIRMATION")
        place = self.place_order_request(self.start_request(), "O1")
        self.kill_adapter_during(place, "capture")
        self.answers["read"] = an_order("COMPLETED")
        self.assertEqual({"outcome": "ordered", "order_id": "O1"}, self.ask(place))
        self.assertEqual(1, self.calls.count("capture"))

    def test_a_crash_during_a_start_leaves_no_page_to_pay_on(self):
        """PayU created the order, but the address of its page is lost. PayU refuses a second order with the key."""
        start = self.start_request()
        self.kill_adapter_during(start, "create")
        self.assertEqual({"outcome": "open"}, self.ask(self.read_request(start, None)))
        self.answers["create"] = in_json(400, {"status": {"statusCode": "ERROR_ORDER_NOT_UNIQUE"}})
        self.assertEqual("refused", self.ask(start)["outcome"])

    def test_a_started_payment_without_an_answer_is_released_for_good(self):
        start = self.start_request()
        self.answers["create"] = None
        self.assertEqual(503, self.send(start)[0])
        release = self.release_request(start, start_key=start["key"], payment_reference=None)
        self.assertEqual({"outcome": "released"}, self.ask(release))
        self.answers["create"] = CREATED
        self.assertEqual("refused", self.ask(start)["outcome"])
        self.assertEqual(1, self.calls.count("create"))

    def test_a_second_request_waits_for_the_first_one(self):
        arrived, go_on = threading.Event(), threading.Event()

        def create():
            arrived.set()
            go_on.wait(PATIENCE_SECONDS)
            return CREATED

        self.adapter.stop()
        self.start_adapter(self.payu.url, PAYU_TIMEOUT_SECONDS=str(PATIENCE_SECONDS))
        self.answers["create"], start = create, self.start_request()
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(self.ask, start)
            self.assertTrue(arrived.wait(PATIENCE_SECONDS))
            second = pool.submit(self.ask, start)
            # Other payments and reads do not wait for this one.
            self.assertEqual({"outcome": "open"}, self.ask(self.read_request(start, None)))
            self.assertFalse(first.done() or second.done())
            go_on.set()
            self.assertEqual(first.result(), second.result())
        self.assertEqual(1, self.calls.count("create"))

    def test_a_request_without_a_right_signature_is_rejected(self):
        start = self.start_request()
        body = json.dumps(start).encode()
        right = sign(body, start["key"])
        wrong = {
            "no headers": {}, "another secret": sign(body, start["key"], OLD_SECRET),
            "another body": sign(b"{}", start["key"]), "another id": {**right, "webhook-id": "another"},
            "another time": {**right, "webhook-timestamp": str(int(right["webhook-timestamp"]) + 1)},
            "no time": {**right, "webhook-timestamp": ""}, "a time that is no number": {
                **right, "webhook-timestamp": "\xb2"},
            "another version": {**right, "webhook-signature": right["webhook-signature"].replace("v1", "v2")},
            "an empty signature": {**right, "webhook-signature": "v1,"}, "not ASCII": {
                **right, "webhook-signature": "v1,\xff"},
            "too old": sign(body, start["key"], age=302), "too early": sign(body, start["key"], age=-360),
        }
        for name, headers in wrong.items():
            with self.subTest(name):
                self.assertEqual(401, call("POST", self.adapter.url, body, headers)[0])
        self.assertEqual([], self.calls)
        self.assert_no_secret_is_logged()

    def test_one_right_signature_of_several_is_enough(self):
        self.answers["create"] = CREATED
        start = self.start_request()
        body = json.dumps(start).encode()
        old, new = sign(body, start["key"], OLD_SECRET), sign(body, start["key"], age=240)
        both = {**new, "webhook-signature": f"{old['webhook-signature']} {new['webhook-signature']}"}
        self.assertEqual(200, call("POST", self.adapter.url, body, both)[0])

    def test_the_adapter_accepts_each_secret_of_its_file(self):
        self.adapter.stop()
        file = Path(self.folder) / "secrets"
        file.write_text(f"{OLD_SECRET}\n{SECRET}\n")
        self.start_adapter(self.payu.url, KASSA_SECRET_FILE=str(file))
        self.answers["create"] = CREATED
        for secret in (OLD_SECRET, SECRET):
            self.assertEqual(200, self.send(self.start_request(), secret=secret)[0])

    def test_a_request_that_cannot_be_read_is_rejected(self):
        start = self.start_request()
        for name, request in {"an unknown operation": {**start, "operation": "refund"}, "no operation": {},
                              "a list": [], "no key": {"operation": "start", "payment": start["payment"]},
                              "an id with a path": self.read_request(start, "../O1")}.items():
            with self.subTest(name):
                body = json.dumps(request).encode()
                self.assertEqual(400, call("POST", self.adapter.url, body, sign(body, "id"))[0])
        self.assertEqual(400, call("POST", self.adapter.url, b"{", sign(b"{", "id"))[0])
        self.assertEqual([], self.calls)

    def test_another_path_or_a_large_body_is_rejected(self):
        self.assertEqual(404, call("POST", self.adapter.url + "/other", b"{}")[0])
        self.assertEqual(413, call("POST", self.adapter.url, None, {"content-length": "1048577"})[0])

    def test_a_missing_setting_is_named(self):
        environment = {name: value for name, value in self.environment.items() if name != "PAYU_POS_ID"}
        with self.assertRaisesRegex(AssertionError, "set PAYU_POS_ID, or PAYU_POS_ID_FILE"):
            Process([sys.executable, str(HERE / "payu_adapter.py")], environment)

    def test_a_secret_that_is_not_base64_is_not_shown(self):
        for secret in ("whsec_not base64!", "", "\n"):
            with self.assertRaises(AssertionError) as failed:
                Process([sys.executable, str(HERE / "payu_adapter.py")], {**self.environment, "KASSA_SECRET": secret})
            self.assertIn("KASSA_SECRET is not a secret of Kassa", str(failed.exception))
            self.assertNotIn("base64!", str(failed.exception))


class InThisProcess(unittest.TestCase):
    def test_an_old_key_is_deleted_unless_it_is_of_a_start(self):
        keys, notify_url = kassa_adapter.Keys(":memory:"), "https://pay.example/kassa/v1/payment-notifications"
        with mock.patch("time.time", return_value=time.time() - kassa_adapter.KEPT_SECONDS - 1):
            keys.record("start", b"{}", "payment", notify_url)
            keys.record("order", b"{}", "payment", None)
        keys.record("new order", b"{}", "payment", None)
        self.assertEqual([True, False, True], [bool(keys.find(key)) for key in ("start", "order", "new order")])

    def test_a_caller_that_does_not_wait_is_logged_in_one_line(self):
        arrived, gone = threading.Event(), threading.Event()
        server = kassa_adapter.Server({"ADAPTER_LISTEN": "127.0.0.1:0"})
        server.daemon_threads = False  # So server_close waits for the answer.
        server.handle_error = mock.Mock()
        server.routes = {"/kassa": lambda *_: arrived.set() or gone.wait(PATIENCE_SECONDS) and {}}
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        connection.request("POST", "/kassa", b"{}")
        self.assertTrue(arrived.wait(PATIENCE_SECONDS))
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # Resets it at once.
        connection.close()
        with self.assertLogs() as logged:
            gone.set()
            server.shutdown()
            server.server_close()
        self.assertIn("/kassa: the caller did not wait for the answer", logged.output[0])
        server.handle_error.assert_not_called()


if __name__ == "__main__":
    unittest.main()
