"""A commit for the same run, or an older one, that is there when a model is published.

Input: how pachd ends that commit, or that it was left open. Output: which one the run's
model is; it goes into the ledger, so it must be one that stays. And no other is left.
"""

import asyncio
from dataclasses import replace

import pytest

from mnist_operator.errors import ConflictError
from mnist_operator.ledger import Ledger
from mnist_operator.outlet import GIVEN_UP
from mnist_operator.outlet_pinned import PinnedOutlet
from mnist_operator.outlet_plain import PlainOutlet
from unit.builders import ident
from unit.evidence import an_attempt, evidence
from unit.model_outlets import OUTPUT, TRAINING, Pachd, publish, run_for
from unit.model_turns import Turns


class Hesitant(Pachd):
    """It finishes what it is asked about with this error; None: not in time.

    Or somebody drops it meanwhile.
    """

    error: str | None = ""
    drops = False

    async def commit(self, repo, id, *, wait_finished=False, timeout=0.0):  # noqa: A002
        if wait_finished and self.drops:
            self.remove(id)
        elif wait_finished and self.error is None:
            return self.commits.get(id)
        elif wait_finished and self.error:
            self.commits[id] = replace(self.commits[id], error=self.error)
        return await super().commit(repo, id, wait_finished=wait_finished)


@pytest.fixture(name="pachd")
def _pachd():
    return Hesitant(Turns())


@pytest.fixture(name="of")
def _of(pachd):
    return run_for(pachd.push())


@pytest.fixture(name="model")
def _model(pachd, of):
    return asyncio.run(publish(pachd, of, PlainOutlet))


def finish_another(pachd, model, error=""):
    """Another operator has opened one for the same run, and told pachd to end it."""
    other = pachd.start(OUTPUT, pachd.commits[model].description)
    pachd.finish(other, error)
    return other


async def look(pachd, of):
    known = evidence(attempt=an_attempt() | {"staging": of.staging})
    place = await PlainOutlet(pachd, TRAINING).open(of, known, Ledger())
    return place.commit.id, place.is_shown


async def test_what_is_given_up_at_this_moment_is_no_model(pachd, of, model):
    finish_another(pachd, model, f"{GIVEN_UP}published already as {model}")

    assert (model, True) == await look(pachd, of)


async def test_what_pachd_refuses_in_the_end_is_no_model(pachd, of, model):
    finish_another(pachd, model)
    pachd.error = "file / directory path collision"

    assert (model, True) == await look(pachd, of)


@pytest.mark.parametrize("kind", [PlainOutlet, PinnedOutlet])
async def test_a_run_whose_model_pachd_has_refused_gets_no_other(pachd, of, kind):
    """One operator has seen that and says so; the other one must say the same."""
    way = kind(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    pachd.fill(begun.id, of)
    refused = replace(pachd.commits[begun.id], error="file / directory path collision")
    pachd.commits[begun.id] = refused

    place = await way.open(of, evidence(), Ledger())

    assert (refused, False) == (place.commit, place.is_shown)


@pytest.mark.parametrize("kind", [PlainOutlet, PinnedOutlet])
@pytest.mark.parametrize("error", [f"{GIVEN_UP}once more", "path collision"])
async def test_what_another_run_left_behind_is_no_end(pachd, of, kind, error):
    """An operator has given it up, or it was written for an earlier attempt."""
    way = kind(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    made = of if error.startswith(GIVEN_UP) else replace(of, staging=ident(0xE))
    pachd.fill(begun.id, made)
    pachd.commits[begun.id] = replace(pachd.commits[begun.id], error=error)

    model = await publish(pachd, of, kind)

    assert begun.id != model
    assert model == pachd.shown()[0]


@pytest.mark.parametrize(("error", "drops"), [("path collision", False), ("", True)])
async def test_another_runs_commit_that_comes_to_nothing_is_no_model(
    pachd, of, error, drops
):
    """It is for the same turn, and refused or dropped in the end."""
    begun = (await PlainOutlet(pachd, TRAINING).open(of, evidence(), Ledger())).commit
    pachd.fill(begun.id, replace(of, staging=ident(0xE)))
    pachd.commits[begun.id] = replace(pachd.commits[begun.id], finished=None)
    pachd.error, pachd.drops = error, drops

    found, is_shown = await look(pachd, of)

    assert begun.id != found
    assert not is_shown


async def test_what_pachd_finishes_in_the_end_is_the_model(pachd, of, model):
    other = finish_another(pachd, model)

    assert (other, True) == await look(pachd, of)


async def test_nothing_is_said_of_what_may_still_be_refused(pachd, of, model):
    other = finish_another(pachd, model)
    pachd.error = None

    with pytest.raises(ConflictError, match=f"{other} is still being finished"):
        await look(pachd, of)


async def test_where_the_model_is_there_nothing_is_left_open(pachd, of, model):
    await look(pachd, of)

    assert [model] == pachd.shown()


async def test_what_a_crash_left_open_for_this_run_is_written_on(pachd, of):
    left = await look(pachd, of)

    assert left == await look(pachd, of)
    assert not left[1]


async def test_what_another_run_left_open_is_given_up(pachd, of):
    left, _ = await look(pachd, of)
    opened, _ = await look(pachd, run_for(pachd.push(), 2))

    assert [opened] == pachd.shown()
    assert left not in pachd.commits
