#!/usr/bin/env python3
"""The capacity model of Kassa: from measured costs to the needs of 40, 1,000 and 100,000 purchases a second.

    model.py            prints the tables
    model.py --write    writes them into docs/scale.md
    model.py --check    fails if the tables in docs/scale.md are outdated

Each constant names its source. "count.py" means a run of tools/scale/count.py, whose figures docs/scale.md lists. "The
profile" is one of 2026-11-28, of the same code on two shared cores. It is not in this repository.
"""

import math
import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
DOCUMENT = DOCS / "scale.md"
BEGIN = "<!-- printed by tools/scale/model.py: begin -->\n\n"
END = "\n<!-- printed by tools/scale/model.py: end -->\n"


def speed(measure):
    """The figure of a row of the results in docs/speed.md, without its unit."""
    row = re.search(rf"^\| {re.escape(measure)} \| [^|]* \| ([0-9.]+) ", (DOCS / "speed.md").read_text("utf-8"), re.M)
    if row is None:
        raise SystemExit(f"docs/speed.md has no row {measure!r}, which tools/scale/model.py uses")
    return float(row[1])


PURCHASES_PER_S = [40, 1_000, 100_000]
SECONDS_PER_DAY = 86_400

# One purchase: docs/walkthrough.md up to the order, with one read by the merchant. count.py counted it.
CALLS = 7
CALLBACKS = 2
CHANGES = 8.5
RECORDED_REQUESTS = 7
EVENTS = 2
CALL_BYTES_RECEIVED = 2_467
CALL_BYTES_ANSWERED = 12_539
# The style sheet and the script of the page, compressed, with the heads of the answers.
ASSET_BYTES = 7_000
CALLBACK_BYTES = 1_255
LOG_BYTES = 15_350
SYNCS_PER_COMMIT = 1

# Bytes on disk of one purchase on PostgreSQL, tables and indexes, and rows, by how long they are kept. count.py.
SESSION_BYTES, SESSION_ROWS = 5_600, 9
REQUEST_BYTES, REQUEST_ROWS = 2_800, 7
ORDER_BYTES, ORDER_ROWS = 1_360, 1
AUDIT_BYTES, AUDIT_ROWS = 1_080, 2

# docs/serving.md, "Retention" and its table of keys. A page session can be paid for two days (docs/speed.md, "Missed
# targets on PostgreSQL": "sessions expire after two days").
SESSION_DAYS = 90 + 2
REQUEST_DAYS = 30

# A change there is one of two (create, enter), and the two cause one callback, whose result is a third change of the
# database.
NODE_US_PER_CHANGE = speed("change with callback, 1 of 3 nodes on PostgreSQL: CPU of all nodes") * 2 / 3
DATABASE_US_PER_CHANGE_IN_GROUPS = (
    speed("change with callback, 1 of 3 nodes on PostgreSQL: CPU of PostgreSQL") * 2 / 3
)
# count.py: changes in commits of a purchase. Its 32 shoppers are as many as the connections of the benchmark.
CHANGES_PER_COMMIT_IN_BENCHMARK = 8.32 / 1.38
# The profile, section 3.2: "A commit costs the server some 200 us however much is in it".
DATABASE_US_PER_COMMIT = 200
DATABASE_US_PER_CHANGE = DATABASE_US_PER_CHANGE_IN_GROUPS - DATABASE_US_PER_COMMIT / CHANGES_PER_COMMIT_IN_BENCHMARK
# The profile, section 3.2, row "the same, groups of 1 / 32 / 64": a row in a group of 32 or 64 costs 15 or 16 us.
# Recorded requests and the audit trail are written in such groups, and came after the row of docs/speed.md.
DATABASE_US_PER_BACKGROUND_ROW = 16
BACKGROUND_ROWS = RECORDED_REQUESTS + 2 * EVENTS

# The model gives each of node and database a half.
READ_US = speed("read a recent one of 1000000 sessions: CPU, node and PostgreSQL") / 2
TEMPLATE_US = speed("page: CPU") - speed("read a session: CPU")
# Calls that change nothing, and are in no change's cost: the merchant's read, and the page with the outcome.
CALLS_THAT_READ = 2

# An open page reads twice every five seconds (docs/speed.md, "Open pages"). The time is an assumption.
PAGE_OPEN_S = 60
READ_AGAIN_S = 5
READS_PER_LOOK = 2
READS_OF_OPEN_PAGE = PAGE_OPEN_S / READ_AGAIN_S * READS_PER_LOOK
BYTES_PER_OPEN_PAGE = 35 * 1024

# Of the profile: "about five statements per change", of two that cause one callback. It is from before changes with
# the same statements ran as one, so it is the most.
STATEMENTS_PER_CHANGE = 5 * 2 / 3

