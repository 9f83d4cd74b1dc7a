"""Whose turn it is: which commits may be under way, and which have nothing new in them.

Input: the policies, the commits that wait, what is under way and what was published.
Output: commits. What holds all of them back is in test_gates.
"""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.contents import NOTHING
from mnist_operator.runs import Verdict
from mnist_operator.turns import (
    candidates,
    compared,
    is_latest_only,
    is_unchanged,
    newest_finished,
)
from unit.builders import (
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

_EVERY = training()
_BOTH = training(concurrencyPolicy="Allow", maxParallel=2)
_LATEST = training(trigger={"mode": "LatestOnly"})
_REPLACE = training(concurrencyPolicy="Replace")
_TRAIN = training(trigger={"unchanged": "Train"})
_PATHS = training(trigger={"paths": ["data/**"]})
_OTHER = training(trainer={"image": "other"})

_open = commit(3, state=CommitState.OPEN)
_finishing = commit(3, state=CommitState.FINISHING)
_bad = commit(3, state=CommitState.ERRORED)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(_EVERY, False, id="EveryCommit"),
        pytest.param(_BOTH, False, id="EveryCommit, several at once"),
        pytest.param(_LATEST, True, id="LatestOnly"),
        pytest.param(_REPLACE, True, id="Replace, whatever the mode"),
    ],
)
def test_only_the_latest_counts_where_a_newer_commit_takes_its_place(of, expected):
    assert expected is is_latest_only(of.spec)


@pytest.mark.parametrize(
    ("of", "waiting", "expected"),
    [
        pytest.param(_EVERY, [commit(1), commit(2)], [1], id="one at a time: oldest"),
        pytest.param(_EVERY, [_open], [3], id="one being written can be prepared for"),
        pytest.param(_EVERY, [_bad], [], id="one with an error cannot be trained"),
        pytest.param(_EVERY, [], [], id="none waits"),
        pytest.param(
            _BOTH,
            [commit(1), commit(2), _open],
            [1, 2],
            id="two at a time: the two oldest",
        ),
        pytest.param(
            _BOTH,
            [commit(2), _bad, commit(4)],
            [2],
            id="two at a time: one with an error keeps its place until it is skipped",
        ),
        pytest.param(
            _LATEST, [commit(1), commit(2)], [2], id="latest: the newest of them"
        ),
        pytest.param(
            _LATEST,
            [commit(1), commit(2), _open],
            [2],
            id="latest: the newest finished one, not the head that is being written",
        ),
        pytest.param(
            _LATEST, [commit(2), _bad], [2], id="latest: not the head with an error"
        ),
        pytest.param(_LATEST, [_open], [3], id="latest: an open head, alone"),
        pytest.param(_LATEST, [_finishing], [3], id="latest: a finishing head, alone"),
        pytest.param(_LATEST, [_bad], [], id="latest: an errored head, alone"),
        pytest.param(_LATEST, [], [], id="latest: none waits"),
        pytest.param(
            _REPLACE, [commit(1), commit(2)], [2], id="replace: the newest of them"
        ),
    ],
)
def test_these_commits_may_be_under_way(of, waiting, expected):
    seen = observed(training=of, source=source(*waiting))

    assert [ident(n) for n in expected] == [each.id for each in candidates(seen)]


def test_nothing_may_be_started_while_the_oldest_commit_is_gone_and_not_recorded():
    seen = observed(source=source(commit(1), commit(2), gone=ident(1)))

    assert () == candidates(seen)


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        pytest.param([], None, id="none waits"),
        pytest.param([_open], None, id="none is finished"),
        pytest.param([commit(1), _open], commit(1), id="the head is being written"),
        pytest.param([commit(1), commit(2)], commit(2), id="the head is finished"),
    ],
)
def test_the_newest_commit_that_can_be_trained(waiting, expected):
    assert expected == newest_finished(observed(source=source(*waiting)))


_PUBLISHED = ledger(entry(1))
_SAME = {ident(1): "same", ident(2): "same", ident(3): "same"}


def after_a_model(**fields):
    """Commit 1 made a model; commits 2 and 3 wait, with the same content."""
    wanted = {"ledger": _PUBLISHED, "training": _BOTH, "attempts": ()}
    contents = fields.pop("contents", _SAME)
    waiting = source(commit(2), commit(3), contents=contents)
    return observed(**(wanted | {"source": waiting} | fields))


