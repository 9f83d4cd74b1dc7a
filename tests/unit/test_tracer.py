"""What the operator tells a collector of a training, and when."""

from types import SimpleNamespace

import pytest

from mnist_operator import runs
from mnist_operator.commits import Commit
from mnist_operator.decisions import Decision
from mnist_operator.errors import UnreachableError
from mnist_operator.runs import Verdict
from mnist_operator.tracer import Tracer
from unit.builders import (
    RUNS,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ledger,
    observed,
    staging_id,
)


class Told:
    """A queue that keeps what is told."""

    def __init__(self):
        self.spans = []

    def tell(self, span):
        self.spans.append(span)

    @property
    def names(self):
        return [each.name for each in self.spans]


class Client:
    """A pachd that knows the attempts of a slot, newest first, or does not answer."""

    def __init__(self, slot):
        self._slot = slot

    async def history(self, *_):
        if isinstance(self._slot, Exception):
            raise self._slot
        for each in self._slot:
            yield each


def tracer(told, *, slot=(), **seen):
    return Tracer(told, SimpleNamespace(client=Client(slot)), observed(**seen))


def staged(of):
    """An attempt as pachd has it."""
    return Commit(of.staging, RUNS, None, runs.describe_attempt(of), of.opened)


def asked(number, *, seconds, request="again"):
    opened = attempt(number, request=request, opened=ago(seconds))
    return closed(opened, Verdict.FAILED)


def test_an_attempt_is_told_when_it_is_seen_closed_and_goes_on():
    told = Told()

    tracer(told, attempts=(closed(attempt(), Verdict.FAILED),)).saw()

    assert ["observe", "create", "train"] == told.names
    assert commit().finished == told.spans[0].begun


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param({"attempts": (attempt(),)}, id="open"),
        pytest.param(
            {"attempts": (closed(attempt()),), "ledger": ledger(entry())},
            id="told-with-its-decision",
        ),
    ],
)
def test_others_are_not_told_then(seen):
    told = Told()

    tracer(told, **seen).saw()

    assert [] == told.names


async def test_a_decision_tells_all_that_is_known_of_its_run():
    told = Told()

    await tracer(told, attempts=(closed(attempt()),)).decided([entry()])

    assert ["observe", "create", "train", "publish", "run"] == told.names
    assert commit().finished == told.spans[-1].begun


async def test_a_commit_that_is_gone_leaves_the_time_of_its_attempt():
    told, of = Told(), closed(attempt(commit_number=7))

    await tracer(told, attempts=(of,), inputs={}).decided([entry(7)])

    assert of.opened == told.spans[-1].begun


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        pytest.param(
            entry(1, Decision.SKIPPED), {"attempts": (closed(attempt()),)}, id="no-run"
        ),
        pytest.param(
            entry(1, Decision.SKIPPED, run=staging_id()),
            {"attempts": (closed(attempt(), Verdict.ABANDONED),)},
            id="a-run-that-never-began",
        ),
        pytest.param(
            entry(1, Decision.PROMOTED, run=staging_id()),
            {"attempts": (closed(attempt()),)},
            id="about-production",
        ),
        pytest.param(entry(), {"attempts": (attempt(),)}, id="somebody-else-is-at-it"),
        pytest.param(entry(), {"attempts": ()}, id="a-run-that-is-not-there"),
    ],
)
async def test_what_ends_no_run_ends_no_span(line, seen):
    told = Told()

    await tracer(told, **seen).decided([line])

    assert [] == told.names


@pytest.mark.parametrize(
    ("number", "slot", "seconds"),
    [
        pytest.param(1, UnreachableError("pachd", "ListCommit", "-"), 300, id="first"),
        pytest.param(
            3,
            [
                staged(asked(3, seconds=300)),
                staged(asked(2, seconds=600)),
                staged(asked(1, seconds=900)),
                staged(asked(1, seconds=5000, request="before")),
            ],
            900,
            id="as-far-as-the-slot-is-its-own",
        ),
        pytest.param(
            2,
            [staged(asked(2, seconds=300)), commit(9, description="by hand")],
            300,
            id="somebody-elses-commit",
        ),
        pytest.param(
            2, UnreachableError("pachd", "ListCommit", "-"), 300, id="no-answer"
        ),
    ],
)
async def test_a_requested_run_begins_with_its_first_attempt(number, slot, seconds):
    told, of = Told(), asked(number, seconds=300)
    line = entry(1, Decision.FAILED, run=of.staging, request="again")

    await tracer(told, slot=slot, attempts=(of,)).decided([line])

    assert ["create", "train", "run"] == told.names
    assert ago(seconds) == told.spans[-1].begun


async def test_a_fault_of_our_own_is_logged_and_no_more(caplog):
    broken = SimpleNamespace(tell=None)

    of = tracer(broken, attempts=(closed(attempt()),))
    of.saw()
    await of.decided([entry()])

    assert 2 == caplog.text.count("Traces: internal error\n")


async def test_where_nobody_listens_nothing_is_asked_or_made():
    silent = tracer(None, slot=AssertionError("nobody needs it"))

    silent.saw()
    await silent.decided([entry()])

    assert not silent.is_on
