"""Sources: with and without a table, with and without an evaluation, and what the audit says."""

import json
import math
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.metrics.intervals import wilson
from core.runs import catalog
from core.runs.catalog import SHIPPED_RUNS
from core.runs.cross_source import CrossCell, CrossSource, read_cross_source, write_cross_source
from core.runs.evaluation import read_evaluation, write_evaluation
from core.runs.training import Leakage
from ui.dashboard.sources import leakage_words

EVIL = "![x](https://example.org/x.png) <b>`$x$"


def page():
    import streamlit as st

    from core.runs.catalog import Run
    from ui.dashboard import sources
    from ui.dashboard.selection import records

    wanted = st.query_params.get_all("run")
    found = [run for run in records.runs().values() if isinstance(run, Run)]
    sources.show([run for run in found if run.name in wanted])


def visit(*names: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["run"] = list(names)
    return shown(app.run())


def shown(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def titles(app: AppTest) -> list[str]:
    return [json.loads(chart.proto.spec)["layout"]["title"]["text"] for chart in app.get("plotly_chart")]


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def words(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


@pytest.fixture
def own_only(tmp_path, monkeypatch):
    """A machine with a copy of one run."""
    monkeypatch.setattr(catalog, "SHIPPED_RUNS", tmp_path / "none")
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))
    ignored = shutil.ignore_patterns("checkpoints")
    shutil.copytree(SHIPPED_RUNS / "mask3-v1", tmp_path / "mine", ignore=ignored)
    return tmp_path


def table(name: str, source: str = "a", label: str = "x") -> CrossSource:
    cells = [
        CrossCell(
            trained_on=source,
            tested_on=other,
            label=label,
            n=n,
            hits=n // 2,
            recall=n // 2 / n if n else math.nan,
            interval=wilson(n // 2, n),
        )
        for other, n in ((source, 8), ("web", 0))
    ]
    return CrossSource(schema=1, id=name, recipe=source, cells=tuple(cells))


def test_the_shipped_table_and_a_run_by_source():
    app = visit("mobilenet_mask2-v1")
    assert titles(app) == ["Recall by source and true label", "Mean recall of 2 labels"]
    found = read_cross_source(SHIPPED_RUNS / "cross_source-v1")
    means = {(a, b): found.mean_recall(a, b)[0] for a in found.sources for b in found.sources}
    own = sum(mean for (a, b), mean in means.items() if a == b) / 4
    others = sum(mean for (a, b), mean in means.items() if a != b) / 12
    assert f"{own:.1%} on average, on other sources {others:.1%}" in captions(app)
    assert "Least: trained on kary_part2, tested on andrewmvd, 79.2% of 1,067 faces" in captions(app)
    scores = read_evaluation(SHIPPED_RUNS / "mobilenet_mask2-v1").scores
    worst = min((score for score in scores if score.n >= 10), key=lambda score: score.recall)
    assert f"of {worst.source}, {worst.recall:.1%} of {worst.n:,} faces" in captions(app)
    assert "No group of the 1,817 test faces was learned from" in words(app)
    assert "not looked for" in words(app) and "--audit --record" in words(app)
    assert len(app.get("download_button")) == 2


def test_rows_of_few_faces_come_last():
    app = visit("gender_wear8-v1")
    scores = read_evaluation(SHIPPED_RUNS / "gender_wear8-v1").scores
    few = sum(0 < score.n < 10 for score in scores)
    assert f"{few} of {len(scores)} rows, the last, have fewer than 10 faces" in captions(app)
    assert "of rwmfd_part1, 50.0% of 4 faces" not in captions(app)


def test_one_label_can_be_chosen():
    app = visit("mobilenet_mask2-v1")
    shown(app.selectbox(key="sources label cross_source-v1").set_value("without_mask").run())
    assert titles(app)[1] == "Recall of No mask"
    cells = read_cross_source(SHIPPED_RUNS / "cross_source-v1").cells
    least = min((cell for cell in cells if cell.label == "without_mask"), key=lambda cell: cell.recall)
    said = (
        f"trained on {least.trained_on}, tested on {least.tested_on}, {least.recall:.1%} of {least.n:,} faces"
    )
    assert said in captions(app)


def test_without_a_table_it_says_how_to_make_one(own_only):
    app = visit("mine")
    assert "python -m training.cross_source" in app.info[0].value
    assert titles(app) == ["Recall by source and true label"]
    assert "Worst: Worn incorrectly of andrewmvd, 8.3% of 12 faces (1.5% to 35.4%)." in captions(app)


def test_a_run_that_was_not_measured_still_has_the_table():
    app = visit("cross_source-v1/andrewmvd")
    assert "was not measured yet" in app.info[0].value
    assert titles(app) == ["Mean recall of 2 labels"]


def test_the_table_of_a_selected_runs_recipe_comes_first(own_only):
    write_cross_source(own_only / "t1", table("t1", "other"))
    write_cross_source(own_only / "t2", table("t2", "mask3"))  # by that recipe
    app = visit("mine")
    assert app.selectbox(key="sources table").value == "t2"
    assert "Recipe mask3." in captions(app) and "1 of 2 pairs have no examples." in captions(app)


def test_a_broken_table_is_said_and_the_rest_is_shown(own_only):
    write_cross_source(own_only / "good", table("good"))
    (own_only / "bad").mkdir()
    (own_only / "bad" / "cross_source.json").write_text("[]")
    app = visit("mine")
    assert "cross_source.json" in app.error[0].value.replace("\\", "") and len(titles(app)) == 2


def test_a_strangers_texts_are_shown_as_they_are(own_only):
    write_cross_source(own_only / "t", table("t", EVIL, EVIL))
    app = visit("mine")
    assert "![" not in captions(app) and "<b>" not in captions(app).replace("\\<b\\>", "")
    specs = "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    assert "<b>`" not in specs and "&lt;b&gt;`" in specs
    shown(app.selectbox(key="sources label t").set_value(EVIL).run())
    assert titles(app)[1].startswith("Recall of !")


def test_measuring_on_shared_groups_is_a_warning(own_only):
    evaluation = read_evaluation(own_only / "mine")
    shared = Leakage(n=1976, shared_groups=3, shared_faces=40, twins=160, allowed=True)
    write_evaluation(own_only / "mine", evaluation.model_copy(update={"leakage": shared}))
    app = visit("mine")
    assert "--allow-shared-groups" in app.warning[0].value
    assert "8.1% (160 of 1,976) of these test faces have one." in words(app)


def test_an_older_record_says_nothing_of_leakage(own_only):
    evaluation = read_evaluation(own_only / "mine")
    write_evaluation(own_only / "mine", evaluation.model_copy(update={"leakage": None}), "web")
    app = visit("mine")
    shown(app.selectbox(key="evaluation").set_value("web").run())
    assert any("older record" in info.value and "--record-as NAME" in info.value for info in app.info)


@pytest.mark.parametrize(
    ("leakage", "said"),
    [
        ({"n": 50}, ["Shared groups:** not known", "Near-twins in training:** not looked for. Do so: LOOK"]),
        ({"n": 50, "shared_groups": 0}, ["Shared groups:** none. No group of the 50 test faces"]),
        (
            {"n": 50, "shared_groups": 2, "shared_faces": 10},
            ["Shared groups:** 2, with 20.0% (10 of 50) of the test faces"],
        ),
        ({"n": 50, "shared_groups": 2}, ["2, with an unknown share of the test faces"]),
        ({"n": 50, "twins": 0, "hits_with_twin": 0, "hits_without": 45}, ["0.0% (0 of 50) of these"]),
        (
            {"n": 50, "twins": 10, "hits_with_twin": 10, "hits_without": 20},
            [
                "20.0% (10 of 50) of these test faces have one",
                # Wilson 1927, as scipy.stats.binomtest(10, 10) and (20, 40) give it
                "with a twin: 100.0% (10 of 10), 95% interval 72.2% to 100.0%; "
                "without: 50.0% (20 of 40), 95% interval 35.2% to 64.8%.",
            ],
        ),
        ({"n": 0, "twins": 0}, ["no examples (0 of 0)"]),
    ],
)
def test_the_audit_in_words(leakage, said):
    found = "\n".join(leakage_words(Leakage(**leakage), "LOOK"))
    assert all(words in found for words in said)
