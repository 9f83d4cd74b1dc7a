"""Commits that are not trained: what is recorded, and in which words.

Input: the oldest commit, the newest model, the paths that count. Output: the line.
What newer commits superseded, and what expired, is in test_passed_over.
"""

from dataclasses import replace

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.contents import NOTHING
from mnist_operator.decisions import Decision
from mnist_operator.outcomes import skip
from mnist_operator.runs import Verdict
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

_BAD = commit(2, state=CommitState.ERRORED, error="given up")
_PATHS = training(trigger={"paths": ["data/**", "*.npz"]})
_MODEL = ledger(entry(1))
_SAME = {ident(1): "same", ident(2): "same"}
_unchanged = source(commit(2), contents=_SAME)


@pytest.mark.parametrize(
    ("fields", "reason", "message"),
    [
        pytest.param(
            {"source": source(commit(2), gone=ident(2))},
            "InputGone",
            "The commit was squashed or dropped.",
            id="it is gone",
        ),
        pytest.param(
            {"source": source(_BAD)},
            "InputErrored",
            "Finished with an error: given up",
            id="it has an error",
        ),
        pytest.param(
            {"source": source(_BAD, commit(3))},
            "InputErrored",
            "Finished with an error: given up",
            id="it has an error, and a newer one waits",
        ),
        pytest.param(
            {"source": source(replace(commit(2), is_blank=True), commit(3))},
            "InputBlank",
            "Pachyderm made it with the branch; nothing was pushed yet.",
            id="it came with the branch",
        ),
        pytest.param(
            {"source": _unchanged},
            "ContentUnchanged",
            f"Its files are those of input commit {ident(1)}, which made model"
            f" {ident(0xF001)}.",
            id="nothing in it has changed",
        ),
        pytest.param(
            {"source": _unchanged, "training": _PATHS},
            "PathsUnchanged",
            f"No file under data/**, *.npz differs from input commit {ident(1)},"
            f" which made model {ident(0xF001)}.",
            id="nothing in it that counts has changed",
        ),
        pytest.param(
            {
                "source": source(commit(2), contents={ident(2): NOTHING}),
                "training": _PATHS,
                "ledger": ledger(),
            },
            "PathsUnchanged",
            "It has no file under data/**, *.npz.",
            id="nothing in it counts, and there is no model yet",
        ),
        pytest.param(
            {"source": _unchanged, "attempt": attempt(commit_number=2, request="now")},
            "ContentUnchanged",
            f"Its files are those of input commit {ident(1)}, which made model"
            f" {ident(0xF001)}.",
            id="nothing has changed, and yet somebody wants a run",
        ),
        pytest.param(
            {"source": _unchanged, "training": training(suspend=True)},
            "ContentUnchanged",
            f"Its files are those of input commit {ident(1)}, which made model"
            f" {ident(0xF001)}.",
            id="nothing has changed, and all is suspended",
        ),
    ],
)
def test_a_commit_that_need_not_or_cannot_be_trained_is_recorded(
    fields, reason, message
):
    plan = skip(observed(**({"ledger": _MODEL} | fields)), NOW)

    ((line,),) = (action.entries for action in plan.actions)
    assert (Decision.SKIPPED, ident(2)) == (line.decision, line.commit)
    assert (reason, message) == (line.reason, line.message)
    assert ("", "", NOW) == (line.run, line.request, line.time)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"source": source()}, id="none waits"),
        pytest.param({}, id="it can be trained"),
        pytest.param(
            {"source": source(commit(2, state=CommitState.OPEN))},
            id="it is still being written",
        ),
        pytest.param(
            {"source": source(commit(2), commit(3, state=CommitState.ERRORED))},
            id="one with an error is not the oldest",
        ),
        pytest.param(
            {"source": _unchanged, "attempt": attempt(commit_number=2)},
            id="it is being trained",
        ),
        pytest.param(
            {
                "source": source(commit(2), gone=ident(2)),
                "attempt": closed(attempt(commit_number=2)),
            },
            id="it is gone, but its model is there",
        ),
        pytest.param(
            {
                "source": source(_BAD),
                "attempt": closed(attempt(commit_number=2), Verdict.FAILED),
            },
            id="it has an error, but its run's failure is to be recorded",
        ),
        pytest.param(
            {
                "source": _unchanged,
                "training": training(trigger={"unchanged": "Train"}),
            },
            id="nothing has changed, and the policy is to train it anyway",
        ),
    ],
)
def test_no_other_commit_is_skipped(fields):
    wanted = {"source": source(commit(2))} | fields

    assert skip(observed(ledger=_MODEL, **wanted), NOW) is None


def test_many_paths_are_named_as_far_as_there_is_room():
    of = training(trigger={"paths": [f"data/{n:03}/**" for n in range(32)]})

    plan = skip(observed(training=of, ledger=_MODEL, source=_unchanged), NOW)

    [line] = plan.actions[0].entries
    assert "data/000/**, data/001/**" in line.message
    assert len(line.message) < 300
