"""What the READMEs say is so."""

import pytest

from bench.readme import BLOCKS, END, ROOT, rewritten, runs_table, start


@pytest.mark.parametrize(
    ("path", "name"),
    [(path, name) for path, blocks in BLOCKS.items() for name in blocks],
    ids=lambda v: v if isinstance(v, str) else v.parent.name,
)
def test_figures_are_those_of_the_records(path, name):
    text, block = path.read_text(encoding="utf-8"), BLOCKS[path][name]()
    assert len(block.splitlines()) > 2
    assert rewritten(text, name, block) == text, "Run python -m bench.readme."


def test_rewriting_touches_the_block_alone():
    old = f"before\n{start('figures')}\nold\n{END}\nbetween\n{start('runs')}\nold\n{END}\nafter\n"
    new = f"before\n{start('figures')}\nold\n{END}\nbetween\n{start('runs')}\nnew\n{END}\nafter\n"
    assert rewritten(old, "runs", "new") == new
    with pytest.raises(ValueError, match="no markers"):
        rewritten("text without a block", "runs", "new")


def test_every_recipe_has_a_recorded_run():
    table = runs_table()
    for path in (ROOT / "training" / "recipes").glob("[a-z]*.py"):
        assert f"| `{path.stem}` |" in table, f"{path.stem} was never trained to a record"


@pytest.mark.parametrize("path", BLOCKS)
def test_it_is_short_enough_to_be_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 150
