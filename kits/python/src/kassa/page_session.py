"""A page session, with the actions of its consumer."""

from urllib.parse import quote


class PageSession:
    def __init__(self, merchant, session_id, redirect_url):
        self._merchant = merchant
        self.id = session_id
        #: The payment page, for a browser. It is known only if the kit created the page session.
        self.redirect_url = redirect_url
        #: The lab's page of this page session, for a browser.
        self.lab_page = f"{merchant.lab_page}/sessions/{session_id}"

    def enter(self):
        """The consumer opens the payment page. Each action returns the page session as a read shows it."""
        return self.act("enter")

    def approve(self, email=None):
        """The consumer pays. Some e-mail addresses select the outcome of the order."""
        return self.act("approve", {"email": email} if email else {})

    def decline(self, reason=None):
        """The payment is declined."""
        return self.act("decline", {"reason": reason} if reason else {})

    def error(self, reason=None):
        """The payment fails technically."""
        return self.act("error", {"reason": reason} if reason else {})

    def back(self):
        """The consumer presses Back."""
        return self.act("back")

    def cancel(self):
        """The consumer cancels. In a web shop this is the same as Back."""
        return self.act("cancel")

    def act(self, action, body=None):
        """Acts as the consumer: `enter`, `approve`, `decline`, `error`, `back` or `cancel`."""
        return self._merchant.call("POST", f"/lab/v1/sessions/{quote(self.id)}/{action}", body or {})

    def read(self):
        """Reads the page session, as your shop would."""
        return self._merchant.call("GET", f"/hpp/v1/sessions/{quote(self.id)}")

    def status(self):
        """Reads the status, such as `COMPLETED`."""
        return self.read()["status"]

    def history(self):
        """Returns the events, oldest first."""
        return self._merchant.call("GET", f"/kassa/v1/sessions/{quote(self.id)}/events")["events"]

    def wait_for_callbacks(self, count=1):
        """Waits until Kassa made at least `count` attempts of callbacks. Returns their entries of the journal."""
        return self._merchant.wait_for_journal(count, kind="callback", session=self.id)

    def wait_for_messages(self, count=1):
        """Waits until at least `count` messages with the link were sent to the consumer, and returns them."""
        path = f"/hpp/v1/sessions/{self.id}/distribution"
        self._merchant.wait_for_journal(count, kind="call", method="POST", path=path, status=201)
        return [message for message in self._merchant.inbox() if message["session_id"] == self.id]
