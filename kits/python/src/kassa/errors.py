"""The errors of the kit."""


class KassaError(Exception):
    """Kassa could not be found, started or reached, or its answer could not be read."""


class KassaRefused(KassaError):
    """Kassa answered a call with an error."""

    def __init__(self, call, status, body):
        is_described = isinstance(body, dict)
        code = body.get("error_code", "") if is_described else ""
        messages = ", ".join(body.get("error_messages", [])) if is_described else str(body)
        super().__init__(f"{call}: {status} {code}: {messages}")
        self.status = status
        self.code = code
        self.body = body


class KassaTimedOut(KassaError):
    """The journal or the inbox did not show the expected entries in time."""
