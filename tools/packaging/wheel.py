"""The Python wheel: the test kit, and the binary as the command `kassa`."""

import os
import sys

from product import ROOT, copy_file, run


def pack(product, folder):
    parts = product.staging / "wheel"
    copy_file(product.binary, parts / "kassa", mode=0o755)
    copy_file(ROOT / "LICENSE", parts / "LICENSE")
    copy_file(product.licenses, parts / product.licenses.name)
    environment = {**os.environ, "KASSA_WHEEL_PARTS": str(parts), "KASSA_WHEEL_TAG": tag(product)}
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    run(*command, cwd=ROOT / "kits/python", env=environment)


def tag(product):
    """A static binary runs on every Linux. Another one runs only on systems like the one that built it."""
    machine = product.machine.python
    if not product.is_static:
        return f"py3-none-linux_{machine}"
    return f"py3-none-manylinux_2_17_{machine}.manylinux2014_{machine}.musllinux_1_1_{machine}"
