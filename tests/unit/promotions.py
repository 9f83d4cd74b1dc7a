"""A newest model, one in production, and what was decided before, for tests."""

from mnist_operator.decisions import Decision, Entry
from mnist_operator.gate import Ruling
from mnist_operator.production import Candidate, MoveRequest, Production
from mnist_operator.test_result import Verdict
from unit.builders import ago, entry, ident, ledger, observed, source, training
from unit.trials import CHAMPION

OLDER, OLD, NEW = ident(0xF000), CHAMPION, ident(0xF002)
GATE = {"heldOut": {"repo": "held_out", "branch": "master"}}
PASSED = Verdict(Ruling.PASSED, "NotWorse", "As good.", OLD)
WORSE = Verdict(Ruling.REFUSED, "Worse", "Much worse.", OLD)


def move(output, previous="", reason="Automatic", **fields):
    return Entry(
        ago(600),
        Decision.PROMOTED,
        reason=reason,
        output=output,
        previous=previous,
        **fields,
    )


LINES = (entry(1), entry(2), move(OLDER), move(OLD, OLDER))


def look(verdict=PASSED, *, mode="Automatic", lines=LINES, commit=NEW, **fields):
    """The newest model has this verdict; another one is in production."""
    of = training(promotion=GATE | {"mode": mode})
    candidate = Candidate(commit, ident(2), verdict) if commit else None
    shown = {"head": OLD, "candidate": candidate} | fields
    return observed(
        training=of,
        ledger=ledger(*lines),
        source=source(head=None),
        production=Production(**shown),
    )


WITHHELD = Entry(ago(60), Decision.WITHHELD, output=NEW, reason="ChampionChanged")


def asking(kind="Promote", commit="", model=NEW, verdict=PASSED, **fields):
    found = Candidate(model, ident(2), verdict) if model else None
    return {"request": MoveRequest("now", kind, commit, model=found, **fields)}