# A node. docs/serving.md, "Limits on incoming HTTP"; docs/callbacks.md, "Guarantees, and their limits"; decision 67;
# docs/serving.md, "Rate limits"; docs/operations.md, "Size".
CONNECTIONS_PER_NODE = 16_384
ATTEMPTS_PER_NODE = 1_024
ATTEMPTS_PER_ENDPOINT_AND_NODE = 32
RECORDED_REQUESTS_PER_NODE_AND_S = 1_000
CREATIONS_PER_MERCHANT_AND_NODE_AND_S = 40
DATABASE_CONNECTIONS_PER_NODE = 5
WRITERS_PER_NODE = 2
# docs/distribution.md, "Cost": "a change, one at a time", one PostgreSQL.
COMMIT_S = 0.006
# crates/kassa-engine/src/audit/chaining.rs: a batch of 100 events is placed in one commit, and chained in the next.
EVENTS_PER_AUDIT_BATCH = 100
COMMITS_PER_AUDIT_BATCH = 2

# Assumptions about the machines, and about merchants.
CORES_PER_NODE = 4
CORES_PER_PRIMARY = 32
SHARE_USED = 0.5
FEWEST_NODES = 2
CALLBACK_ANSWER_S = 0.1
CONNECTIONS_PER_PRIMARY = 1_000
LOG_BYTES_PER_S_OF_PRIMARY = 500e6
DISK_BYTES_OF_ORDERS = 10e12


class Plan:
    """What a number of purchases a second needs, as one system with one primary."""

    def __init__(self, purchases_per_s):
        self.purchases_per_s = purchases_per_s
        self.calls_per_s = purchases_per_s * CALLS
        self.changes_per_s = purchases_per_s * CHANGES
        self.callbacks_per_s = purchases_per_s * CALLBACKS
        self.open_pages = purchases_per_s * PAGE_OPEN_S
        self.node_cores = purchases_per_s * node_us_per_purchase() / 1e6
        needs = {
            "availability": FEWEST_NODES,
            "CPU": self.node_cores / (CORES_PER_NODE * SHARE_USED),
            "connections": self.open_pages / (CONNECTIONS_PER_NODE * SHARE_USED),
            "recorded requests": purchases_per_s * RECORDED_REQUESTS / RECORDED_REQUESTS_PER_NODE_AND_S,
            "attempts": self.callbacks_per_s * CALLBACK_ANSWER_S / (ATTEMPTS_PER_NODE * SHARE_USED),
        }
        self.nodes_because = max(needs, key=needs.get)
        self.nodes = math.ceil(needs[self.nodes_because])
        most_commits_per_s = self.nodes * WRITERS_PER_NODE / COMMIT_S
        self.commits_per_s = min(self.changes_per_s, most_commits_per_s)
        changes_per_commit = self.changes_per_s / self.commits_per_s
        self.database_cores = purchases_per_s * database_us_per_purchase(changes_per_commit) / 1e6
        self.page_cores = purchases_per_s * READS_OF_OPEN_PAGE * READ_US / 1e6
        self.primaries = math.ceil(self.all_database_cores() / (CORES_PER_PRIMARY * SHARE_USED))
        self.syncs_per_s = self.commits_per_s * SYNCS_PER_COMMIT
        self.log_bytes_per_s = purchases_per_s * LOG_BYTES
        self.database_connections = self.nodes * DATABASE_CONNECTIONS_PER_NODE
        self.purchases_per_day = purchases_per_s * SECONDS_PER_DAY

    def all_database_cores(self):
        return self.database_cores + self.page_cores


def node_us_per_purchase():
    of_changes = CHANGES * NODE_US_PER_CHANGE
    of_reads = CALLS_THAT_READ * READ_US + TEMPLATE_US
    return of_changes + of_reads + READS_OF_OPEN_PAGE * READ_US


def database_us_per_purchase(changes_per_commit):
    """Without open pages."""
    of_changes = CHANGES * (DATABASE_US_PER_CHANGE + DATABASE_US_PER_COMMIT / changes_per_commit)
    return of_changes + BACKGROUND_ROWS * DATABASE_US_PER_BACKGROUND_ROW + CALLS_THAT_READ * READ_US


def statements_per_purchase():
    return CHANGES * STATEMENTS_PER_CHANGE + CALLS_THAT_READ + READS_OF_OPEN_PAGE


def purchases_per_s_of_a_primary():
    """The most that half the cores of one primary can do, if the changes are committed one by one."""
    us_per_purchase = database_us_per_purchase(1) + READS_OF_OPEN_PAGE * READ_US
    return CORES_PER_PRIMARY * SHARE_USED * 1e6 / us_per_purchase


