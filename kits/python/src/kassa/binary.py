"""Finds the `kassa` binary."""

import os
import shutil
from pathlib import Path

from kassa.errors import KassaError

BESIDE_THE_PACKAGE = Path(__file__).parent / "bin" / "kassa"


def find_binary():
    """Returns the path of the binary: `KASSA_BIN`, or the one in this package, or `kassa` on the PATH."""
    chosen = os.environ.get("KASSA_BIN")
    if chosen:
        if not _is_executable(chosen):
            raise KassaError(f"KASSA_BIN is {chosen}, which is not an executable file. Set it to the path of the "
                             "kassa binary, or unset it.")
        return chosen
    if _is_executable(BESIDE_THE_PACKAGE):
        return str(BESIDE_THE_PACKAGE)
    on_path = shutil.which("kassa")
    if on_path:
        return on_path
    raise KassaError(f"The kassa binary was not found: KASSA_BIN is not set, {BESIDE_THE_PACKAGE} does not exist, and "
                     "no kassa is on the PATH. Install Kassa, or set KASSA_BIN to the path of the binary.")


def _is_executable(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)
