import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from core.files.redaction import ROOT, redact_paths
from tests.strangers import HOSTILE
from ui.wording import in_chart, one_line, plain

JOINER = "\u2060"


def shown(text: str) -> str:
    """What a reader of Markdown makes of it, as HTML without the paragraph around it."""
    reader = MarkdownIt().enable(["table", "strikethrough"])
    return reader.render(text).strip().removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_strangers_text_is_shown_as_it_is(text):
    html = shown(plain(text)).replace(JOINER, "")
    assert html == "".join({"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(c, c) for c in " ".join(text.split()))


@pytest.mark.parametrize("text", [":material/face:", ":smile:", ":red[x]", "https://example.org", "a@b.org"])
def test_what_is_read_in_text_alone_is_parted(text):
    """Streamlit looks for these after Markdown was read, so that no escape helps."""
    assert text not in shown(plain(text)) and JOINER in plain(text)


def test_usual_names_and_sentences_are_left_alone():
    for text in ("DSC 0042 (2).jpg", "face_fpn-v4 on mask3", "Clinic: 3 of 4 (75%)", "It's 5 o'clock!"):
        assert plain(text) == text
    assert plain("") == one_line("") == ""


def test_texts_are_of_one_line_and_bounded_and_steer_nothing():
    text = "a\nb\u202ec\x1b[2J\udcff" + "x" * 10_000
    for said in (plain(text), one_line(text), in_chart(text)):
        assert said.isprintable() or JOINER in said
        assert len(said) < 2_100 and said.startswith("a bc") and said.encode()


def test_charts_take_no_tags_links_formulas_or_numbers_from_a_name():
    said = in_chart('<a href="//x">b</a> %{x} $y$')
    assert "<" not in said and "%{" not in said and "$y" not in said


def test_folders_of_the_server_are_not_told(monkeypatch, tmp_path):
    monkeypatch.setenv("MASKWISE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("MASKWISE_MODELS", "relative")
    (tmp_path / "runs").mkdir()
    assert redact_paths(f"{tmp_path}/runs/mine/config.json: no.") == "mine/config.json: no."
    assert redact_paths(f"{ROOT}/models/mask3 is missing") == "models/mask3 is missing"
    assert redact_paths(f"Look at {tmp_path}/runs, please.") == "Look at runs, please."
    assert redact_paths(f"{tmp_path}/runs-2/x").endswith("runs-2/x")
    assert plain(f"{Path.home()}/.cache/maskwise/a.onnx cannot be read") == "maskwise/a.onnx cannot be read"


# Elements whose text Streamlit reads, and attributes that may hold a stranger's text
READ = {
    "error",
    "warning",
    "info",
    "success",
    "markdown",
    "caption",
    "metric",
    "subheader",
    "header",
    "title",
}
READ |= {"button", "expander", "progress", "tabs", "toggle", "checkbox", "write", "toast"}
STRANGERS = {"short", "sentence", "summary", "name", "title", "label", "warning", "error", "source", "advice"}
SAFE = {"plain", "len", "sum", "percent", "between"}


def bare(node: ast.AST) -> Iterator[str]:
    """What in an expression may be a stranger's and does not go through `plain`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in SAFE or ast.unparse(node).startswith("map(plain, "):
            return
        if node.func.id == "str":
            yield ast.unparse(node)
    if isinstance(node, ast.Attribute) and node.attr in STRANGERS:
        yield ast.unparse(node)
    for child in ast.iter_child_nodes(node):
        yield from bare(child)


def found_in(tree: ast.AST) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in READ:
            if ast.unparse(call.func).startswith(("log.", "self.")):
                continue
            read = [k.value for k in call.keywords if k.arg in ("help", "label", "text", "body")]
            yield from (f"{call.lineno}: {text}" for part in (*call.args, *read) for text in bare(part))


def test_no_element_takes_a_name_or_an_error_that_is_not_plain():
    """A rule of thumb, for what is written next: the views are walked with hostile texts besides."""
    written = (
        "st.error(f'{x.name}: {plain(str(p))}'); st.button('a', help=str(p)); st.metric(plain(x.name), 1)"
    )
    assert list(found_in(ast.parse(written))) == ["1: x.name", "1: str(p)"]
    files = [*(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    assert files
    assert [f"{file.name} {where}" for file in files for where in found_in(ast.parse(file.read_text()))] == []
