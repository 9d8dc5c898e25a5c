"""Buys something with the kit, and prints the status of the page session. The tests of the artifacts run it."""

import sys

from kassa import Kassa

with Kassa.start() as kassa:
    session = kassa.new_merchant().create_page_session()
    session.enter()
    status = session.approve()["status"]
print(status)
sys.exit(status != "COMPLETED")
