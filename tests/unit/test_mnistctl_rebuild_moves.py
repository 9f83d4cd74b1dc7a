"""A ledger that is made anew keeps what it says of production."""

from mnist_operator.cli.ledger.rebuild import Truth, rebuild
from mnist_operator.decisions import to_lines
from unit.builders import begun
from unit.promotions import NEW, OLD, OLDER, WITHHELD, move

_MOVES = [move(OLDER), move(OLD, OLDER), WITHHELD, move(OLDER, OLD, "RolledBack")]


def test_lines_about_production_stay_byte_for_byte():
    content = to_lines([begun(), *_MOVES])
    plan = rebuild(content, Truth("team/mnist"))

    assert (False, content) == (plan.is_needed, plan.content)


def test_a_line_that_was_written_twice_goes():
    content = to_lines([begun(), *_MOVES, move(OLD, OLDER)])
    plan = rebuild(content, Truth("team/mnist"))

    assert to_lines([begun(), *_MOVES]) == plan.content
    assert NEW in plan.content.decode()
