"""Replays recorded exchanges of a shop plugin with the vendor's playground, and compares status and names of fields.

The argument is a clone of solidusio-contrib/solidus_klarna_payments with its history. Recordings of 2017 call the
Payments API by an older path, `/credit/v1`, which Kassa does not have. They are skipped. `descriptor` is in some
recordings only, and in no documentation; Kassa does not send it.
"""

import json
import os
import subprocess
import sys

import requests
import yaml

FOLDER = "spec/fixtures/vcr_cassettes"


def git(*arguments):
    return subprocess.run(["git", "-C", sys.argv[1], *arguments], capture_output=True, text=True, check=True).stdout


def recordings():
    """Each recording of the whole history once."""
    seen = set()
    for commit in git("log", "--all", "--format=%H", "--", FOLDER).split():
        for path in git("ls-tree", "-r", "-z", "--name-only", commit, FOLDER).split("\0")[:-1]:
            blob = git("rev-parse", f"{commit}:{path}")
            if blob not in seen:
                seen.add(blob)
                yield from yaml.safe_load(git("show", f"{commit}:{path}"))["http_interactions"]


def fields(text):
    try:
        return sorted(json.loads(text).keys() - {"descriptor"})
    except ValueError:
        return "no JSON"


done = set()
for recording in recordings():
    asked, answered = recording["request"], recording["response"]
    path, body, status = asked["uri"].split(".com", 1)[1], asked["body"]["string"], answered["status"]["code"]
    if not path.startswith("/payments/v1") or (path, body, status) in done:
        continue
    done.add((path, body, status))
    password = os.environ["KASSA_PASSWORD"] if status != 401 else "wrong"
    answer = requests.request(asked["method"], os.environ["KASSA_URL"] + path, data=body,
                              auth=(os.environ["KASSA_USERNAME"], password))
    assert answer.status_code == status, f"{path}: expected {status}, found {answer.status_code}: {answer.text}"
    expected, found = fields(answered["body"]["string"]), fields(answer.text)
    assert found == expected or status == 401, f"{path}: expected {expected}, found {found}"
    print("  ok", asked["method"].upper(), path, status, recording["recorded_at"])
assert done, "no recording found"
