import pytest
from markdown_it import MarkdownIt

from core.reports.markdown import MAX_TABLE, bullets, code, counted, paragraphs, table, text
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


def tokens(markdown: str):
    for token in MarkdownIt("gfm-like", {"linkify": False}).enable("strikethrough").parse(markdown):
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
def test_a_strangers_text_stays_in_its_cell(stranger):
    found = list(tokens(table(("A", "B"), [(text(stranger), "beside"), ("below", text(stranger))])))
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


def test_a_long_table_says_what_it_leaves_out():
    rows = [(str(i),) for i in range(MAX_TABLE + 1)]
    assert f"200 of {MAX_TABLE + 1} rows" in table(("n",), rows)
    assert "rows" not in table(("n",), rows[:MAX_TABLE])
    assert "2 of 1,000 rows" in table(("n",), rows[:2], of=1000)


def test_parts():
    assert bullets(["a", "b"]) == "- a\n- b"
    assert paragraphs(["a", "", "b"]) == "a\n\nb"
    assert code(["ls"]) == "```bash\nls\n```"


def test_rates_by_hand():
    """Wilson's interval of 8 of 10 is 0.4902 to 0.9433 (Newcombe 1998's method 3)."""
    assert counted(8, 10) == "80.0% of 10 faces (49.0% to 94.3%)"
    assert counted(0, 0) == "no examples of 0 faces (no interval)"
