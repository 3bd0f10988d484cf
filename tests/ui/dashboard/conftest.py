"""A view on runs that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.run_catalog import SHIPPED_RUNS


def page(view: str, folders: list[str]) -> None:
    from importlib import import_module
    from pathlib import Path

    from core.run_catalog import read_run

    runs = [read_run(Path(folder).name, Path(folder)) for folder in folders]
    import_module(f"ui.dashboard.{view}").show(runs)


def shown(view: str, *folders: Path) -> AppTest:
    """The view of that name on the runs in `folders`."""
    kwargs = {"view": view, "folders": [str(folder) for folder in folders]}
    app = AppTest.from_function(page, kwargs=kwargs, default_timeout=30).run()
    assert not app.exception
    return app


def copy_of(name: str, folder: Path) -> Path:
    """The records of a shipped run, to be changed, in `folder`, which is made."""
    return shutil.copytree(SHIPPED_RUNS / name, folder, ignore=shutil.ignore_patterns("checkpoints"))
