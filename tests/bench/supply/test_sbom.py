"""The bill of materials: valid CycloneDX that names every locked package and what lies inside its wheel."""

import json

from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from bench.supply.lock import APP_LOCK, read_lock
from bench.supply.sbom import bill


def test_it_is_valid_and_whole():
    packages = [package for package in read_lock(APP_LOCK) if package.applies]
    text = JsonV1Dot6(bill(packages)).output_as_string()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    said = json.loads(text)
    assert said["metadata"]["component"]["licenses"] == [{"license": {"id": "MIT"}}]
    parts = {part["name"]: part for part in said["components"]}
    assert {name: part["version"] for name, part in parts.items()} == {p.name: p.version for p in packages}
    assert "libx265" in {inside["name"] for inside in parts["pillow-heif"]["components"]}
    assert parts["streamlit"]["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    hashes = {h["content"] for ref in parts["av"]["externalReferences"] for h in ref.get("hashes", [])}
    assert hashes == set(next(package.hashes for package in packages if package.name == "av"))
    needs = {node["ref"]: node.get("dependsOn", []) for node in said["dependencies"]}
    assert "av" in needs["aiortc"] and "numpy" in needs["maskwise"]
