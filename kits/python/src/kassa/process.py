"""Starts and stops `kassa dev`."""

import json
import os
import subprocess

from kassa.api import Api
from kassa.binary import find_binary
from kassa.errors import KassaError
from kassa.merchant import Merchant

OPTIONS = ["dev", "--listen", "127.0.0.1:0", "--json", "--quiet", "--stop-when-stdin-closes"]

#: Kassa itself takes 10 seconds at most to stop. After this time, the kit kills it.
STOP_SECONDS = 30

#: The credential that each `kassa dev` has.
PUBLISHED = {"username": "PK00000_dev", "password": "dev"}


class Kassa:
    """A running `kassa dev`.

    If the kit started it, its standard input is a pipe from this process. So it stops when this process ends, even if
    this process is killed. Forked processes have the pipe too: Kassa then stops with the last of them, or by `stop`.
    """

    def __init__(self, process, announced):
        self._process = process
        self._api = Api(announced["url"], announced["username"], announced["password"])
        #: The base URL, such as `http://127.0.0.1:40123`.
        self.url = announced["url"]

    @classmethod
    def start(cls, binary=None, options=()):
        """Starts Kassa on a free port with further options of `kassa dev`, and returns when it accepts requests.

        If `KASSA_URL` is set, it uses the Kassa at this URL instead.
        """
        if os.environ.get("KASSA_URL"):
            return cls.connect(os.environ["KASSA_URL"])
        command = [binary or find_binary(), *OPTIONS, *options]
        try:
            # In a session of its own, it does not get the Ctrl-C of the terminal before the tests have ended.
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            raise KassaError(f"{command[0]} could not be started: {error}") from error
        line = process.stdout.readline()
        try:
            return cls(process, json.loads(line))
        except (ValueError, TypeError, KeyError):
            _close(process)
        said = f"printed {line!r}, and not a line of `kassa dev --json`," if line else "ended"
        raise KassaError(f"{' '.join(command)} {said} with status {process.returncode}. Standard error says why.")

    @classmethod
    def connect(cls, url):
        """Uses a `kassa dev` that runs already, for example in a container."""
        return cls(None, {"url": url.rstrip("/"), **PUBLISHED})

    def new_merchant(self, name=None):
        """Creates a merchant that shares no data with others. Its clock is frozen."""
        made = self._api.call("POST", "/lab/v1/merchants", {"name": name} if name else {})
        merchant = Merchant(self.url, made)
        merchant.set_clock(frozen=True)
        return merchant

    def stop(self):
        """Stops Kassa if the kit started it, and waits until it has ended.

        It does nothing in a forked process, because `Popen` signals only children of its own process.
        """
        if self._process:
            # Forked processes may still have their ends of the pipe open, so closing this end may not be enough.
            self._process.terminate()
            _close(self._process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def _close(process):
    process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
