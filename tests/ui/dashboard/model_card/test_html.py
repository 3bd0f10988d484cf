import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from core.records.fields import Labels
from core.reports.evaluation import MAX_TOLD
from core.runs.catalog import Run, folders, read_run
from ui.dashboard.model_card import html as card_page

STRANGERS = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![](https://example.org/x.png)",
)
TAGS = set(
    "html head meta title style body h1 h2 h3 p section figure figcaption div script table thead tbody tr th "
    "td ul li strong code pre".split()
)


class Elements(HTMLParser):
    """Tags with attributes, and the text of script elements, as a browser parts them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.scripts: list[tuple[dict, str]] = []
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._open = tag
        self.found.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data):
        if self._open == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = attributes, text + data

    def handle_endtag(self, tag):
        self._open = ""


@pytest.fixture(scope="module", autouse=True)
def _small_plotly():
    """The true script is 5 MB, which the parser of Python reads for seconds."""
    patch = pytest.MonkeyPatch()
    patch.setattr(card_page, "get_plotlyjs", lambda: "var Plotly = {react() {}};")
    yield
    patch.undo()


def shipped(name: str) -> Run:
    return read_run(name, folders()[name])


def hostile() -> Run:
    run = shipped("mask3-v1")
    names = STRANGERS[:3]
    evaluation = run.evaluation
    by_name = dict(zip(evaluation.labels.names, names, strict=True))
    report = evaluation.report
    changed = evaluation.model_copy(
        update={
            "labels": Labels(set=STRANGERS[3], names=names),
            "scores": (),
            "confusion": {STRANGERS[0]: next(iter(evaluation.confusion.values()))},
            "report": report.model_copy(
                update={
                    "labels": tuple(
                        row.model_copy(update={"label": by_name[row.label]}) for row in report.labels
                    )
                }
            ),
            "bootstrap": None,
            "majority": None,
        }
    )
    epochs = tuple(epoch.model_copy(update={"phase": STRANGERS[0]}) for epoch in run.epochs)
    epochs = (*epochs, epochs[-1].model_copy(update={"phase": STRANGERS[1]}))
    return dataclasses.replace(
        run,
        name=STRANGERS[0],
        epochs=epochs,
        evaluations={STRANGERS[1]: changed},
        parts={STRANGERS[2]: epochs},
    )


def charts(page: str) -> list[dict]:
    return [json.loads(text) for attributes, text in Elements(page).scripts if attributes.get("type")][:-1]


def test_one_file_with_its_charts_that_asks_no_network():
    page = card_page.page(shipped("mask3-v1"))
    elements = Elements(page)
    assert not [a for _, a in elements.found if {"src", "href", "srcset", "action"} & a.keys()]
    assert "default-src 'none'" in page and "http-equiv" in page
    titles = re.findall(r"<figcaption>([^<]*)</figcaption>", page)
    assert titles == [
        "Loss by epoch",
        "Accuracy by epoch",
        "Recall, precision and F1 by class, on its own test part",
        "Confusion matrix, counts of faces, on its own test part",
        "Calibration: does confidence match accuracy?, on its own test part",
    ]


def test_only_scripts_of_this_app_may_run():
    elements = Elements(card_page.page(hostile()))
    policy = next(
        a["content"]
        for tag, a in elements.found
        if tag == "meta" and "content" in a and "src" in a["content"]
    )
    run = [text for attributes, text in elements.scripts if not attributes.get("type")]
    assert len(run) == 2
    for text in run:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_a_strangers_text_makes_no_element_of_the_page():
    page = card_page.page(hostile())
    elements = Elements(page)
    assert {tag for tag, _ in elements.found} <= TAGS
    allowed = {"lang", "charset", "http-equiv", "content", "name", "class", "style", "id", "type"}
    assert {name for _, attributes in elements.found for name in attributes} <= allowed
    assert "alert(1)" in page and "<script>alert" not in page


def test_a_strangers_text_makes_no_element_of_a_chart():
    """Plotly takes tags in texts for its own."""

    def texts(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for inner in value.values():
                yield from texts(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)

    found = [text for chart in charts(card_page.page(hostile())) for text in texts(chart)]
    assert any("alert" in text for text in found)
    for text in found:
        assert set(re.findall(r"<\s*/?\s*(\w+)", text)) <= {"b", "br", "extra"}, text


def test_numbers_of_the_charts_are_those_of_the_record():
    run = shipped("mask3-v1")
    loss, _, recall, matrix, reliability = charts(card_page.page(run))
    validation = next(trace for trace in loss["data"] if trace["name"] == "validation")
    assert list(map(float, decoded(validation["y"]))) == pytest.approx([e.val_loss for e in run.epochs])
    dots = next(trace for trace in recall["data"] if trace["name"] == "Recall")
    assert dots["x"] == pytest.approx([row.recall for row in run.evaluation.report.labels])
    assert "Click" not in json.dumps(matrix)
    filled = [b.accuracy for b in run.evaluation.calibration if b.n]
    assert any(len(t["y"]) == len(filled) and t["y"] == pytest.approx(filled) for t in reliability["data"])


def decoded(values):
    """Plotly's JSON holds arrays of numpy as bytes."""
    import numpy as np

    return (
        np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
        if isinstance(values, dict)
        else values
    )


def test_a_run_with_nothing_in_it_yet_has_a_page():
    run = dataclasses.replace(shipped("mask3-v1"), epochs=(), evaluations={})
    page = card_page.page(run)
    assert "Not measured yet" in page and "<figure>" not in page


def test_a_run_of_many_tests_tells_the_first():
    run = shipped("mask3-v1")
    many = dataclasses.replace(run, evaluations={str(i): run.evaluation for i in range(20)})
    page = card_page.page(many)
    assert page.count("<figure>") == 2 + 3 * MAX_TOLD
    assert f"{20 - MAX_TOLD} further tests are in the run" in page
