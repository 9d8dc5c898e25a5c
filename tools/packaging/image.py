"""The OCI image layout: the same image as that of the Dockerfile, made without a daemon."""

from datetime import datetime, timezone
from pathlib import Path

from archive import Archive
from product import ROOT, SUMMARY, run

AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
#: Nobody's number on a Debian, which images without a distribution call nonroot.
NONROOT = 65532


def pack(product, folder):
    layer, layout = product.staging / "layer.tar", product.staging / "image"
    write_layer(product, layer)
    image = f"{layout}:{product.version}"
    created = datetime.fromtimestamp(product.epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    run("umoci", "init", "--layout", layout)
    run("umoci", "new", "--image", image)
    history = [f"--history.created={created}", "--history.created_by=tools/dist"]
    run("umoci", "raw", "add-layer", "--image", image, *history, layer)
    run("umoci", "config", "--image", image, "--no-history", "--created", created, *configuration(product))
    run("umoci", "gc", "--layout", layout)
    with Archive(folder / f"kassa-{product.version}-oci-{product.machine.debian}.tar", product.epoch) as archive:
        for part in ("blobs", "index.json", "oci-layout"):
            add(archive, layout / part, part)


def add(archive, path, name):
    archive.add_tree(path, name) if path.is_dir() else archive.add_file(path, name)


def write_layer(product, path):
    with Archive(path, product.epoch) as archive:
        for folder in ("etc", "etc/ssl", "etc/ssl/certs", "usr", "usr/bin", "var", "var/lib"):
            archive.add_folder(folder)
        archive.add_folder("tmp", mode=0o1777)
        archive.add_folder("var/lib/kassa", mode=0o700, owner=NONROOT)
        archive.add_file(AUTHORITIES, "etc/ssl/certs/ca-certificates.crt")
        archive.add_file(product.binary, "usr/bin/kassa", mode=0o755)
        archive.add_file(ROOT / "LICENSE", "LICENSE")
        archive.add_file(product.licenses, product.licenses.name)


def configuration(product):
    """The same settings as in the Dockerfile; a test compares them."""
    labels = {"title": "kassa", "description": SUMMARY, "version": product.version, "licenses": "Apache-2.0"}
    return [
        "--os=linux", f"--architecture={product.machine.debian}", f"--config.user={NONROOT}:{NONROOT}",
        "--config.entrypoint=/usr/bin/kassa", "--config.cmd=serve", "--config.cmd=--config",
        "--config.cmd=/etc/kassa/kassa.toml", "--config.volume=/var/lib/kassa",
        "--config.exposedports=8080/tcp", "--config.exposedports=9464/tcp",
        *(f"--config.label=org.opencontainers.image.{name}={value}" for name, value in labels.items()),
    ]
