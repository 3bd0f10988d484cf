"""What the README says is so."""

from bench.readme import README, figures, rewritten
from core.cards import read_card
from core.models import DEFAULT, SHIPPED


def test_figures_are_those_of_the_card():
    text = README.read_text(encoding="utf-8")
    block = figures(read_card(SHIPPED / DEFAULT))
    assert len(block.splitlines()) > 2
    assert rewritten(text, block) == text, "Run python -m bench.readme."


def test_rewriting_touches_the_block_alone():
    from bench.readme import END, START

    old = f"before\n{START}\nold\n{END}\nafter\n"
    assert rewritten(old, "new") == f"before\n{START}\nnew\n{END}\nafter\n"


def test_it_is_short_enough_to_be_read():
    assert len(README.read_text(encoding="utf-8").splitlines()) < 150
