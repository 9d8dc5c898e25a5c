"""The software bill of materials, in CycloneDX."""

import uuid
from datetime import datetime, timezone

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from product import SUMMARY


def write(product, folder):
    text = JsonV1Dot6(bill(product)).output_as_string(indent=2)
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error:
        raise SystemExit(f"the SBOM is not valid: {error}")
    (folder / f"{product.name}.cdx.json").write_text(text + "\n")


def bill(product):
    kassa = component("kassa", product.version, "Apache-2.0", ComponentType.APPLICATION, SUMMARY)
    crates = [component(package["name"], package["version"], package["license"], ComponentType.LIBRARY)
              for package in product.dependencies]
    made = Bom(components=crates, serial_number=uuid.uuid5(uuid.NAMESPACE_URL, kassa.bom_ref.value))
    made.metadata.component = kassa
    made.metadata.timestamp = datetime.fromtimestamp(product.epoch, timezone.utc)
    made.register_dependency(kassa, crates)
    return made


def component(name, version, license_expression, kind, description=None):
    url = PackageURL("cargo", name=name, version=version)
    # The old way to write "or".
    expression = (license_expression or "").replace("/", " OR ")
    licenses = [LicenseFactory().make_from_string(expression)] if expression else []
    return Component(name=name, version=version, type=kind, purl=url, bom_ref=str(url), licenses=licenses,
                     description=description)