def purchases_per_s_of_a_chain():
    """The most purchases of one merchant whose events one node can place and chain, one batch after the other."""
    return EVENTS_PER_AUDIT_BATCH / (COMMITS_PER_AUDIT_BATCH * COMMIT_S) / EVENTS


def purchases_per_s_of_the_trail():
    """The same for all merchants together: the node with the turn has several writers."""
    return purchases_per_s_of_a_chain() * WRITERS_PER_NODE


def number(value):
    """Two significant digits, because the model is not more exact."""
    if value == 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(abs(value))))
    return f"{round(value, 1 - math.floor(math.log10(abs(value)))):,.{digits}f}"


def size(value_bytes):
    for unit, of_unit in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if value_bytes >= of_unit:
            return f"{number(value_bytes / of_unit)} {unit}"
    return f"{number(value_bytes / 1e3)} kB"


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows]) + "\n"


def needs_table(plans):
    def row(name, value):
        return [name, *(value(plan) for plan in plans)]

    rows_per_purchase = SESSION_ROWS + REQUEST_ROWS + ORDER_ROWS + AUDIT_ROWS
    bytes_per_purchase = SESSION_BYTES + REQUEST_BYTES + ORDER_BYTES + AUDIT_BYTES
    sessions_kept = SESSION_BYTES * SESSION_DAYS + REQUEST_BYTES * REQUEST_DAYS
    rows_kept = SESSION_ROWS * SESSION_DAYS + REQUEST_ROWS * REQUEST_DAYS
    received = CALL_BYTES_RECEIVED
    sent = CALL_BYTES_ANSWERED + ASSET_BYTES + CALLBACK_BYTES
    head = ["need", *(f"{rate:,} purchases a second" for rate in PURCHASES_PER_S)]
    return table(head, [
        row("calls a second", lambda plan: number(plan.calls_per_s)),
        row("changes a second", lambda plan: number(plan.changes_per_s)),
        row("commits a second", lambda plan: number(plan.commits_per_s)),
        row("open pages", lambda plan: number(plan.open_pages)),
        row(f"nodes of {CORES_PER_NODE} cores", lambda plan: f"{plan.nodes:,} ({plan.nodes_because})"),
        row("CPU of the nodes, cores", lambda plan: number(plan.node_cores)),
        row("memory of the nodes for open pages", lambda plan: size(plan.open_pages * BYTES_PER_OPEN_PAGE)),
        row("CPU of the database, cores", lambda plan: number(plan.all_database_cores())),
        row("of this, for open pages", lambda plan: number(plan.page_cores)),
        row(f"primaries of {CORES_PER_PRIMARY} cores, half used", lambda plan: f"{plan.primaries:,}"),
        row("statements a second, all through the coordinator of Citus",
            lambda plan: number(plan.purchases_per_s * statements_per_purchase())),
        row("log of the database, a second", lambda plan: size(plan.log_bytes_per_s)),
        row("syncs a second, at most", lambda plan: number(plan.syncs_per_s)),
        row("received from consumers and merchants",
            lambda plan: f"{number(plan.purchases_per_s * received * 8 / 1e6)} Mbit/s"),
        row("sent to them", lambda plan: f"{number(plan.purchases_per_s * sent * 8 / 1e6)} Mbit/s"),
        row("connections to the database", lambda plan: f"{plan.database_connections:,}"),
        row("rows a day", lambda plan: f"{number(plan.purchases_per_day * rows_per_purchase / 1e6)} million"),
        row("bytes a day", lambda plan: size(plan.purchases_per_day * bytes_per_purchase)),
        row("rows of sessions and requests, kept",
            lambda plan: f"{number(plan.purchases_per_day * rows_kept / 1e9)} billion"),
        row("bytes of sessions and requests, kept", lambda plan: size(plan.purchases_per_day * sessions_kept)),
        row("bytes of `placed_order`, more each year",
            lambda plan: size(plan.purchases_per_day * 365 * ORDER_BYTES)),
        row(f"days until `placed_order` fills {size(DISK_BYTES_OF_ORDERS)}",
            lambda plan: number(DISK_BYTES_OF_ORDERS / (plan.purchases_per_day * ORDER_BYTES))),
        row("bytes of the audit trail, more each year", lambda plan: size(plan.purchases_per_day * 365 * AUDIT_BYTES)),
    ])


