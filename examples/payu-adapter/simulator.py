#!/usr/bin/env python3
"""Starts the public simulator of PayU (PyPI: python-getpaid-simulator, python-getpaid-payu) on this machine.

The simulator's own page approves a payment with automatic collection: the order goes straight to COMPLETED. A PayU shop
with manual collection stops at WAITING_FOR_CONFIRMATION. `POST /sim/payu/hold/{order_id}` approves in that way.
"""

import argparse
import os
from dataclasses import replace

import uvicorn
from getpaid_payu.simulator import get_plugin
from getpaid_payu.simulator.webhooks import trigger_payu_webhook
from getpaid_simulator.app import create_app
from getpaid_simulator.core.config import SimulatorConfig
from getpaid_simulator.plugins import PluginLoadResult
from litestar import Request, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.response import Redirect


@post("/sim/payu/hold/{order_id:str}")
async def hold(order_id: str, request: Request) -> Redirect:
    """Approves a payment without collecting it. Notifies the shop and sends the browser back, as the page does."""
    state = request.app.state
    order = state.storage.get_order(order_id)
    if order is None:
        raise NotFoundException("Payment not found")
    if order["status"] not in ("NEW", "PENDING"):
        raise HTTPException(status_code=400, detail="Payment already processed")
    if order["status"] == "NEW":
        state.state_machine.transition(order_id, "PENDING")
    state.state_machine.transition(order_id, "WAITING_FOR_CONFIRMATION")
    await trigger_payu_webhook(order_id, state.storage, dict(state.provider_configs["payu"]), state.webhook_transport)
    return Redirect(path=str(order.get("continueUrl", "/")))


class Server(uvicorn.Server):
    """Prints a line as soon as it accepts requests."""

    async def startup(self, sockets=None):
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            print(f"The simulator of PayU answers at http://{host}:{port}/payu", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9000, help="0: a free port (default: 9000)")
    port = parser.parse_args().port
    plugin = get_plugin()
    plugin = replace(plugin, ui_handlers=(*plugin.ui_handlers, hold))
    loaded = PluginLoadResult(loaded_plugins=(plugin,), provider_configs={"payu": plugin.load_config(os.environ)})
    app = create_app(SimulatorConfig(host="127.0.0.1", port=port), loaded)
    Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")).run()


if __name__ == "__main__":
    main()
