"""Calls Kassa with a merchant's credential."""

import base64
import json
import urllib.error
import urllib.request

from kassa.errors import KassaError, KassaRefused

#: The longest wait of one call. Kassa itself waits for 60 seconds at most.
TIMEOUT_SECONDS = 75

# Kassa runs on this machine, so a proxy of the environment does not apply.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Api:
    def __init__(self, url, username, password):
        self._url = url
        self._authorization = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def call(self, method, path, body=None):
        """Makes a call, and returns the JSON of its answer, or `None` if the answer has no body."""
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        try:
            with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return _parsed(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                raise KassaRefused(f"{method} {path}", refused.code, _parsed(refused.read())) from None
        except OSError as error:
            raise KassaError(f"{method} {self._url}{path}: no answer from Kassa: {error}") from error


def _parsed(body):
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")
