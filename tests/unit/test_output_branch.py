"""What is shown on the output branch with Native: how it gets there, and off again.

Others come in between: two operators at once, and calls that are late.
"""

import pytest

from mnist_operator.errors import ConflictError, DeniedError, UpstreamError
from mnist_operator.ledger import Ledger
from mnist_operator.outlet_pinned import PinnedOutlet
from mnist_operator.output_branch import OutputBranch
from unit.evidence import evidence
from unit.model_outlets import (
    OUTPUT,
    PIN,
    STAGED,
    TRAINING,
    Pachd,
    after_its_move,
    finished,
    publish,
    run_for,
)
from unit.model_pachyderm import ModelPachyderm
from unit.model_turns import Turns


@pytest.fixture(name="pachd")
def _pachd():
    return Pachd(Turns())


async def test_who_stood_still_before_it_takes_the_next_one_back_finds_it_a_model(
    pachd,
):
    first = await publish(pachd, run_for(pachd.push(), 1))
    done = await finished(pachd, run_for(pachd.push(), 2))
    later, last = run_for(pachd.push(), 3), run_for(pachd.push(), 4)
    way = PinnedOutlet(pachd, TRAINING)

    async def begin():
        begun = (await way.open(later, evidence(), Ledger())).commit
        pachd.heads[OUTPUT] = begun.id
        return begun.id

    theirs = after_its_move(pachd, begin)
    newest = before_it_ends_anything(
        pachd, lambda: in_turn(pachd, [*theirs], later, last)
    )
    await way.show(done)

    assert [*newest, *theirs, done.id, first] == pachd.shown()