def limits_table(plans):
    def row(name, capacity, used):
        shares = [used(plan) for plan in plans]
        return [name, capacity, *(f"**{number(share * 100)} %**" if share > 1 else f"{number(share * 100)} %"
                                  for share in shares)]

    primary, chain, trail = (purchases_per_s_of_a_primary(), purchases_per_s_of_a_chain(),
                             purchases_per_s_of_the_trail())
    attempts_per_s = ATTEMPTS_PER_ENDPOINT_AND_NODE / CALLBACK_ANSWER_S
    creations = CREATIONS_PER_MERCHANT_AND_NODE_AND_S
    head = ["limit", "capacity", *(f"used at {rate:,}" for rate in PURCHASES_PER_S)]
    return table(head, [
        row("CPU of one primary", f"{number(primary)} purchases a second",
            lambda plan: plan.all_database_cores() / (CORES_PER_PRIMARY * SHARE_USED)),
        row("log of one primary", f"{size(LOG_BYTES_PER_S_OF_PRIMARY)} a second (assumed)",
            lambda plan: plan.log_bytes_per_s / LOG_BYTES_PER_S_OF_PRIMARY),
        row("connections to one primary", f"{CONNECTIONS_PER_PRIMARY:,} (assumed)",
            lambda plan: plan.database_connections / CONNECTIONS_PER_PRIMARY),
        row("the audit trail of a system, on one node", f"{number(trail)} purchases a second",
            lambda plan: plan.purchases_per_s / trail),
        row("feed and audit trail of one merchant with all purchases", f"{number(chain)} purchases a second",
            lambda plan: plan.purchases_per_s / chain),
        row("callbacks to one endpoint with all purchases", f"{number(attempts_per_s)} a second and node",
            lambda plan: plan.callbacks_per_s / (attempts_per_s * plan.nodes)),
        row("default rate limit of one merchant with all purchases", f"{creations} creations a second and node",
            lambda plan: plan.purchases_per_s / (creations * plan.nodes)),
    ])


# The rows that the model is compared with.
MEASURED_CHANGES_PER_S = speed("change with callback, 1 of 3 nodes on PostgreSQL: throughput")
MEASURED_PURCHASE_US_ON_SQLITE = speed("whole purchase, five calls: CPU")
MEASURED_PURCHASES_PER_S_ON_SQLITE = speed("whole purchase, five calls: throughput")
CORES_OF_MEASUREMENTS = 2
CREATE_US_ON_SQLITE = speed("create a session: CPU")
STEP_US_ON_SQLITE = speed("page step: CPU")
# count.py, on two shared cores: CPU of PostgreSQL.
COUNTED_DATABASE_US = 1_490


def comparison_table():
    def row(name, predicted, measured, unit):
        deviation = (predicted / measured - 1) * 100
        return [name, f"{predicted:,.0f} {unit}", f"{measured:,.0f} {unit}", f"{deviation:+.0f} %"]

    two_cores_us = CORES_OF_MEASUREMENTS * 1e6
    us_of_a_change = (NODE_US_PER_CHANGE + DATABASE_US_PER_CHANGE_IN_GROUPS) * 3 / 2
    purchase_us = 2 * CREATE_US_ON_SQLITE + 3 * STEP_US_ON_SQLITE
    return table(["step", "model", "measured", "deviation of the model"], [
        row("changes with callbacks, one node on PostgreSQL, two cores: throughput", two_cores_us / us_of_a_change,
            MEASURED_CHANGES_PER_S, "/s"),
        row("purchase of five calls on SQLite: CPU, as two creations and three steps", purchase_us,
            MEASURED_PURCHASE_US_ON_SQLITE, "us"),
        row("purchase of five calls on SQLite, two cores: throughput", two_cores_us / purchase_us,
            MEASURED_PURCHASES_PER_S_ON_SQLITE, "/s"),
        row("purchase of seven calls: CPU of PostgreSQL, with the measured size of groups",
            database_us_per_purchase(CHANGES_PER_COMMIT_IN_BENCHMARK), COUNTED_DATABASE_US, "us"),
    ])


def printed():
    plans = [Plan(rate) for rate in PURCHASES_PER_S]
    parts = [
        needs_table(plans),
        "The share of each limit that is used, with the CPU of the model and not twice as much:\n",
        limits_table(plans),
        "The model beside measurements:\n",
        comparison_table(),
    ]
    return "\n".join(parts)


def main():
    if sys.argv[1:] == []:
        print(printed(), end="")
        return
    if sys.argv[1:] not in (["--check"], ["--write"]):
        raise SystemExit("usage: model.py [--check | --write]")
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    current = before + BEGIN + printed() + END + after
    if sys.argv[1] == "--write":
        DOCUMENT.write_text(current, encoding="utf-8")
    elif current != text:
        raise SystemExit("docs/scale.md is outdated: run tools/scale/model.py --write")


if __name__ == "__main__":
    main()
