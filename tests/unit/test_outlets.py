"""Where a model's commit stands, and what it is made of: both ways of publishing.

A test tells what others did in a pachd that is a dictionary, and then what the output
branch shows. Crashes between two calls: tests/integration/crash.
"""

import asyncio
from dataclasses import replace

import pytest

from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    HeadOpenError,
    InputGoneError,
    InvalidSpecError,
)
from mnist_operator.ledger import Ledger
from mnist_operator.outlet_pinned import PinnedOutlet
from mnist_operator.outlet_plain import PlainOutlet
from unit.builders import ident
from unit.evidence import evidence
from unit.model_outlets import (
    INPUT,
    OUTPUT,
    STAGED,
    TRAINING,
    Pachd,
    publish,
    run_for,
)
from unit.model_turns import Turns


@pytest.fixture(name="pachd")
def _pachd():
    return Pachd(Turns())


class TestNative:
    async def test_pachd_knows_what_each_model_was_made_of_whatever_the_order(
        self, pachd
    ):
        older, newer = pachd.push(), pachd.push()
        runs = [run_for(newer, 1), run_for(older, 2), run_for(newer, 3)]
        runs[2] = replace(runs[2], request="by hand")
        models = [await publish(pachd, each) for each in runs]

        sources = [pachd.commits[each].provenance for each in models]
        assert [((INPUT.repo, each),) for each in (newer, older, newer)] == sources
        assert models[::-1] == pachd.shown()
        assert newer == pachd.heads[INPUT]

    async def test_a_strangers_commit_stays_in_the_history(self, pachd):
        first = await publish(pachd, run_for(pachd.push(), 1))
        strange = pachd.strange()
        second = await publish(pachd, run_for(pachd.push(), 2))

        assert [second, strange, first] == pachd.shown()

    async def test_a_strangers_commit_that_comes_while_we_write_stays_too(self, pachd):
        of = run_for(pachd.push())
        way = PinnedOutlet(pachd, TRAINING)
        place = await way.open(of, evidence(), Ledger())
        strange = pachd.strange()
        late = pachd.fill(place.commit.id, of)
        with pytest.raises(ConflictError, match="moved while"):
            await way.show(late)

        model = await publish(pachd, of)

        assert [model, strange] == pachd.shown()

    async def test_a_branch_that_was_moved_back_goes_on_from_there(self, pachd):
        first = await publish(pachd, run_for(pachd.push(), 1))
        await publish(pachd, run_for(pachd.push(), 2))
        pachd.heads[OUTPUT] = first
        third = await publish(pachd, run_for(pachd.push(), 3))

        assert [third, first] == pachd.shown()

    async def test_history_without_provenance_stays_below(self, pachd):
        plain = await publish(pachd, run_for(pachd.push(), 1), PlainOutlet)
        native = await publish(pachd, run_for(pachd.push(), 2))
        again = await publish(pachd, run_for(pachd.push(), 3), PlainOutlet)

        assert [again, native, plain] == pachd.shown()
        assert [0, 1, 0] == [len(pachd.commits[c].provenance) for c in pachd.shown()]

    async def test_the_model_of_a_turn_is_there_once(self, pachd):
        of = run_for(pachd.push())
        model = await publish(pachd, of)
        await publish(pachd, run_for(pachd.push(), 2))

        place = await PinnedOutlet(pachd, TRAINING).open(of, evidence(), Ledger())

        assert (model, True) == (place.commit.id, place.is_shown)

    async def test_what_another_finished_is_only_shown(self, pachd):
        of = run_for(pachd.push())
        way = PinnedOutlet(pachd, TRAINING)
        begun = (await way.open(of, evidence(), Ledger())).commit
        pachd.fill(begun.id, of)

        assert begun.id == await publish(pachd, of)
        assert [begun.id] == pachd.shown()

    async def test_an_open_commit_for_another_input_commit_is_given_up(self, pachd):
        way = PinnedOutlet(pachd, TRAINING)
        left = (await way.open(run_for(pachd.push()), evidence(), Ledger())).commit
        model = await publish(pachd, run_for(pachd.push(), 2))

        assert model == pachd.shown()[0]
        assert left.id not in pachd.shown()
        assert "given up: abandoned by a later run" == pachd.commits[left.id].error

    async def test_below_what_was_given_up_one_may_still_be_open(self, pachd):
        """A call that was sent twice opens two, and who ends one may die then."""
        of = run_for(pachd.push())
        way = PinnedOutlet(pachd, TRAINING)
        first = (await way.open(of, evidence(), Ledger())).commit
        pachd._open_auto(STAGED)
        pachd.finish(pachd.heads[STAGED], "given up: abandoned by a later run")
        pachd.settle(pachd.heads[STAGED])

        assert first.id == await publish(pachd, of)
        assert [first.id] == pachd.shown()

    async def test_what_may_not_be_dropped_is_ended_beside_the_branch(self, pachd):
        async def refuse(repo, commit):
            raise DeniedError("pachd", "DropCommitSet", "not authorized")

        pachd.drop_commit = refuse
        first = await publish(pachd, run_for(pachd.push(), 1))
        way = PinnedOutlet(pachd, TRAINING)
        left = (await way.open(run_for(pachd.push(), 2), evidence(), Ledger())).commit
        second = await publish(pachd, run_for(pachd.push(), 3))

        assert [second, first] == pachd.shown()
        assert "given up: abandoned by a later run" == pachd.commits[left.id].error

    async def test_somebody_elses_open_head_is_waited_for(self, pachd):
        held = pachd.start(OUTPUT, "by hand")

        with pytest.raises(HeadOpenError, match=held) as told:
            await publish(pachd, run_for(pachd.push()))

        assert "is held open by somebody else since 20" in str(told.value)
        assert f"pachctl finish commit outputrepo@{held})" in str(told.value)

    async def test_a_commit_that_pachd_still_finishes_is_not_taken_on_yet(self, pachd):
        await publish(pachd, run_for(pachd.push(), 1))
        of = run_for(pachd.push(), 2)
        way = PinnedOutlet(pachd, TRAINING)
        begun = (await way.open(of, evidence(), Ledger())).commit
        pachd.fill(begun.id, of)
        pachd.commits[begun.id] = replace(pachd.commits[begun.id], finished=None)
        pachd.settle = lambda *_: None
        with pytest.raises(ConflictError, match="still being finished"):
            await way.open(of, evidence(), Ledger())

    async def test_what_a_crash_left_for_another_turn_is_not_shown_for_this(
        self, pachd
    ):
        first = await publish(pachd, run_for(pachd.push(), 1))
        of = run_for(pachd.push(), 2)
        way = PinnedOutlet(pachd, TRAINING)
        begun = (await way.open(of, evidence(), Ledger())).commit
        pachd.fill(begun.id, of)
        again = replace(run_for(of.commit, 3), request="once more")
        model = await publish(pachd, again)

        assert [model, first] == pachd.shown()
        assert model != begun.id

    async def test_what_a_stranger_holds_open_on_staged_is_left_alone(self, pachd):
        await publish(pachd, run_for(pachd.push(), 1))
        pachd.declared[STAGED] = []
        held = pachd.start(STAGED, "by hand")
        with pytest.raises(HeadOpenError, match=held):
            await publish(pachd, run_for(pachd.push(), 2))

    @pytest.mark.parametrize(
        ("sources", "told"),
        [
            pytest.param([OUTPUT, INPUT], str(INPUT), id="and-its-specification"),
            pytest.param([OUTPUT], "a pipeline's specification", id="that-alone"),
        ],
    )
    async def test_the_declaration_of_a_pipeline_is_not_taken_away(
        self, pachd, sources, told
    ):
        pachd.strange()
        pachd.declared[OUTPUT] = sources

        wrong = rf"spec\.output\.branch: {OUTPUT} descends from {told}, so"
        with pytest.raises(InvalidSpecError, match=wrong):
            await publish(pachd, run_for(pachd.push()))
        assert sources == pachd.declared[OUTPUT]

    async def test_an_old_look_at_the_branch_moves_nothing(self, pachd, monkeypatch):
        of = run_for(pachd.push())
        way = PinnedOutlet(pachd, TRAINING)
        begun = (await way.open(of, evidence(), Ledger())).commit
        done = pachd.fill(begun.id, of)
        clock = iter(range(0, 1000, 60))
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda: next(clock))
        with pytest.raises(ConflictError, match="took too long"):
            await way.show(done)

        assert [] == pachd.shown()

    async def test_an_input_commit_that_is_gone_is_said_to_be(self, pachd):
        with pytest.raises(InputGoneError, match=ident(0xDEAD)):
            await publish(pachd, run_for(ident(0xDEAD)))
