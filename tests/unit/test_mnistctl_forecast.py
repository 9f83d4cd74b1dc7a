"""A forecast is worth as much as it comes true: compared with what happens then.

The world and the operators in it are those of the policies' own properties. A forecast
is made at any moment of a run; after that nothing but the operator acts, and every
run goes well.
"""

from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_operator.cli.plan.course import foresee
from mnist_operator.cli.plan.doors import Eyes
from mnist_operator.cli.plan.rows import make_rows
from mnist_operator.observer import Observer
from unit.builders import IMAGE, examples
from unit.model_operator import Operator, _Access, _Alone
from unit.model_world import World

_WHAT = st.sampled_from(["new", "old", "readme"])
_PUSHES = st.lists(_WHAT, min_size=1, max_size=5)
_EARLIEST = {"startFrom": "Earliest"}
_WORDS = {
    "Train": {"Published"},
    "UnderWay": {"Published"},
    "Publish": {"Published"},
    "Skip": {"Skipped"},
    "Fail": {"Failed"},
}


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param({"trigger": _EARLIEST}, id="every-commit"),
        pytest.param({"trigger": _EARLIEST | {"paths": ["data/**"]}}, id="paths"),
        pytest.param({"trigger": _EARLIEST | {"mode": "LatestOnly"}}, id="latest-only"),
        pytest.param(
            {"trigger": _EARLIEST, "concurrencyPolicy": "Allow", "maxParallel": 2},
            id="side-by-side",
        ),
        pytest.param({"trigger": _EARLIEST | {"unchanged": "Train"}}, id="unchanged"),
        pytest.param(
            {"trigger": _EARLIEST, "concurrencyPolicy": "Replace"}, id="replace"
        ),
    ],
)
@settings(examples, max_examples=12)
@given(
    before=_PUSHES,
    turns=st.integers(0, 8),
    code=st.sampled_from([None, 0, 1, 137]),
    after=st.lists(_WHAT, max_size=3),
    ask=st.booleans(),
)
def test_what_is_forecast_comes_true(policy, before, turns, code, after, ask):
    with closing(World(**policy)) as world:
        told = live(world, before, turns, code, after, ask)

        come_true(world)

        check(world, told)


def live(world, before, turns, code, after, ask):
    """Let things happen, and foresee the rest of them."""
    push(world, before)
    operator = Operator(world)
    for _ in range(turns):
        operator.turn()
    for name in world.reaching() if code is not None else ():
        world.end_job(name, code)
    push(world, after)
    if ask:
        world.ask("noon")
    return forecast(world)


def come_true(world):
    """The operator does all that it can do; then a run ends, or time passes."""
    operator = Operator(world)
    for _ in range(300):
        if not operator.turn():
            continue
        running = world.reaching()
        if running:
            world.end_job(running[0], 0)
        elif operator.plan.look_again_at is None:
            return
        world.wait(5)
    raise AssertionError(world.tell())


def check(world, told):
    decided = {
        (each.request, each.commit): (each.decision.value, each.reason)
        for each in world.entries()
    }
    for row in told:
        decision, reason = decided.get((row.request, row.commit)) or next(
            told for (_, commit), told in decided.items() if commit == row.commit
        )
        assert decision in _WORDS[row.decision], (row, decision, world.tell())
        if row.decision == "Skip":
            assert reason == row.reason


def push(world, what):
    for each in what:
        world.push(each)
        world.finish()
        world.wait(1)


def forecast(world):
    """What plan would tell now; it changes nothing."""
    observer = Observer(world.kubernetes, _Access(world), _Alone(), default_image=IMAGE)
    eyes = Eyes(None, observer)
    pachyderm, kubernetes = world.pachyderm, world.kubernetes
    seen = [dict(pachyderm.commits), dict(pachyderm.heads), dict(kubernetes.jobs)]

    async def look():
        observed, _ = await eyes.look(world.training)
        return await foresee(observed, eyes.refresh, now=world.turns.now, limit=500)

    course = world.run(look())

    assert seen == [pachyderm.commits, pachyderm.heads, kubernetes.jobs]
    assert course.complete
    return make_rows(course)
