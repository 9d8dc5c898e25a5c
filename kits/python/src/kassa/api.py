"""Calls Kassa with a merchant's credential."""

import base64
import http.client
import json
import urllib.error
import urllib.request

from kassa.errors import KassaError, KassaRefused

#: The longest wait of one call. Kassa itself waits for 60 seconds at most.
TIMEOUT_SECONDS = 75

#: An answer that is not JSON is shown in the error up to this length.
SHOWN_CHARACTERS = 200

# Calls go to Kassa directly, even if HTTP_PROXY is set: a proxy cannot reach the loopback address of this machine.
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
            with _send(request) as answer:
                return _parsed(f"{method} {path}", answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise KassaError(f"{method} {self._url}{path}: no complete answer from Kassa: {error!r}") from error


def _send(request):
    try:
        return _OPENER.open(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as refused:
        # The answer to a refused call.
        return refused


def _parsed(call, status, body):
    is_refused = not 200 <= status < 300
    try:
        parsed = json.loads(body) if body else None
    except ValueError:
        parsed = body.decode(errors="replace")
        if not is_refused:
            raise KassaError(f"{call}: the answer is not JSON: {parsed[:SHOWN_CHARACTERS]}") from None
    if is_refused:
        raise KassaRefused(call, status, parsed)
    return parsed
