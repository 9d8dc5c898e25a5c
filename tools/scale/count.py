#!/usr/bin/env python3
"""Counts what one purchase costs in calls, commits, rows and bytes on PostgreSQL: the counts that tools/scale/model.py
and docs/scale.md use. Only the CPU and the number of commits depend on the machine and on the profile of the binary.

    count.py BINARY FOLDER [PURCHASES]

BINARY is the kassa to measure, of any profile. FOLDER must not exist: a PostgreSQL of its own is created in it. It
needs Python 3.10 or later, and Debian's PostgreSQL; as root it runs PostgreSQL as the user postgres. `./test` does not
run it.
"""

import asyncio
import base64
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.request

PURCHASES = 2_000
SHOPPERS = 32
TABLES_SETTLE_S = 5

# Variables would override the configuration.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KASSA_")}

CART = {
    "purchase_country": "SE", "purchase_currency": "SEK", "locale": "sv-SE",
    "order_amount": 62_400, "order_tax_amount": 10_400,
    "order_lines": [
        {"name": "Running shoe", "quantity": 1, "unit_price": 59_500, "tax_rate": 2_000,
         "total_amount": 59_500, "total_tax_amount": 9_917},
        {"name": "Delivery", "type": "shipping_fee", "quantity": 1, "unit_price": 2_900, "tax_rate": 2_000,
         "total_amount": 2_900, "total_tax_amount": 483},
    ],
}

CONFIGURATION = """
listen = "127.0.0.1:0"
operations_listen = "127.0.0.1:0"
public_url = "http://127.0.0.1"
payment_system = "sandbox"
database = "{database}"
rate_limit_creations = "off"
rate_limit_other_calls = "off"
accept_unsafe = ["http-callbacks", "private-callbacks"]
[outgoing]
allow_http = true
allowed_networks = ["127.0.0.0/8"]
allowed_ports = []
"""


class Postgres:
    def __init__(self, folder):
        self.folder = folder
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.data = f"{folder}/data"
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
        self.run("pg_ctl", "-D", self.data, "-l", f"{folder}/log", "-w", "start", "-o",
                 f"-c listen_addresses='' -c unix_socket_directories={folder} -c shared_buffers=1GB "
                 "-c max_wal_size=8GB -c track_wal_io_timing=on")
        self.url = f"postgres://postgres@{str(folder).replace('/', '%2F')}/postgres"

    def run(self, program, *arguments):
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*as_postgres, f"{self.programs}/{program}", *arguments], check=True, cwd="/",
                       stdout=subprocess.DEVNULL)

    def rows(self, sql):
        command = ["psql", "-X", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", sql]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in output.splitlines()]

    def cpu_s(self):
        """CPU time of all processes of the server, those that have ended included."""
        with open(f"{self.data}/postmaster.pid", encoding="ascii") as pid_file:
            server = pid_file.readline().strip()
        children = subprocess.run(["pgrep", "-P", server], check=True, capture_output=True, text=True).stdout.split()
        return sum(cpu_s(child)[0] for child in children) + sum(cpu_s(server))

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")


def cpu_s(process_id):
    """CPU time of a process, and of its children that have ended."""
    with open(f"/proc/{process_id}/stat", encoding="ascii") as stat:
        ticks = [int(field) for field in stat.read().rpartition(")")[2].split()[11:15]]
    per_second = os.sysconf("SC_CLK_TCK")
    return (ticks[0] + ticks[1]) / per_second, (ticks[2] + ticks[3]) / per_second


class Network:
    """Counts the bytes of one kind of connection, above TCP, in both directions."""

    def __init__(self):
        self.calls = self.sent_bytes = self.received_bytes = 0


class Connection:
    def __init__(self, reader, writer, network):
        self.reader, self.writer, self.network = reader, writer, network

    async def call(self, method, path, expected_status, body=b"", headers=()):
        head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers])
        request = head.encode() + b"\r\n\r\n" + body
        self.writer.write(request)
        answer_head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer_head.lower())
        content = await self.reader.readexactly(int(length.group(1)) if length else 0)
        status = int(answer_head.split(b" ", 2)[1])
        if status != expected_status:
            raise SystemExit(f"count.py: {method} {path} answered {status}: {content.decode()[:500]}")
        self.network.calls += 1
        self.network.sent_bytes += len(request)
        self.network.received_bytes += len(answer_head) + len(content)
        return content.decode()


