"""Which schedules are tried in the model world, and how many of them."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from unit.model_accidents import Accidents
from unit.model_checks import check_at_any_time, check_in_the_end
from unit.model_operator import settle

_BUDGET = int(os.environ.get("MODEL_EXAMPLES", "0"))

tried = settings(
    max_examples=_BUDGET or 20,
    derandomize=not _BUDGET,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The same schedules everywhere. With MODEL_EXAMPLES=N in the environment, for each
property N that nobody has tried before."""

_ANY = st.integers(0, 9)
"""An index into whatever there is at that moment."""
_CALLS = st.integers(0, 20)
_PUSHES = st.sampled_from(["whole", "whole", "whole", "late", "open", "bad"])
_FILES = st.sampled_from(["new", "new", "new", "old", "same", "readme"])
_CODES = st.sampled_from([0, 0, 0, 0, 1, 137, None])
_TOUCHES = ("vanish", "delete", "unlabel")
_STARTS = st.sampled_from(["Latest", "Next", "Earliest"])

COMMON = (
    {"suspend": True},
    {"suspend": False},
    {"trainer": {"image": "trainer:1"}},
    {"trainer": {"image": "trainer:2"}},
    {"trigger": {"unchanged": "Train"}},
    {"trigger": {"unchanged": "Skip"}},
    {"trigger": {"paths": ["data/**"]}},
    {"trigger": {"paths": []}},
    {"trigger": {"debounceSeconds": 30}},
    {"trigger": {"debounceSeconds": 0}},
    {"attempts": {"limit": 1}},
    {"attempts": {"limit": 3, "retryableExitCodes": [1]}},
    {"output": {"provenance": "Metadata"}},
    {"output": {"provenance": "Native"}},
    {"deletionPolicy": "Orphan"},
    {"deletionPolicy": "Cancel"},
    {"stopAfterFailures": 1},
    {"stopAfterFailures": 10},
    {"activeDeadlineSeconds": 60},
    {"startingDeadlineSeconds": 60},
    {"startingDeadlineSeconds": None},
    {"successfulRunsHistoryLimit": 1, "failedRunsHistoryLimit": 1},
)
"""Changes of a spec that leave the policy that a property is about."""
POLICIES = (
    {"trigger": {"mode": "EveryCommit", "minCommits": 1}},
    {"trigger": {"mode": "LatestOnly", "minCommits": 1}},
    {"trigger": {"mode": "LatestOnly", "minCommits": 2}},
    {"concurrencyPolicy": "Forbid"},
    {"concurrencyPolicy": "Replace"},
    {"concurrencyPolicy": "Allow", "maxParallel": 2},
    {"concurrencyPolicy": "Allow", "maxParallel": 3},
    {"onSpecChange": "RetrainLatest"},
    {"onSpecChange": "Nothing"},
)
"""Changes from one policy to another."""


def schedules(*, changes=COMMON):
    """Of two operators, in a repo whose history may be rewritten."""
    return _schedules(st.integers(0, 1), changes, (*_TWO, *_REWRITES))


def lonely_schedules(*, changes=COMMON):
    """Of one operator, which can be exact: nobody comes between, history grows."""
    return _schedules(st.just(0), changes, ())


def _schedules(who, changes, more):
    """Lists of steps, with only some kinds of accident in each.

    Where everything happens, nothing has the time to go far.
    """
    meant = [
        st.tuples(st.just("push"), _PUSHES, _FILES),
        st.tuples(st.just("end_a_job"), _ANY, _CODES),
        st.tuples(st.just("work_until_it_waits"), who),
        st.tuples(st.just("do_well"), who),
        st.tuples(st.just("work_so_far"), who, _CALLS),
    ]
    accidents = [*_accidents(who, changes), *more]
    kinds = st.lists(
        st.sampled_from(range(len(accidents))), min_size=1, max_size=6, unique=True
    )

    def compose(drawn):
        length, kinds = drawn
        step = st.one_of(*meant, *meant, *(accidents[each] for each in kinds))
        return st.lists(step, min_size=length, max_size=length)

    return st.tuples(st.integers(5, 60), kinds).flatmap(compose)


def _accidents(who, changes):
    faults = st.sampled_from(["lost", "unanswered", "twice"])
    return [
        st.tuples(st.just("crash_after"), who, _CALLS),
        st.tuples(st.just("suffer"), who, st.integers(0, 30), faults),
        st.tuples(st.just("wait"), st.sampled_from([5, 60, 601, 3600])),
        st.tuples(st.just("touch_a_job"), _ANY, st.sampled_from(_TOUCHES)),
        st.tuples(st.just("start_a_pod"), _ANY),
        st.tuples(st.just("apply"), st.sampled_from(changes)),
        st.tuples(st.just("ask"), st.integers(-2, 9)),
        st.tuples(st.just("recreate"), st.booleans(), st.booleans(), st.booleans()),
        st.tuples(st.just("use_the_output_branch"), st.booleans()),
    ]


_TWO = (
    st.tuples(
        st.just("look_while_the_other_acts"),
        st.integers(0, 1),
        _CALLS,
        st.integers(0, 6),
    ),
)
_REWRITES = (
    st.tuples(st.just("rewrite_history"), _ANY, st.sampled_from(["move", "squash"])),
    st.tuples(st.just("apply"), _STARTS.map(lambda at: {"trigger": {"startFrom": at}})),
)


def play(*schedule, check=None, doubts=False, **spec):
    """Let it happen, checking after each step; then let all settle, and check that."""
    with Accidents(doubts=doubts, **spec) as accidents:
        world = accidents.world
        for name, *arguments in schedule:
            getattr(accidents, name)(*arguments)
            check_at_any_time(world)
            if check is not None:
                check(accidents)

        accidents.end()
        operator = settle(world)

        assert operator is not None, world.tell()
        check_in_the_end(world, operator)
        return world
