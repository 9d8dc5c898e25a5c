"""The test kit of Kassa: a sandbox for Klarna's HPP API that starts and stops with your tests."""

from kassa.errors import KassaError, KassaRefused, KassaTimedOut
from kassa.merchant import SAMPLE_CART, Merchant
from kassa.page_session import PageSession
from kassa.process import Kassa

__all__ = ["Kassa", "KassaError", "KassaRefused", "KassaTimedOut", "Merchant", "PageSession", "SAMPLE_CART"]
