"""Which schedules are tried in the model world, and how many of them."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from unit.model_accidents import Accidents
from unit.model_checks import check_at_any_time, check_in_the_end
from unit.model_operator import settle

_BUDGET = int(os.environ.get("MODEL_EXAMPLES", "0"))

tried = settings(
    max_examples=_BUDGET or 60,
    derandomize=not _BUDGET,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The same schedules everywhere; with MODEL_EXAMPLES=N in the environment, N of them
that nobody has tried before."""

_ANY = st.integers(0, 9)
"""An index into whatever there is at that moment."""
_CALLS = st.integers(0, 20)
_PUSHES = ("whole", "whole", "whole", "late", "open", "bad")
_FILES = ("new", "new", "new", "old", "same", "readme")
_CODES = (0, 0, 0, 0, 1, 137, None)
COMMON = (
    {"suspend": True},
    {"suspend": False},
    {"trainer": {"image": "trainer:1"}},
    {"trainer": {"image": "trainer:2"}},
    {"trigger": {"unchanged": "Train"}},
    {"trigger": {"unchanged": "Skip"}},
    {"trigger": {"paths": ["data/**"]}},
    {"trigger": {"paths": []}},
    {"deletionPolicy": "Orphan"},
    {"deletionPolicy": "Cancel"},
    {"stopAfterFailures": 1},
    {"stopAfterFailures": 10},
    {"successfulRunsHistoryLimit": 1, "failedRunsHistoryLimit": 1},
    {"attempts": {"limit": 1}},
    {"attempts": {"limit": 3, "retryableExitCodes": [1]}},
    {"activeDeadlineSeconds": 60},
    {"startingDeadlineSeconds": 60},
    {"startingDeadlineSeconds": None},
    {"trigger": {"debounceSeconds": 30}},
    {"trigger": {"debounceSeconds": 0}},
)
"""Changes of a spec that no policy is about."""
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


def schedules(*, operators=2, changes=COMMON, rewinds=True):
    """Lists of steps; see `model_accidents` for what each does."""
    who = st.integers(0, operators - 1)
    meant = (
        st.tuples(st.just("push"), st.sampled_from(_PUSHES), st.sampled_from(_FILES)),
        st.tuples(st.just("end_a_job"), _ANY, st.sampled_from(_CODES)),
        st.tuples(st.just("work_until_it_waits"), who),
        st.tuples(st.just("do_well"), who),
        st.tuples(st.just("work_so_far"), who, _CALLS),
    )
    faults = st.sampled_from(["lost", "unanswered", "twice"])
    touched = st.sampled_from(["vanish", "delete"])
    starts = st.sampled_from(["Latest", "Next", "Earliest"])
    accidents = [
        st.tuples(st.just("crash_after"), who, _CALLS),
        st.tuples(st.just("suffer"), who, st.integers(0, 30), faults),
        st.tuples(st.just("wait"), st.sampled_from([5, 60, 601, 3600])),
        st.tuples(st.just("touch_a_job"), _ANY, touched),
        st.tuples(st.just("start_a_pod"), _ANY),
        st.tuples(st.just("apply"), st.sampled_from(changes)),
        st.tuples(st.just("ask"), st.integers(-2, 9)),
        st.tuples(st.just("recreate"), st.booleans(), st.booleans()),
        st.tuples(st.just("use_the_output_branch"), st.booleans()),
    ]
    if operators > 1:
        after = st.integers(0, 6)
        accidents.append(
            st.tuples(st.just("look_while_the_other_acts"), who, _CALLS, after)
        )
    if rewinds:
        how = st.sampled_from(["move", "squash"])
        begins = starts.map(lambda asked: {"trigger": {"startFrom": asked}})
        accidents += [
            st.tuples(st.just("rewrite_history"), _ANY, how),
            st.tuples(st.just("apply"), begins),
        ]
    step = st.one_of(*meant, *meant, *accidents)  # What is meant happens often.
    return st.integers(5, 60).flatmap(
        lambda length: st.lists(step, min_size=length, max_size=length)
    )


def play(*schedule, check=None, doubts=False, **spec):
    """Let it happen, checking after each step; then let all settle, and check that."""
    with Accidents(doubts=doubts, **spec) as accidents:
        world = accidents.world
        for name, *arguments in schedule:
            getattr(accidents, name)(*arguments)
            check_at_any_time(world)
            if check is not None:
                check(world)

        accidents.end()
        operator = settle(world)

        assert operator is not None, world.tell()
        check_in_the_end(world, operator)
        return world
