"""Who moves the production branch, to what, and why not: decisions, one by one.

What comes of them after a crash is in test_promotion_crashes.
"""

from dataclasses import replace

import pytest

from mnist_operator.gate import Bars, Ruling
from mnist_operator.ledger import Ledger
from mnist_operator.plan import Promote, Record
from mnist_operator.production import find_target
from mnist_operator.promoting import settle
from mnist_operator.reconcile import reconcile
from mnist_operator.test_result import Verdict
from unit.builders import (
    NOW,
    attempt,
    closed,
    commit,
    entry,
    ident,
    ledger,
    observed,
    source,
    training,
)
from unit.promotions import (
    GATE,
    LINES,
    NEW,
    OLD,
    OLDER,
    PASSED,
    WITHHELD,
    WORSE,
    asking,
    look,
    move,
)


def line_of(plan):
    """The one line that a plan writes, and whether it moves the branch first."""
    [action] = plan.actions
    if isinstance(action, Promote):
        return "moved", action.entry
    assert isinstance(action, Record)
    [found] = action.entries
    return "recorded", found


_DECISIONS = {
    "passed": (look(), "moved", "Automatic"),
    "the first": (look(Verdict(Ruling.PASSED, "First", ""), head="", lines=LINES[:2]),
                  "moved", "Automatic"),
    "worse": (look(WORSE), "recorded", "Worse"),
    "not asked": (look(None), "recorded", "NotCompared"),
    "another champion": (look(replace(PASSED, champion=OLDER)), "recorded",
                         "ChampionChanged"),
    "there was none": (look(replace(PASSED, champion="")), "recorded",
                       "ChampionChanged"),
    "there is none": (look(head="", lines=LINES[:2]), "recorded", "ChampionChanged"),
    "died after the move": (look(head=NEW), "recorded", "Automatic"),
    "moved by hand": (look(head=OLDER), "recorded", "ByHand"),
    "moved to the new one, though worse": (look(WORSE, head=NEW), "recorded",
                                           "ByHand"),
    "moved by hand while manual": (look(mode="Manual", head=NEW), "recorded",
                                   "ByHand"),
    "asked for": (look(mode="Manual", **asking()), "moved", "Requested"),
    "asked for, worse": (look(WORSE, **asking(verdict=WORSE)), "recorded", "Worse"),
    "asked for, not compared": (look(None, **asking(verdict=None)), "recorded",
                                "NotCompared"),
    "forced": (look(WORSE, **asking(verdict=WORSE, forced="because")), "moved",
               "Forced"),
    "forced needlessly": (look(**asking(forced="because")), "moved", "Requested"),
    "forced, not compared": (look(None, **asking(verdict=None, forced="x")), "moved",
                             "Forced"),
    "no such model": (look(**asking(model="")), "recorded", "NoModel"),
    "no such word": (look(**asking("Demote")), "recorded", "UnknownRequest"),
    "the present one": (look(**asking(model=OLD)), "recorded", "InProduction"),
    "rolled back": (look(**asking("Rollback", model=OLDER)), "moved", "RolledBack"),
    "rolled back to nothing": (look(**asking("Rollback", model="")), "recorded",
                               "NothingBefore"),
    "rolled back to a stranger": (
        look(**asking("Rollback", commit=NEW, model="")), "recorded", "NoModel"),
    "rolled back to a new one": (look(**asking("Rollback")), "recorded",
                                 "NeverPromoted"),
    "died after a request": (look(head=NEW, **asking()), "recorded", "Requested"),
    "died after a rollback": (look(head=OLDER, **asking("Rollback", model=OLDER)),
                              "recorded", "RolledBack"),
    "by hand, not as was asked": (
        look(head=NEW, **asking("Rollback", model=OLDER)), "recorded", "Automatic"),
    "by hand to where nobody may ask": (
        look(WORSE, head=NEW, **asking(verdict=WORSE)), "recorded", "ByHand"),
    "by hand, and nonsense asked": (look(head=OLDER, **asking("Demote", model=OLDER)),
                                    "recorded", "ByHand"),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "how", "reason"), _DECISIONS.values(), ids=_DECISIONS)
def test_what_is_done(seen, how, reason):
    done, line = line_of(settle(seen, NOW))

    assert (how, reason) == (done, line.reason)


_QUIET = {
    "no promotion": observed(),
    "no model yet": look(commit="", head="", lines=()),
    "passed, and manual": look(mode="Manual"),
    "in production": look(commit=OLD),
    "was in production": look(lines=(*LINES, move(NEW, OLD), move(OLD, NEW, "R"))),
    "withheld before": look(WORSE, lines=(*LINES, WITHHELD)),
    "withheld, and would pass now": look(lines=(*LINES, WITHHELD)),
}


@pytest.mark.parametrize("seen", _QUIET.values(), ids=_QUIET)
def test_where_nothing_is_to_be_done_nothing_is(seen):
    assert settle(seen, NOW) is None


def test_promotion_comes_before_the_next_model_is_published():
    """So each model is decided on while the one that it was compared with is there."""
    of = look()
    ended = closed(attempt(commit_number=3))
    seen = replace(of, attempts=(ended,), source=source(commit(3)))

    assert "moved" == line_of(reconcile(seen, now=NOW))[0]


def test_a_move_says_from_where_and_names_the_commit_of_the_data():
    _, line = line_of(settle(look(), NOW))

    assert (NEW, OLD, ident(2), "As good.") == (
        line.output,
        line.previous,
        line.commit,
        line.message,
    )


def test_an_answer_names_its_request():
    _, line = line_of(settle(look(WORSE, **asking(verdict=WORSE)), NOW))

    assert "now" == line.request
    assert "Asked for at now: Much worse." == line.message


def test_a_stranger_that_was_asked_for_is_named():
    _, line = line_of(settle(look(**asking(commit=ident(9), model="")), NOW))

    assert ident(9) == line.output


class TestTheTarget:
    """What a request is about, where it names no model."""

    def test_is_the_one_that_was_named(self):
        assert NEW == find_target("Rollback", NEW, OLD, Ledger())

    def test_of_a_promotion_is_the_newest_model(self):
        assert entry(2).output == find_target("Promote", "", OLD, ledger(*LINES))
        assert "" == find_target("Promote", "", OLD, Ledger())

    def test_of_a_rollback_is_what_was_there_before(self):
        back = move(OLDER, OLD, "RolledBack")

        assert OLDER == find_target("Rollback", "", OLD, ledger(*LINES))
        assert "" == find_target("Rollback", "", OLDER, ledger(*LINES, back))


@pytest.mark.parametrize(
    ("promotion", "on"),
    [
        (None, False),
        (GATE, True),
        (GATE | {"mode": "Manual"}, True),
        (GATE | {"mode": "Off"}, False),
        ({"mode": "Manual"}, False),
    ],
)
def test_the_gate_is_there_where_it_has_images_and_is_not_off(promotion, on):
    assert on == (training(promotion=promotion).spec.gate is not None)


def test_the_bars_are_decimal_strings():
    asked = GATE | {"minAccuracy": "0.97", "maxRegression": "0.01"}

    assert Bars("0.97", "0.01") == training(promotion=asked).spec.gate.bars
    assert Bars("", "0") == training(promotion=GATE).spec.gate.bars
