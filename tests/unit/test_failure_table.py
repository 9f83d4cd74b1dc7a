"""The table of failures: every row is met, told as documented, and tried again or not.

Input: what was observed when a run failed. Output: the reason in the record, and
whether another attempt is made. The exit codes are in test_attempt_failures.
"""

import json
import re
from pathlib import Path

import pytest

from mnist_operator import runs
from mnist_operator.commits import CommitState, File
from mnist_operator.decisions import Decision
from mnist_operator.failures import FAILURES, failed
from mnist_operator.plan import CloseAttempt, OpenAttempt, Record
from mnist_operator.publisher import Publisher
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    IMAGE,
    NOW,
    OUTPUT,
    RUNS,
    ago,
    attempt,
    closed,
    commit,
    ident,
    job,
    ledger,
    observed,
    training,
    unopened,
)
from unit.evidence import RECORD

_DOCUMENTED = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
_AGAIN = {each.reason: each.again for each in FAILURES}
_LAST_WORDS = json.dumps({"reason": "DataInvalid", "message": "No labels."})


def ended(**fields):
    return {"jobs": [job(phase=JobPhase.FAILED, **fields)]}


_runs = pytest.mark.parametrize(
    ("reason", "fields"),
    [
        pytest.param("TrainerKilled", ended(exit_code=137), id="exit code 137"),
        pytest.param("TrainerKilled", ended(exit_code=174), id="exit code 174"),
        pytest.param("TrainerFailed", ended(exit_code=1), id="exit code 1"),
        pytest.param("PodLost", ended(exit_code=None), id="a pod without an exit code"),
        pytest.param(
            "JobLost", {"jobs": [job(deleting=True)]}, id="the TFJob is being deleted"
        ),
        pytest.param(
            "JobLost", {"created": frozenset({job().name})}, id="the TFJob is gone"
        ),
        pytest.param(
            "StartupDeadlineExceeded",
            {"jobs": [job(created=ago(600))]},
            id="ten minutes without a pod",
        ),
        pytest.param(
            "DeadlineExceeded",
            {"jobs": [job(phase=JobPhase.RUNNING, created=ago(3600))]},
            id="an hour of training",
        ),
    ],
)


@_runs
def test_a_run_that_fails_is_told_by_a_row_of_the_table(reason, fields):
    plan = reconcile(observed(attempt=attempt(), **fields), now=NOW)

    close = plan.actions[0]
    assert isinstance(close, CloseAttempt)
    assert (Verdict.FAILED, reason) == (close.outcome.verdict, close.outcome.reason)
    assert _AGAIN[reason] is close.outcome.retryable
    assert close.outcome.message


def test_a_reason_that_the_trainer_gave_goes_before_those_of_the_table():
    told = ended(exit_code=10, last_words=_LAST_WORDS)

    plan = reconcile(observed(attempt=attempt(), **told), now=NOW)

    assert "DataInvalid" == plan.actions[0].outcome.reason
    assert not plan.actions[0].outcome.retryable


def test_a_staging_commit_that_somebody_closed_is_a_row_of_the_table():
    opened = runs.describe_attempt(unopened())

    read = runs.read_attempt(commit(attempt().staging, repo=RUNS, description=opened))

    assert (Verdict.FAILED, "StagingClosed") == (
        read.outcome.verdict,
        read.outcome.reason,
    )
    assert _AGAIN["StagingClosed"] is read.outcome.retryable


_GOOD = closed(attempt(generation=1, facts=RECORD))
_SPEC = runs.run_spec(training(), default_image=IMAGE)


class _Pachyderm:
    """One closed run, and an empty output branch: enough to publish, or to fail."""

    def __init__(self, *files, error=""):
        self._files = files
        self._last = CommitState.ERRORED if error else CommitState.FINISHED
        self._error = error
        self._output = CommitState.OPEN

    async def commit(self, repo, commit_id, **_):
        if repo == RUNS:
            return commit(commit_id, repo=RUNS)
        return commit(commit_id, repo=OUTPUT, state=self._output, error=self._error)

    async def files(self, repo, commit_id, *, limit):
        return [File(path, 1, "aa") for path in (runs.ATTEMPT_FILE, *self._files)]

    async def chunks(self, repo, commit_id, path, *, size=None):
        asked = runs.canonical(runs.build_request(_GOOD, _SPEC))
        yield asked if path == runs.ATTEMPT_FILE else b"a model"

    async def head(self, branch):
        return None

    async def start_commit(self, branch, *, description):
        return ident(0xF001)

    async def modify(self, repo, commit_id, changes):
        pass

    async def finish_commit(self, repo, commit_id, *, description):
        self._output = self._last

    async def edit_metadata(self, repo, commit_id, entries):
        pass


@pytest.mark.parametrize(
    ("reason", "pachyderm", "words"),
    [
        pytest.param(
            "OutputInvalid",
            _Pachyderm("/metrics.json"),
            "wrote no /my_model.h5",
            id="success without a model",
        ),
        pytest.param(
            "PublishFailed",
            _Pachyderm("/my_model.h5", error="broken"),
            "broken",
            id="an output commit that pachd finished with an error",
        ),
    ],
)
async def test_a_model_that_cannot_be_published_is_a_row_of_the_table(
    reason, pachyderm, words
):
    plain = training(output={"provenance": "Metadata"})
    publisher = Publisher(pachyderm, plain)

    line = await publisher.publish(_GOOD, ledger(), now=NOW)

    assert (Decision.FAILED, reason) == (line.decision, line.reason)
    assert (ident(1), _GOOD.staging, "uid-1/1") == (line.commit, line.run, line.by)
    assert words in line.message


def test_every_row_of_the_table_is_met_above():
    met = {case.values[0] for case in _runs.args[1]}
    others = {"StagingClosed", "OutputInvalid", "PublishFailed"}

    assert {each.reason for each in FAILURES} == met | others


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.reason)
def test_another_attempt_is_made_where_the_table_says_so(row):
    outcome = failed(row.reason, "It failed.")
    lost = closed(
        attempt(),
        outcome.verdict,
        reason=outcome.reason,
        message=outcome.message,
        retryable=outcome.retryable,
    )

    (action,) = reconcile(observed(attempt=lost), now=NOW).actions

    assert (OpenAttempt if row.again else Record) is type(action)


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.reason)
def test_operators_find_the_row_in_the_documentation(row):
    again = re.findall(
        rf"^\| *`{row.reason}` *\|.*\| *(yes|no) *\|$",
        _DOCUMENTED.read_text(),
        re.MULTILINE,
    )

    assert {"yes" if row.again else "no"} == set(again)
