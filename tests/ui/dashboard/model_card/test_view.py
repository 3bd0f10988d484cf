import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.models.installed import installed_models
from core.runs.catalog import folders
from core.runs.evaluation import read_evaluation
from core.runs.training import CONFIG_FILE
from tests.shipped import DEFAULT_MARGIN, DEFAULT_RUN
from ui import loaders

STRANGER = "![](https://example.org/x.png)<b>|[x](javascript:1)"


def view(names: list[str]) -> AppTest:
    def script(names):
        from core.runs.catalog import folders, read_run
        from ui.dashboard.model_card import view as model_card

        model_card.show([read_run(name, folders()[name]) for name in names])

    return AppTest.from_function(script, args=(names,), default_timeout=20).run()


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.header))


def copy_of(run: str, folder: Path, **changes) -> None:
    """A run of the same records under another name in `folder`, with other settings."""
    target = folder / "stranger"
    target.mkdir()
    for file in folders()[run].iterdir():
        if file.is_file():
            (target / file.name).write_bytes(file.read_bytes())
    config = json.loads((target / CONFIG_FILE).read_text())
    (target / CONFIG_FILE).write_text(json.dumps(config | changes))


def test_a_card_is_read_on_the_screen():
    app = view([DEFAULT_RUN])
    assert not app.exception and not app.error
    assert [header.value for header in app.header][:2] == ["Model details", "Intended use"]
    assert "with a person in the loop" in words(app)
    right = read_evaluation(folders()[DEFAULT_RUN]).accuracy
    assert f"Accuracy {right:.1%} of 1,976" in words(app)
    assert [expander.label for expander in app.expander] == ["The numbers behind the charts"]


def test_of_several_runs_one_is_asked_for():
    app = view([DEFAULT_RUN, "mobilenet_mask2-v1"])
    app.selectbox(key="run").select("mobilenet_mask2-v1").run()
    assert "| Run | mobilenet_mask2-v1 |" in words(app)
    assert "Not known" in words(app)


@pytest.mark.parametrize("key", ["card html", "card markdown"])
def test_files_are_made_when_their_button_is_pressed(key, monkeypatch):
    made = []
    monkeypatch.setattr("ui.dashboard.model_card.html.page", lambda *_: made.append(key) or "x")
    monkeypatch.setattr("core.reports.model_card.markdown", lambda *_: made.append(key) or "x")
    app = view([DEFAULT_RUN])
    assert not app.exception and not made
    assert key in [button.key for button in app.get("download_button")]


def test_a_run_that_was_not_measured_says_so():
    app = view(["cross_source-v1/andrewmvd"])
    assert not app.exception and not app.error
    assert "Not measured yet" in words(app)


def test_a_strangers_run_is_shown_as_it_is(tmp_path, monkeypatch):
    copy_of(DEFAULT_RUN, tmp_path, recipe=STRANGER, device=STRANGER, settings={STRANGER: {"x": [STRANGER]}})
    monkeypatch.setenv("MASKWISE_RUNS", str(tmp_path))
    app = view(["stranger"])
    assert not app.exception
    assert "![" not in words(app) and "<b>" not in words(app)
    assert r"\!\[\]\(https:" in words(app)


def test_a_broken_operating_point_is_said_and_the_cards_own_told(monkeypatch):
    from core.errors import RecordError

    def broken(name, card):
        raise RecordError(f"operating_point.json of {name} is {STRANGER}")

    monkeypatch.setattr(loaders, "operating_point", broken)
    app = view([DEFAULT_RUN])
    assert "mask3" in app.warning[0].value and "![" not in app.warning[0].value
    assert f"under {100 * DEFAULT_MARGIN:.0f} points" in words(app)


def test_of_two_models_of_a_run_the_one_that_was_measured_is_told(monkeypatch):
    card = installed_models()["mask3"]
    onnx = card.weights["onnx"].model_copy(update={"sha256": "0" * 64})
    other = card.model_copy(update={"name": "other", "weights": {"onnx": onnx}})
    monkeypatch.setattr(loaders, "installed_models", lambda: {"other": other, "mask3": card})
    assert "| Model | mask3: " in words(view([DEFAULT_RUN]))
    monkeypatch.setattr(loaders, "installed_models", lambda: {"other": other})
    monkeypatch.setattr(loaders, "operating_point", lambda name, card: None)
    assert "Other weights were measured" in words(view([DEFAULT_RUN]))


def test_a_record_that_cannot_be_told_is_an_error_in_words(monkeypatch):
    from core.errors import RecordError

    def broken(*_):
        raise RecordError(f"evaluation.json: {STRANGER}")

    monkeypatch.setattr("core.reports.model_card.sections", broken)
    app = view([DEFAULT_RUN])
    assert "evaluation.json" in app.error[0].value and "![" not in app.error[0].value
    assert not app.get("download_button")
