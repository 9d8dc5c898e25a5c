"""A merchant of a test, with the controls of the lab."""

from urllib.parse import quote, urlencode

from kassa.api import Api
from kassa.errors import KassaTimedOut
from kassa.page_session import PageSession

#: The payment session that `create_page_session` creates.
SAMPLE_CART = {
    "purchase_country": "SE", "purchase_currency": "SEK", "locale": "sv-SE",
    "order_amount": 9999, "order_tax_amount": 1870,
    "order_lines": [{"name": "Running shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
                     "total_amount": 9999, "total_tax_amount": 1870}],
}

PATIENCE_SECONDS = 30
MAXIMUM_ENTRIES = 1000


class Merchant:
    """A merchant with its own data, clock, faults, journal and inbox. Give its credential to your shop."""

    def __init__(self, url, made):
        self._api = Api(url, made["username"], made["password"])
        self.url = url
        self.merchant_id = made["merchant_id"]
        self.username = made["username"]
        self.password = made["password"]
        #: The secret that signs callbacks.
        self.callback_secret = made["callback_secret"]
        #: The lab's page of this merchant, for a browser.
        self.lab_page = f"{url}/lab/of/{self.merchant_id}"

    def call(self, method, path, body=None):
        """Calls any path of Kassa with the merchant's credential, and returns the JSON of the answer."""
        return self._api.call(method, path, body)

    def create_page_session(self, merchant_urls=None, cart=None):
        """Creates a payment session and a page session for it, as your shop would."""
        payment = self.call("POST", "/payments/v1/sessions", cart or SAMPLE_CART)
        body = {"payment_session_url": f"{self.url}/payments/v1/sessions/{payment['session_id']}"}
        if merchant_urls:
            body["merchant_urls"] = merchant_urls
        created = self.call("POST", "/hpp/v1/sessions", body)
        return PageSession(self, created["session_id"], created["redirect_url"])

    def page_session(self, session_id):
        """Returns a page session that your shop created."""
        return PageSession(self, session_id, None)

    def clock(self):
        """Reads the clock: `now` and `frozen`."""
        return self.call("GET", "/lab/v1/clock")

    def set_clock(self, now=None, frozen=None):
        """Sets the clock (an instant in RFC 3339), freezes it, or lets it run."""
        given = {"now": now, "frozen": frozen}
        return self.call("PUT", "/lab/v1/clock", {name: value for name, value in given.items() if value is not None})

    def advance_clock(self, by):
        """Moves the clock forward by a duration in ISO 8601, such as `PT47H`. Returns the list of what happened."""
        return self.call("POST", "/lab/v1/clock/advance", {"by": by})["fired"]

    def advance_clock_to(self, instant):
        """Moves the clock forward to an instant in RFC 3339. Returns the list of what happened."""
        return self.call("POST", "/lab/v1/clock/advance", {"to": instant})["fired"]

    def inject_faults(self, callbacks=(), calls=(), seed=0):
        """Replaces all faults by these rules of callbacks and of API calls."""
        return self.call("PUT", "/lab/v1/faults", {"callbacks": list(callbacks), "calls": list(calls), "seed": seed})

    def clear_faults(self):
        """Removes all faults."""
        self.call("DELETE", "/lab/v1/faults")

    def journal(self, **filters):
        """Returns the entries of the journal that match all filters, such as `kind="callback"`, oldest first."""
        return self._read_journal(filters)["entries"]

    def wait_for_journal(self, count, **filters):
        """Waits until at least `count` entries of the journal match all filters, and returns them.

        `wait` is the maximum number of seconds, up to 60 (default: 30).
        """
        filters.setdefault("wait", PATIENCE_SECONDS)
        answer = self._read_journal({**filters, "count": count})
        if answer["matching"] < count:
            raise KassaTimedOut(f"The journal has {answer['matching']} entries that match {filters}, and not {count}, "
                                f"after {filters['wait']} seconds.")
        return answer["entries"]

    def inbox(self):
        """Returns the messages that the sandbox did not send, oldest first."""
        return self.call("GET", "/lab/v1/inbox")["messages"]

    def accept_order(self, order_id):
        """Ends the fraud check of a pending order: accepted."""
        return self.call("POST", f"/lab/v1/orders/{quote(order_id)}/accept")

    def reject_order(self, order_id):
        """Ends the fraud check of a pending order: rejected."""
        return self.call("POST", f"/lab/v1/orders/{quote(order_id)}/reject")

    def approve_payment_session(self, session_id, email=None):
        """Authorizes a payment session without a page. Returns the authorization token."""
        path = f"/lab/v1/payment-sessions/{quote(session_id)}/approve"
        return self.call("POST", path, {"email": email} if email else {})["authorization_token"]

    def decline_payment_session(self, session_id):
        """Declines a payment session without a page."""
        self.call("POST", f"/lab/v1/payment-sessions/{quote(session_id)}/decline", {})

    def delete(self):
        """Deletes the merchant and all its data."""
        self.call("DELETE", f"/lab/v1/merchants/{quote(self.merchant_id)}")

    def _read_journal(self, filters):
        return self.call("GET", "/lab/v1/journal?" + urlencode({"limit": MAXIMUM_ENTRIES, **filters}))
