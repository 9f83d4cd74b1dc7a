"""An attempt's description, and what it is asked to do."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import __version__, runs
from mnist_operator.commits import CommitState
from mnist_operator.runs import Outcome, Verdict
from unit.builders import (
    RUNS,
    attempt,
    closed,
    commit,
    examples,
    ident,
    training,
    unopened,
)

_shown = st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" ")
_outcomes = st.builds(
    Outcome,
    st.sampled_from(Verdict),
    reason=st.text(_shown, max_size=20),
    message=st.text(_shown, max_size=500),
    retryable=st.booleans(),
    exit_code=st.none() | st.integers(0, 255),
)


def a_staging_commit(description, state=CommitState.FINISHED):
    return commit(attempt().staging, repo=RUNS, description=description, state=state)


def test_a_new_attempt_is_read_back_from_its_description():
    text = runs.describe_attempt(unopened())
    opened = a_staging_commit(text, CommitState.OPEN)

    read = runs.read_attempt(opened)

    assert (
        attempt(
            opened=opened.started,
            generation=training().generation,
            operator=__version__,
        )
        == read
    )
    assert read.is_open


@examples
@given(_outcomes)
def test_an_outcome_is_read_back_from_the_description(outcome):
    text = runs.describe_outcome(attempt(), outcome, {"pod": "p"})
    staged = a_staging_commit(text)

    read = runs.read_attempt(staged)

    assert outcome == read.outcome
    assert {"pod": "p"} == read.facts
    assert not read.is_open
    assert read.finished


def test_an_attempt_that_is_being_finished_is_closed_already():
    text = runs.describe_outcome(attempt(), Outcome(Verdict.SUCCEEDED))
    staged = a_staging_commit(text, CommitState.FINISHING)

    read = runs.read_attempt(staged)

    assert staged.finishing == read.closed
    assert not read.finished


def test_a_log_in_place_of_a_message_is_cut():
    text = runs.describe_outcome(attempt(), Outcome(Verdict.FAILED, "x", "y" * 9000))

    assert "y" * 500 == json.loads(text)["outcome"]["message"]
    assert len(text) < 1024


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(None, id="none-written"),
        pytest.param("Succeeded", id="a-word"),
        pytest.param({}, id="an-empty-one"),
        pytest.param(
            {"verdict": "Fine", "reason": "", "message": "", "retryable": False},
            id="an-unknown-verdict",
        ),
    ],
)
def test_an_attempt_that_somebody_else_closed_failed_and_is_tried_again(outcome):
    value = json.loads(runs.describe_attempt(unopened(digest="d")))
    staged = a_staging_commit(json.dumps(value | {"outcome": outcome}))

    read = runs.read_attempt(staged)

    assert (Verdict.FAILED, "StagingClosed") == (
        read.outcome.verdict,
        read.outcome.reason,
    )
    assert read.outcome.retryable


def test_an_open_attempt_has_no_outcome_whatever_its_description_says():
    text = runs.describe_outcome(attempt(), Outcome(Verdict.SUCCEEDED))

    assert runs.read_attempt(a_staging_commit(text, CommitState.OPEN)).outcome is None


_OURS = json.loads(runs.describe_attempt(unopened(digest="d")))


@pytest.mark.parametrize(
    "description",
    [
        pytest.param("", id="empty"),
        pytest.param("by hand", id="words"),
        pytest.param("null", id="no-object"),
        pytest.param("[1]", id="a-list"),
        pytest.param("{}", id="an-empty-object"),
        pytest.param('{"kind": "mnist-operator/model"}', id="of-another-kind"),
        pytest.param('{"kind": "mnist-operator/attempt"}', id="half-of-ours"),
        pytest.param(json.dumps(_OURS | {"attempt": None}), id="no-number"),
        pytest.param(
            json.dumps(_OURS | {"attempt": float("inf")}), id="a-number-without-end"
        ),
        pytest.param("[" * 100_000, id="nested-without-end"),
    ],
)
def test_a_commit_of_somebody_elses_is_no_attempt(description):
    assert runs.read_attempt(a_staging_commit(description)) is None


def test_closing_an_attempt_keeps_its_identity():
    opened = attempt(generation=training().generation, operator=__version__)
    ended = closed(opened, exit_code=0)

    before = json.loads(runs.describe_attempt(unopened()))
    after = json.loads(runs.describe_outcome(ended, ended.outcome))

    assert before == {name: after[name] for name in before}
    assert 0 == after["outcome"]["exitCode"]


def test_a_request_says_all_that_a_run_is_asked_to_do():
    spec = runs.run_spec(training(), default_image="trainer:1")

    request = runs.build_request(attempt(generation=3, operator="1.2.3"), spec)

    assert {
        "version": 1,
        "staging": attempt().staging,
        "training": {
            "namespace": "team",
            "name": "mnist",
            "uid": "uid-1",
            "generation": 3,
        },
        "input": {
            "project": "default",
            "repo": "inputrepo",
            "branch": "master",
            "commit": ident(1),
        },
        "attempt": 1,
        "spec": spec,
        "specSha256": attempt().digest,
        "operatorVersion": "1.2.3",
    } == request


@pytest.mark.parametrize(
    ("model", "manifest"),
    [("my_model.h5", "/run.json"), ("models/v1/a.h5", "/models/v1/run.json")],
)
def test_the_manifest_lies_beside_the_model(model, manifest):
    assert manifest == runs.manifest_file(model)


def test_what_the_operator_writes_is_kept_apart_from_what_is_published():
    assert {"/attempt.json", "/record.json", "/log.txt"} == runs.OWN_FILES