async def buy(connection, authorization, callback_url):
    """One purchase: the calls of docs/walkthrough.md up to the order, with one read by the merchant."""
    merchant = (f"Authorization: {authorization}", "Content-Type: application/json")
    form = ("Content-Type: application/x-www-form-urlencoded",)
    cart = json.dumps(CART).encode()
    payment = json.loads(await connection.call("POST", "/payments/v1/sessions", 200, cart, merchant))["session_id"]
    hosted = json.dumps({
        "payment_session_url": f"http://127.0.0.1/payments/v1/sessions/{payment}",
        "merchant_urls": {
            "success": "https://shop.example/thanks?sid={{session_id}}&token={{authorization_token}}",
            "back": "https://shop.example/cart",
            "status_update": callback_url,
        }}).encode()
    created = json.loads(await connection.call("POST", "/hpp/v1/sessions", 201, hosted, merchant))
    page_path = created["redirect_url"].removeprefix("http://127.0.0.1")
    html = await connection.call("GET", page_path, 200)
    order_seen = re.search(r'name="order_seen" value="([^"]*)"', html).group(1)
    fields = f"order_seen={order_seen}&payment_method_category=pay_later&email=customer%40email.se&one_time_code=123456"
    await connection.call("POST", f"{page_path}/pay", 303, fields.encode(), form)
    await connection.call("GET", f"{page_path}/outcome", 303)
    read = json.loads(await connection.call("GET", f"/hpp/v1/sessions/{created['session_id']}", 200, b"", merchant))
    path = f"/payments/v1/authorizations/{read['authorization_token']}/order"
    await connection.call("POST", path, 200, cart, merchant)


async def buy_many(node, authorization, count):
    calls, callbacks = Network(), Network()

    async def receive(reader, writer):
        while head := await until_head_ends(reader):
            length = int(re.search(rb"content-length: (\d+)", head.lower()).group(1))
            await reader.readexactly(length)
            answer = b"HTTP/1.1 204 No Content\r\n\r\n"
            writer.write(answer)
            callbacks.calls += 1
            callbacks.sent_bytes += len(head) + length
            callbacks.received_bytes += len(answer)
        writer.close()

    receiver = await asyncio.start_server(receive, "127.0.0.1", 0)
    callback_url = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/callbacks?sid={{{{session_id}}}}"
    host, port = node.removeprefix("http://").split(":")

    async def shopper():
        connection = Connection(*await asyncio.open_connection(host, int(port)), calls)
        for _ in range(count // SHOPPERS):
            await buy(connection, authorization, callback_url)
        connection.writer.close()

    await asyncio.gather(*(shopper() for _ in range(SHOPPERS)))
    while callbacks.calls < 2 * count:
        await asyncio.sleep(0.1)
    # Recorded requests and the audit trail follow within seconds.
    await asyncio.sleep(TABLES_SETTLE_S)
    return calls, callbacks


async def until_head_ends(reader):
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.CancelledError):
        return b""


