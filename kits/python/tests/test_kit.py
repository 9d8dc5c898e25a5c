"""Tests the kit with the real binary.

    KASSA_BIN=.../kassa PYTHONPATH=src python -m pytest -p kassa.pytest_plugin tests
"""

import os
import signal
import socketserver
import subprocess
import sys
import threading

import pytest

from kassa import SAMPLE_CART, Kassa, KassaError, KassaRefused, KassaTimedOut
from kassa import binary as kassa_binary
from kassa import process as kassa_process

CLOSED = {"status_update": "http://127.0.0.1:9/callbacks"}
RUNNER = "from kassa import Kassa; running = Kassa.start(); print(running.url, flush=True); input()"


def test_every_action_returns_the_page_session(merchant):
    session = merchant.create_page_session()
    assert session.enter()["status"] == "IN_PROGRESS"
    assert session.decline("no money")["status"] == "FAILED"
    assert session.enter()["status"] == "IN_PROGRESS"
    assert session.error("a cable broke")["status"] == "ERROR"
    assert session.enter()["status"] == "IN_PROGRESS"
    assert session.back()["status"] == "BACK"
    assert session.approve("customer@email.se")["status"] == "COMPLETED"
    assert [event["sequence"] for event in session.history()] == [1, 2, 3, 4, 5, 6, 7]


def test_cancel_is_back_in_a_web_shop_and_final_elsewhere(merchant):
    for channel, status in (("ECOMMERCE", "BACK"), ("IN_STORE", "CANCELLED")):
        session = merchant.create_page_session(cart={**SAMPLE_CART, "acquiring_channel": channel})
        session.enter()
        assert session.cancel()["status"] == status


def test_a_refused_action_has_its_status_and_code(merchant):
    with pytest.raises(KassaRefused, match="409 CONFLICT: The consumer cannot approve") as refused:
        merchant.create_page_session().approve()
    assert (refused.value.status, refused.value.code) == (409, "CONFLICT")


def test_a_session_of_the_shop_is_found_by_its_id(merchant):
    created = merchant.create_page_session()
    assert merchant.page_session(created.id).read() == created.read()
    assert created.redirect_url.startswith(f"{merchant.url}/pay/")
    assert created.lab_page == f"{merchant.url}/lab/of/{merchant.merchant_id}/sessions/{created.id}"


def test_a_dropped_callback_comes_again_when_the_clock_moves(merchant):
    merchant.inject_faults(callbacks=[{"do": "drop", "status": "COMPLETED", "attempt": 1}])
    session = merchant.create_page_session(merchant_urls=CLOSED)
    session.enter()
    session.approve()
    assert [entry.get("faults") for entry in session.wait_for_callbacks(2)] == [None, ["drop"]]
    assert {fired["attempt"] for fired in merchant.advance_clock("PT5S")} == {2}
    assert len(session.wait_for_callbacks(4)) == 4


def test_the_clock_is_frozen_and_can_be_set(merchant):
    assert merchant.clock()["frozen"]
    merchant.set_clock(now="2026-01-01T08:00:00Z")
    session = merchant.create_page_session()
    fired = merchant.advance_clock_to("2026-01-03T08:00:00Z")
    assert [(one["what"], one["session_id"]) for one in fired] == [("session_expired", session.id)]
    assert merchant.clock() == {"now": "2026-01-03T08:00:00.000Z", "frozen": True}
    assert not merchant.set_clock(frozen=False)["frozen"]


def test_a_fault_of_a_call_ends_when_faults_are_cleared(merchant):
    merchant.inject_faults(calls=[{"do": "fail", "status": 503, "path": "/hpp/v1/sessions"}])
    with pytest.raises(KassaRefused) as refused:
        merchant.create_page_session()
    assert refused.value.status == 503
    merchant.clear_faults()
    merchant.create_page_session()
    assert [entry["answer"]["status"] for entry in merchant.journal(path="/hpp/v1/sessions")] == [503, 201]


def test_the_inbox_has_the_link(merchant):
    session = merchant.create_page_session()
    message = {"method": "email", "contact_information": {"email": "customer@email.se"}}
    merchant.call("POST", f"/hpp/v1/sessions/{session.id}/distribution", message)
    assert [one["link"] for one in session.wait_for_messages()] == [session.redirect_url]


def test_an_order_passes_its_fraud_check(merchant):
    def place():
        session = merchant.create_page_session()
        session.enter()
        token = session.approve("customer+pend-accept-5@email.se")["authorization_token"]
        return merchant.call("POST", f"/payments/v1/authorizations/{token}/order", SAMPLE_CART)

    placed = place()
    assert placed["fraud_status"] == "PENDING"
    assert merchant.accept_order(placed["order_id"])["fraud_status"] == "ACCEPTED"
    assert merchant.reject_order(place()["order_id"])["fraud_status"] == "REJECTED"


def test_a_payment_session_needs_no_page(merchant):
    payment = merchant.call("POST", "/payments/v1/sessions", SAMPLE_CART)["session_id"]
    merchant.decline_payment_session(payment)
    token = merchant.approve_payment_session(payment)
    placed = merchant.call("POST", f"/payments/v1/authorizations/{token}/order", SAMPLE_CART)
    assert placed["fraud_status"] == "ACCEPTED"


def test_a_wait_in_vain_reports_what_was_there(merchant):
    with pytest.raises(KassaTimedOut, match="The journal has 0 entries .* and not 1, after 0 seconds"):
        merchant.wait_for_journal(1, kind="callback", wait=0)


