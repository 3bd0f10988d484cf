import pytest

from ui.wording import plain


@pytest.mark.parametrize(
    "name", ["![](https://example.org/x.png)", "[click](https://example.org)", "<img src=x>", "*a* `b` $c$"]
)
def test_a_strangers_text_cannot_be_markdown(name):
    from markdown_it import MarkdownIt

    shown = MarkdownIt().render(plain(name))
    assert not any(tag in shown for tag in ("<img", "<a ", "<em", "<code"))


def test_usual_names_and_addresses_are_left_alone():
    assert (
        plain("DSC 0042 (2).jpg https://example.org/a-b.jpg")
        == "DSC 0042 (2).jpg https://example.org/a-b.jpg"
    )