def metric_values(operations):
    with urllib.request.urlopen(f"{operations}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def started_node(binary, config):
    node = subprocess.Popen([binary, "serve", "--config", config], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    addresses = [node.stdout.readline().strip().rstrip(".").rsplit(" ", 1)[-1] for _ in range(2)]
    return node, *(f"http://{address}" for address in addresses)


WAL = "select wal_bytes, wal_sync, wal_write from pg_stat_wal"
TRAFFIC = "select xact_commit, blks_read, temp_bytes from pg_stat_database where datname = 'postgres'"
SIZES = """
select relname, n_live_tup, pg_table_size(relid), pg_indexes_size(relid), n_tup_upd, n_tup_hot_upd
from pg_stat_user_tables order by pg_total_relation_size(relid) desc
"""


def main():
    if not 3 <= len(sys.argv) <= 4:
        raise SystemExit("usage: count.py BINARY FOLDER [PURCHASES]")
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    count = int(sys.argv[3]) if len(sys.argv) == 4 else PURCHASES
    count -= count % SHOPPERS
    postgres = Postgres(folder)
    try:
        config = folder.with_suffix(".toml")
        config.write_text(CONFIGURATION.format(database=postgres.url))
        added = subprocess.run([binary, "merchant", "add", "PK1", "--name", "Shop", "--json", "--config", config],
                               check=True, capture_output=True, text=True, env=ENVIRONMENT).stdout
        merchant = json.loads(added)
        credential = f"{merchant['username']}:{merchant['password']}".encode()
        node, url, operations = started_node(binary, config)
        try:
            measure(postgres, (node, url, operations), "Basic " + base64.b64encode(credential).decode(), count)
        finally:
            node.terminate()
            node.wait()
    finally:
        postgres.stop()


def measure(postgres, started, authorization, count):
    node, url, operations = started
    asyncio.run(buy_many(url, authorization, SHOPPERS))
    postgres.rows("checkpoint")
    time.sleep(1)
    before = metric_values(operations)
    wal_before, traffic_before = postgres.rows(WAL)[0], postgres.rows(TRAFFIC)[0]
    cpu_before_s = postgres.cpu_s(), cpu_s(node.pid)[0]
    calls, callbacks = asyncio.run(buy_many(url, authorization, count))
    cpu_after_s = postgres.cpu_s(), cpu_s(node.pid)[0]
    after = metric_values(operations)
    wal, traffic = postgres.rows(WAL)[0], postgres.rows(TRAFFIC)[0]
    postgres.rows("analyze")

    def each(now, then):
        return (float(now) - float(then)) / count

    print(f"of each purchase, in {count} purchases:")
    print(f"  calls {calls.calls / count:.2f}, bytes received {calls.sent_bytes / count:.0f}, "
          f"answered {calls.received_bytes / count:.0f}")
    print(f"  callbacks {callbacks.calls / count:.2f}, bytes sent {callbacks.sent_bytes / count:.0f}")
    changes, commits, reads = (each(after[name], before[name]) for name in (
        "kassa_database_commit_changes_sum", "kassa_database_commit_changes_count",
        "kassa_database_read_duration_seconds_count"))
    commit_ms = each(*(of["kassa_database_commit_duration_seconds_sum"] for of in (after, before))) / commits * 1e3
    print(f"  changes {changes:.2f} in commits {commits:.2f} of {commit_ms:.1f} ms; reads {reads:.2f}")
    print(f"  log bytes {each(wal[0], wal_before[0]):.0f}, syncs {each(wal[1], wal_before[1]):.2f}, "
          f"transactions of PostgreSQL {each(traffic[0], traffic_before[0]):.2f}")
    of_postgres_us, of_node_us = (each(now, then) * 1e6 for now, then in zip(cpu_after_s, cpu_before_s))
    print(f"  CPU of PostgreSQL {of_postgres_us:.0f} us, of the node {of_node_us:.0f} us")
    print("table: rows, bytes of the table, bytes of its indexes, updates, of these HOT")
    for name, rows, table_bytes, index_bytes, updates, hot in postgres.rows(SIZES):
        total = count + SHOPPERS
        print(f"  {name}: {int(rows) / total:.2f}, {int(table_bytes) / total:.0f}, {int(index_bytes) / total:.0f}, "
              f"{int(updates) / total:.2f}, {int(hot) / total:.2f}")


if __name__ == "__main__":
    main()