def test_merchants_share_nothing(kassa, merchant):
    session = merchant.create_page_session()
    other = kassa.new_merchant("Another Shop")
    with pytest.raises(KassaRefused) as refused:
        other.page_session(session.id).read()
    assert refused.value.status == 404
    other.delete()
    with pytest.raises(KassaRefused) as refused:
        other.clock()
    assert refused.value.status == 401


def test_the_binary_is_found_by_variable_then_package_then_path(monkeypatch, tmp_path):
    def executable(name):
        path = tmp_path / name / "kassa"
        path.parent.mkdir()
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path

    chosen, beside, on_path = (executable(name) for name in ("chosen", "beside", "path"))
    monkeypatch.setenv("KASSA_BIN", str(chosen))
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.setattr(kassa_binary, "BESIDE_THE_PACKAGE", [beside])
    assert kassa_binary.find_binary() == str(chosen)
    monkeypatch.delenv("KASSA_BIN")
    assert kassa_binary.find_binary() == str(beside)
    beside.unlink()
    assert kassa_binary.find_binary() == str(on_path)
    on_path.unlink()
    with pytest.raises(KassaError, match="Install Kassa, or set KASSA_BIN"):
        kassa_binary.find_binary()
    monkeypatch.setenv("KASSA_BIN", str(on_path))
    with pytest.raises(KassaError, match="KASSA_BIN is .*, which is not an executable file"):
        kassa_binary.find_binary()


def test_a_start_that_fails_says_so(capfd):
    with pytest.raises(KassaError, match="--no-such-option ended with status 2"):
        Kassa.start(options=["--no-such-option"])
    assert "--no-such-option" in capfd.readouterr().err
    with pytest.raises(KassaError, match="/no/kassa could not be started"):
        Kassa.start(binary="/no/kassa")


def test_a_kassa_that_runs_already_is_used_and_not_stopped(kassa, monkeypatch):
    connected = Kassa.connect(kassa.url + "/")
    assert connected.new_merchant().create_page_session().status() == "WAITING"
    connected.stop()
    monkeypatch.setenv("KASSA_URL", kassa.url)
    assert Kassa.start().url == kassa.url
    kassa.new_merchant().delete()


def test_a_stopped_kassa_does_not_answer():
    with Kassa.start() as running:
        merchant = running.new_merchant()
    with pytest.raises(KassaError, match="no complete answer from Kassa"):
        merchant.clock()


@pytest.mark.parametrize("answer, message", [
    (b"", "no complete answer from Kassa"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "no complete answer from Kassa"),
    (b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{", "no complete answer from Kassa"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{}", "no complete answer from Kassa"),
    (b"this is not HTTP\r\n\r\n", "no complete answer from Kassa"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n200 is fine", "the answer is not JSON: 200 is fine"),
    (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>", "502 : <html>"),
])
def test_an_answer_that_is_cut_or_not_json_is_an_error(answer, message):
    class Server(socketserver.StreamRequestHandler):
        def handle(self):
            while self.rfile.readline().strip():
                pass
            self.rfile.read(2)
            self.wfile.write(answer)

    with socketserver.TCPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.handle_request).start()
        with pytest.raises(KassaError, match=message):
            Kassa.connect(f"http://127.0.0.1:{server.server_address[1]}").new_merchant()


def script(folder, commands):
    path = folder / "kassa"
    path.write_text(f"#!/bin/sh\n{commands}\n")
    path.chmod(0o755)
    return str(path)


def test_a_start_of_another_program_says_so(tmp_path):
    for line in ("Welcome", "[]", "{}"):
        with pytest.raises(KassaError, match="printed .*, and not a line of `kassa dev --json`, with status 3"):
            Kassa.start(binary=script(tmp_path, f"echo '{line}'; exit 3"))


def test_a_kassa_that_does_not_stop_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(kassa_process, "STOP_SECONDS", 0.1)
    line = '{"url": "http://127.0.0.1:9", "username": "", "password": ""}'
    running = Kassa.start(binary=script(tmp_path, f"trap '' TERM; echo '{line}'; exec sleep 1000"))
    running.stop()
    assert running._process.returncode == -signal.SIGKILL


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_neither_stops_kassa_nor_keeps_it():
    with Kassa.start() as running:
        (child_reads, parent_writes), (parent_reads, child_writes) = os.pipe(), os.pipe()
        forked = os.fork()
        if not forked:
            os.close(parent_writes)
            running.stop()
            os.write(child_writes, b".")
            # Until the other process closes its end of the pipe.
            os.read(child_reads, 1)
            os._exit(0)
        os.read(parent_reads, 1)
        running.new_merchant()
        running.stop()
        assert running._process.returncode == 0
        for end in (child_reads, child_writes, parent_reads, parent_writes):
            os.close(end)
        assert os.waitpid(forked, 0) == (forked, 0)


def test_kassa_ends_when_the_test_run_is_killed():
    # Kassa inherits the standard error of its test run, so the pipe closes when both have ended.
    runner = subprocess.Popen([sys.executable, "-c", RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
    assert runner.stdout.readline().startswith(b"http://127.0.0.1:")
    os.kill(runner.pid, signal.SIGKILL)
    assert runner.stderr.read() == b""
    assert runner.wait() == -signal.SIGKILL
    for pipe in (runner.stdin, runner.stdout, runner.stderr):
        pipe.close()
