"""The table of wings: which may import which. What is not listed is refused.

A wing is a folder, or a file that stands beside the folders. A row's names are of its own part of the house,
or whole; "core" and "training" stand for every wing of theirs. docs/architecture.md says what each is for.
"""

from __future__ import annotations

_TABLE = """
core.boxes:
core.errors:
core.scheduling:
core.settings:          errors
core.text:
core.labels:            errors
core.decision:          labels
core.reasons:           labels
core.label_maps:        errors labels
core.results:           decision labels notebook
core.files:             errors settings text
core.records:           errors files labels text
core.models:            decision errors files labels records scheduling settings text
core.terminal:          errors
core.notebook:
core.images:            boxes errors files results scheduling text
core.metrics:           boxes results
core.classification:    decision errors images labels models reasons results scheduling
core.detection:         boxes errors images models results scheduling settings
core.drawing:           boxes errors images labels reasons results
core.html:              drawing labels
core.mask_rendering:    images labels results
core.runs:              decision errors files images metrics models notebook records results settings
                        text
core.pipeline:          classification decision detection errors images labels models results
core.explain:           classification decision images labels reasons results
core.review:            decision errors label_maps labels metrics models runs
core.photos:            bulk decision drawing errors images pipeline results scheduling settings text
core.video:             boxes classification decision drawing errors files images labels mask_rendering
                        pipeline reasons results scheduling settings text
core.exports:           labels results text video
core.reports:           decision html labels metrics models review runs text video
core.bulk:              decision drawing errors exports files html images labels models pipeline reasons
                        results terminal text
core.commands:          bulk classification decision detection drawing errors exports files images labels
                        models photos pipeline reasons reports results scheduling settings terminal text video
core.__main__:          commands

training.recipes:       core
training.synthesis:     core
training.data:          core recipes synthesis
training.fitting:       core data recipes
training.evaluation:    core data
training.exporting:     core fitting recipes
training.detection:     core data evaluation exporting fitting recipes
training.commands:      core data detection evaluation exporting fitting recipes synthesis

ui.html:                core
ui.server:              core html
ui.shared:              core server
ui.figures:             core shared
ui.home:                core html shared
ui.photos:              core html server shared
ui.video:                core figures html server shared
ui.live:                core photos server shared
ui.dashboard.selection: core server shared
ui.dashboard.view:      core dashboard.selection figures html photos server shared
ui.dashboard.views:     core dashboard.selection dashboard.view shared

maskwise:               core.commands core.terminal
app:                    ui.home ui.live ui.server ui.shared
pages:                  core.errors core.models ui.dashboard.selection ui.dashboard.views ui.home ui.live
                        ui.photos ui.shared ui.video
bench:                  core training
"""


def _rows() -> dict[str, tuple[str, ...]]:
    rows: dict[str, tuple[str, ...]] = {}
    wing = ""
    for line in _TABLE.strip().splitlines():
        before, colon, after = line.rpartition(":")
        wing = before if colon else wing
        rows[wing] = rows.get(wing, ()) + tuple(after.split())
    return {wing: names for wing, names in rows.items() if wing}


def _whole(wing: str, name: str, known: set[str]) -> set[str]:
    if name in ("core", "training"):
        return {
            one
            for one in known
            if one.startswith(f"{name}.") and one not in ("core.__main__", "core.commands")
        }
    own = f"{wing.partition('.')[0]}.{name}"
    found = own if own in known else name
    assert found in known, f"{wing} may import {name}, which is no wing"
    return {found}


ALLOWED: dict[str, set[str]] = {
    wing: {one for name in names for one in _whole(wing, name, set(_rows()))}
    for wing, names in _rows().items()
}


def wing_of(module: str) -> str:
    """The wing in which a module lies. A view of the dashboard is one of many of its kind."""
    parts = module.split(".")
    if parts[0] == "ui":
        return _wing_of_ui(parts)
    if parts[0] == "training" and len(parts) > 1:
        name = ".".join(parts[:2])
        return name if name in ALLOWED else "training.commands"
    if parts[0] == "core" and len(parts) > 1:
        return ".".join(parts[:2])
    return parts[0]


def _wing_of_ui(parts: list[str]) -> str:
    if parts[1:2] == ["dashboard"]:
        name = ".".join(parts[:3])
        return name if name in ALLOWED or len(parts) < 3 else "ui.dashboard.view"
    name = ".".join(parts[:2])
    return name if name in ALLOWED else "ui.shared"
