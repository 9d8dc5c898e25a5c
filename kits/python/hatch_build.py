"""Adds the binary to the wheel, if tools/dist builds it. Otherwise the wheel contains the kit only."""

import os

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        parts = os.environ.get("KASSA_WHEEL_PARTS")
        if not parts:
            return
        build_data["pure_python"] = False
        build_data["tag"] = os.environ["KASSA_WHEEL_TAG"]
        # Installers put it beside `python`, as the command `kassa`.
        build_data["shared_scripts"][f"{parts}/kassa"] = "kassa"
        for name in ("LICENSE", "THIRD-PARTY-LICENSES.txt"):
            build_data["force_include"][f"{parts}/{name}"] = f"kassa/licenses/{name}"