_older = attempt(commit_number=2)

_unchanged = pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, True, id="the same files as the newest model's commit"),
        pytest.param(
            {"contents": _SAME | {ident(3): "new"}}, False, id="other files than its"
        ),
        pytest.param(
            {"contents": {ident(1): "same"}}, False, id="its own files are not known"
        ),
        pytest.param(
            {"contents": {ident(3): "same"}}, False, id="the model's are not known"
        ),
        pytest.param({"contents": {}}, False, id="nobody's files are known"),
        pytest.param({"training": _TRAIN}, False, id="the policy is to train anyway"),
        pytest.param({"training": _OTHER}, False, id="the trainer is another one now"),
        pytest.param({"ledger": ledger()}, False, id="there is no model"),
        pytest.param(
            {"attempts": (_older,), "contents": _SAME | {ident(1): "old"}},
            True,
            id="the same files as the commit before it, whose run is under way",
        ),
        pytest.param(
            {"attempts": (_older,), "contents": _SAME | {ident(2): "new"}},
            False,
            id="those of the model, but the run under way is about others",
        ),
        pytest.param(
            {"attempts": (attempt(commit_number=2, digest="other"),)},
            False,
            id="the run under way has another trainer",
        ),
        pytest.param(
            {
                "attempts": (attempt(commit_number=2, request="now"),),
                "contents": _SAME | {ident(2): "new"},
            },
            True,
            id="a run by hand for the commit before it changes nothing",
        ),
        pytest.param(
            {"training": _PATHS, "ledger": ledger(), "contents": {ident(3): NOTHING}},
            True,
            id="no model yet, and no file under the paths that count",
        ),
        pytest.param(
            {"training": _PATHS, "ledger": ledger()},
            False,
            id="no model yet, and files under the paths that count",
        ),
        pytest.param(
            {"ledger": ledger(), "contents": {ident(3): NOTHING}},
            False,
            id="no model yet, and no file at all, where all count",
        ),
        pytest.param(
            {
                "attempts": (closed(_older, Verdict.ABANDONED),),
                "contents": _SAME | {ident(2): "new"},
            },
            True,
            id="the run for the commit before it was given up",
        ),
    ],
)


@_unchanged
def test_a_commit_is_unchanged_when_training_on_it_repeats_what_was_done(
    fields, expected
):
    assert expected is is_unchanged(after_a_model(**fields), commit(3))


@pytest.mark.parametrize("unfinished", [_open, _finishing])
def test_nothing_is_unchanged_before_it_is_finished(unfinished):
    """Its content is known while its run is compared with, and no longer than that."""
    seen = after_a_model(source=source(unfinished, commit(4), contents=_SAME))

    assert not is_unchanged(seen, unfinished)


def test_a_run_under_way_is_not_compared_with_itself():
    seen = after_a_model(attempts=(attempt(commit_number=3),))

    assert is_unchanged(seen, commit(3))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [1, 2, 3], id="the model's, and those that may be next"),
        pytest.param({"training": _EVERY}, [1, 2], id="one at a time: the next alone"),
        pytest.param(
            {"training": _LATEST}, [1, 2, 3], id="latest: the newest, and the oldest"
        ),
        pytest.param(
            {"attempts": (_older,)},
            [1, 2, 3],
            id="the one whose run is under way, for the one after it",
        ),
        pytest.param(
            {"source": source(commit(2), _open)},
            [1, 2],
            id="not one that is still being written",
        ),
        pytest.param(
            {"source": source(_open)},
            [1],
            id="what one that is being written will be compared with",
        ),
        pytest.param({"source": source()}, [], id="none waits"),
        pytest.param({"training": _TRAIN}, [], id="the policy is to train anyway"),
        pytest.param({"training": _OTHER}, [], id="the trainer is another one now"),
        pytest.param({"ledger": ledger()}, [], id="there is no model"),
        pytest.param(
            {"ledger": ledger(), "training": _PATHS},
            [2],
            id="there is no model, but only some paths count: the next one",
        ),
    ],
)
def test_only_the_files_that_a_decision_rests_on_are_read(fields, expected):
    assert {ident(n) for n in expected} == compared(after_a_model(**fields))