async def test_nor_does_who_stood_still_before_it_takes_an_open_head_back(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    of, last = run_for(pachd.push(), 2), run_for(pachd.push(), 3)
    way = PinnedOutlet(pachd, TRAINING)
    left = (await way.open(of, evidence(), Ledger())).commit
    pachd.heads[OUTPUT] = left.id
    newest = before_it_ends_anything(pachd, lambda: in_turn(pachd, [left.id], of, last))
    with pytest.raises(ConflictError, match="left open"):
        await way.open(of, evidence(), Ledger())

    assert [*newest, left.id, first] == pachd.shown()


async def in_turn(pachd, begun, of, last):
    """Another operator publishes what was begun, and one more."""
    pachd.fill(begun[0], of)
    return await publish(pachd, last)


def before_it_ends_anything(pachd, happen):
    """What comes of that just before a commit is given up for the first time."""
    found, finish = [], pachd.finish_commit

    async def stand_still(repo, commit, **options):
        if not found:
            found.append("on its way")
            found[0] = await happen()
        await finish(repo, commit, **options)

    pachd.finish_commit = stand_still
    return found


async def refuse_to_drop(repo, commit):
    raise DeniedError(
        "pachd", "DropCommitSet", f"{commit} needs a right on the cluster"
    )


async def test_an_open_head_that_may_not_be_dropped_is_taken_away_too(pachd):
    pachd.drop_commit = refuse_to_drop
    first = await publish(pachd, run_for(pachd.push(), 1))
    of = run_for(pachd.push(), 2)
    left = (await PinnedOutlet(pachd, TRAINING).open(of, evidence(), Ledger())).commit
    pachd.heads[OUTPUT] = left.id
    with pytest.raises(ConflictError, match="left open"):
        await PinnedOutlet(pachd, TRAINING).open(of, evidence(), Ledger())

    assert [first] == pachd.shown()
    assert await publish(pachd, of) == pachd.shown()[0] != left.id
    assert 2 == len(pachd.shown())


async def test_what_cannot_be_dropped_is_not_taken_away_once_the_branch_went_on(pachd):
    pachd.drop_commit = refuse_to_drop
    first = await publish(pachd, run_for(pachd.push(), 1))
    of = run_for(pachd.push(), 2)
    left = (await PinnedOutlet(pachd, TRAINING).open(of, evidence(), Ledger())).commit
    pachd.heads[OUTPUT] = left.id
    move, newest = pachd.create_branch, []

    async def stand_still(branch, head=None, **options):
        if not newest:
            newest.append("on its way")
            newest[0] = await publish(pachd, of)
        await move(branch, head, **options)

    pachd.create_branch = stand_still
    with pytest.raises(ConflictError, match="left open"):
        await PinnedOutlet(pachd, TRAINING).open(of, evidence(), Ledger())

    assert [*newest, first] == pachd.shown()


async def test_what_was_given_up_on_the_output_branch_and_left_is_taken_away(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    of = run_for(pachd.push(), 2)
    way = PinnedOutlet(pachd, TRAINING)
    left = (await way.open(of, evidence(), Ledger())).commit
    pachd.heads[OUTPUT] = left.id
    await pachd.finish_commit(OUTPUT.repo, left.id, error="given up: by one who died")
    pachd.settle()
    await pachd.create_branch(STAGED, first)

    model = await publish(pachd, of)

    assert [model, first] == pachd.shown()


async def test_a_pachd_that_takes_no_branch_for_a_head_is_told_the_commit(pachd):
    async def create(branch, head=None, **options):
        if branch == OUTPUT and head == STAGED:
            raise UpstreamError("pachd", "CreateBranch", "what is that?")
        await ModelPachyderm.create_branch(pachd, branch, head, **options)

    pachd.create_branch = create

    assert [await publish(pachd, run_for(pachd.push()))] == pachd.shown()


async def test_a_move_that_did_not_show_the_model_is_noticed(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))

    async def create(branch, head=None, **options):
        if branch == OUTPUT:  # Another operator's call comes just before, each time.
            await ModelPachyderm.create_branch(pachd, STAGED, first)
        await ModelPachyderm.create_branch(pachd, branch, head, **options)

    of = run_for(pachd.push(), 2)
    way = PinnedOutlet(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    done = pachd.fill(begun.id, of)
    pachd.create_branch = create
    with pytest.raises(ConflictError, match="does not show"):
        await way.show(done)


async def test_a_call_that_turns_staged_back_just_before_the_move_loses_no_model(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    second = await publish(pachd, run_for(pachd.push(), 2))
    done = await finished(pachd, run_for(pachd.push(), 3))
    late = [first]

    async def create(branch, head=None, **options):
        if branch == OUTPUT and late:
            await ModelPachyderm.create_branch(pachd, STAGED, late.pop())
        await ModelPachyderm.create_branch(pachd, branch, head, **options)

    pachd.create_branch = create
    await PinnedOutlet(pachd, TRAINING).show(done)

    assert [done.id, second, first] == pachd.shown()


async def test_whoever_moves_the_branch_just_after_us_is_not_overruled(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    done = await finished(pachd, run_for(pachd.push(), 2))
    move, moves = pachd.create_branch, []

    async def by_hand(branch, head=None, **options):
        await move(branch, head, **options)
        if branch == OUTPUT and not moves:
            pachd.heads[OUTPUT] = first
        moves.append(branch)

    pachd.create_branch = by_hand
    with pytest.raises(ConflictError, match="does not show"):
        await PinnedOutlet(pachd, TRAINING).show(done)

    assert [first] == pachd.shown()


async def test_what_stands_beside_another_on_staged_is_not_shown(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    done = await finished(pachd, run_for(pachd.push(), 2))
    await pachd.create_branch(STAGED, first)
    beside = pachd.start(STAGED)
    pachd.finish(beside)
    pachd.settle()
    with pytest.raises(ConflictError, match="moved while"):
        await PinnedOutlet(pachd, TRAINING).show(done)

    assert [first] == pachd.shown()
    assert beside == pachd.heads[STAGED]


async def test_what_was_published_in_the_plain_way_leaves_staged_where_it_is(pachd):
    pachd.drop_commit = refuse_to_drop
    first = await publish(pachd, run_for(pachd.push(), 1))
    second = await publish(pachd, run_for(pachd.push(), 2))
    await pachd.create_branch(STAGED, first)
    shown = await pachd.commit(OUTPUT.repo, pachd.start(OUTPUT))
    await OutputBranch(pachd, OUTPUT, STAGED).take_back(shown)

    assert [shown.id, second, first] == pachd.shown()
    assert first == pachd.heads[STAGED]


async def test_another_commit_that_was_opened_above_is_not_shown(pachd):
    await publish(pachd, run_for(pachd.push(), 1))
    source = pachd.push()

    async def create(branch, head=None, **options):
        if branch == OUTPUT and head == STAGED:
            await ModelPachyderm.create_branch(pachd, PIN, source)
        await ModelPachyderm.create_branch(pachd, branch, head, **options)

    of = run_for(source, 2)
    way = PinnedOutlet(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    done = pachd.fill(begun.id, of)
    pachd.create_branch = create
    await way.show(done)

    assert done.id == pachd.heads[OUTPUT]
