import pytest
from jinja2 import DictLoader
from markdown_it import MarkdownIt

from core.reports import markdown
from core.reports.markdown import Markdown, counted, render, text
from core.text import printable

STRANGERS = (
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![](https://example.org/x.png)",
    "<img src=x onerror=alert(1)>",
    "[a]: https://example.org",
    "a|b",
    "a\\|b",
    "line\n\n# another",
    "line\r\n    code",
    "```\nfence",
    "`code` ``x``",
    "~~~",
    "# heading",
    "> quote",
    "- item",
    "+ item",
    "1. item",
    "2) item",
    "===",
    "---",
    "*a* **b** _c_ __d__ a_b_c",
    "~~gone~~",
    "$x$ $$y$$",
    "&lt;b&gt; &amp; &#60;",
    ":red[text] :material/home:",
    "<https://example.org>",
    "{%x%} {{y}}",
    "end\\",
    "x" * 100,
)
MAY_STAND = {"inline", "text", "softbreak", "text_special"}


@pytest.fixture
def rendered(monkeypatch):
    """`rendered(template, **values)`: what a template gives, beside those that there are."""
    ours = markdown.environment()
    own = ours.overlay(loader=DictLoader({}))
    monkeypatch.setattr(markdown, "environment", lambda: own)

    def render_template(template: str, **values) -> str:
        own.loader.mapping["it"] = template
        own.cache.clear()
        return render("it", **values)

    return render_template


def tokens(said: str):
    for token in MarkdownIt("gfm-like", {"linkify": False}).enable("strikethrough").parse(said):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_strangers_text_is_text_and_all_of_it(stranger):
    shown = text(stranger)
    found = list(tokens(f"{shown}\n\nbehind"))
    assert {t.type for t in found} <= {*MAY_STAND, "paragraph_open", "paragraph_close"}
    said = "".join(t.content for t in found if t.type in ("text", "text_special"))
    assert said.replace("\u2060", "") == printable(" ".join(stranger.split()), 200) + "behind"


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_strangers_text_stays_in_its_cell(rendered, stranger):
    rows = [(stranger, "beside"), ("below", stranger)]
    template = "| A | B |\n| --- | --- |\n{% for a, b in rows %}\n| {{ a }} | {{ b }} |\n{% endfor %}"
    found = list(tokens(rendered(template, rows=rows)))
    assert [t.type for t in found].count("td_open") == 4
    assert (
        not {t.type for t in found}
        - MAY_STAND
        - {
            f"{part}_{end}"
            for part in ("table", "thead", "tbody", "tr", "th", "td")
            for end in ("open", "close")
        }
    )


@pytest.mark.parametrize(
    "link", ["https://example.org", "www.example.org", "a@example.org", "mailto:a@b.org"]
)
def test_addresses_in_a_strangers_text_are_no_links_for_readers_that_look_for_them(link):
    reader = MarkdownIt("commonmark", {"html": False})
    assert "\u2060" in text(link)
    assert "<a" not in reader.render(text(link))
    assert "//e" not in text(link).replace("\u2060//", "") and "www." not in text(link)


def test_values_of_any_kind_are_shown():
    assert text(0.35) == "0.35" and text(3) == "3" and text(None) == "null" and text(True) == "true"
    assert text(float("nan")) == "nan"
    assert text({"a": [1, "b"]}) == r'\{"a": \[1, "b"\]\}'
    assert text("3.11.7") == "3.11.7" and text("with_mask") == "with_mask"
    assert text("\u202e\x00hidden") == "hidden"


def test_a_long_text_is_cut():
    assert len(text("x" * 10**6)) == 200
    assert len(text(["x" * 10**6])) < 220
    assert len(text("x" * 10**6, 2000)) == 2000


def test_a_template_shows_every_value_as_text_but_what_is_markdown(rendered):
    values = {"bad": "<b>*x*</b> {{ 7 * 7 }}", "good": Markdown("*x*")}
    assert rendered("{{ bad }}", **values) == text(values["bad"]) == r"\<b\>\*x\*\</b\> \{\{ 7 \* 7 \}\}"
    assert rendered("{{ good }}", **values) == "*x*"
    # Nothing that is made of a stranger's text is Markdown, but what a macro gives is not escaped twice
    assert rendered("{{ good ~ bad }}{{ (good, bad)|join }}{{ good + bad }}", **values).count(r"\<b") == 3
    macro = "{% macro shown(x) %}**{{ x }}**{% endmacro %}"
    assert rendered(macro + "{{ shown(bad) }}", **values) == f"**{text(values['bad'])}**"
    with pytest.raises(TypeError):
        rendered("{{ nothing }}")


def test_lines_that_follow_each_other_are_a_paragraph(rendered):
    assert rendered("a\n  b\n\n{% if true %}\nc\n{% endif %}\n\n\nd") == "a b\n\nc\n\nd"
    assert rendered("- a\nb\n- c\n\n| a |\n| - |") == "- a b\n- c\n\n| a |\n| - |"
    assert rendered("```bash\nls\ncd\n```") == "```bash\nls\ncd\n```"


def test_a_strangers_text_makes_no_row_and_no_item_of_a_line(rendered):
    for stranger in ("- x", "| x |", "# x", "```"):
        assert "\n" not in rendered("a\n{{ stranger }}\nb", stranger=stranger)


def test_rates_by_hand():
    """Wilson's interval of 8 of 10 is 0.4902 to 0.9433 (Newcombe 1998's method 3)."""
    assert counted(8, 10) == "80.0% of 10 faces (49.0% to 94.3%)"
    assert counted(0, 0) == "no examples of 0 faces (no interval)"
