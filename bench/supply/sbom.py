"""Writes a software bill of materials (SBOM) of the app, as this machine installs it, in CycloneDX's JSON.

python -m bench.supply.sbom sbom.cdx.json
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bench.supply.bundled import bundled
from bench.supply.licences import homepage_of, licence_of
from bench.supply.lock import Locked, locked_app, required

ROOT_NAME = "maskwise"
LICENCE = "MIT"  # of the code; the weights' terms are in their cards


def bill(packages: list[Locked]) -> Bom:
    """Every package with its licence, the hashes of its files, the libraries inside, and what it needs."""
    parts = {package.name: component(package) for package in packages if package.applies}
    bom = Bom(components=parts.values())
    bom.metadata.component = Component(
        name=ROOT_NAME,
        type=ComponentType.APPLICATION,
        bom_ref=ROOT_NAME,
        licenses=[LicenseFactory().make_from_string(LICENCE)],
    )
    direct = sorted({canonicalize_name(asked.name) for asked in required("requirements.txt")})
    bom.register_dependency(bom.metadata.component, [parts[name] for name in direct])
    for name, part in parts.items():
        bom.register_dependency(part, [parts[need] for need in needs(name) if need in parts])
    return bom


def component(package: Locked) -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=content) for content in package.hashes]
    files = XsUri(f"https://pypi.org/project/{package.name}/{package.version}/#files")
    home = XsUri(homepage_of(package.name))
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=package.name,
        purl=PackageURL("pypi", None, package.name, package.version),
        licenses=[LicenseFactory().make_from_string(licence_of(package.name))],
        external_references=[
            ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=files, hashes=hashes),
            ExternalReference(type=ExternalReferenceType.WEBSITE, url=home),
        ],
        components=[
            Component(
                name=f"lib{library}",
                type=ComponentType.LIBRARY,
                bom_ref=f"{package.name}/lib{library}",
                licenses=[LicenseFactory().make_from_string(licence)],
            )
            for library, licence in bundled(package.name).items()
        ],
    )


def needs(name: str) -> list[str]:
    """Names of the packages that one requires on this machine, without its extras."""
    lines = map(Requirement, metadata.requires(name) or [])
    applying = (line for line in lines if line.marker is None or line.marker.evaluate({"extra": ""}))
    return sorted({canonicalize_name(line.name) for line in applying})


def main(target: str) -> None:
    packages = locked_app()
    Path(target).write_text(JsonV1Dot6(bill(packages)).output_as_string(indent=2), encoding="utf-8")
    print(f"{target}: {sum(package.applies for package in packages)} packages")


if __name__ == "__main__":
    main(*sys.argv[1:])
