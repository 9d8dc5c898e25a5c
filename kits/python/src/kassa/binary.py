"""Finds the `kassa` binary."""

import os
import shutil
import sysconfig
from pathlib import Path

from kassa.errors import KassaError

#: The places to which installers put the binary of the wheel: beside `python`, for one user, or below a `--target`.
BESIDE_THE_PACKAGE = [
    Path(sysconfig.get_path("scripts")) / "kassa",
    Path(sysconfig.get_path("scripts", "posix_user")) / "kassa",
    Path(__file__).parents[1] / "bin" / "kassa",
]


def find_binary():
    """Returns the path of the binary: `KASSA_BIN`, or the one of this package, or `kassa` on the PATH."""
    chosen = os.environ.get("KASSA_BIN")
    if chosen:
        if not _is_executable(chosen):
            raise KassaError(f"KASSA_BIN is {chosen}, which is not an executable file. Set it to the path of the "
                             "kassa binary, or unset it.")
        return chosen
    for path in (*BESIDE_THE_PACKAGE, shutil.which("kassa")):
        if path and _is_executable(path):
            return str(path)
    raise KassaError(f"The kassa binary was not found: KASSA_BIN is not set, {BESIDE_THE_PACKAGE[0]} does not exist, "
                     "and no kassa is on the PATH. Install Kassa, or set KASSA_BIN to the path of the binary.")


def _is_executable(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)
