"""What the operator tells lineage tools, and what it keeps to itself."""

import json
from types import SimpleNamespace

import pytest

from mnist_operator import lineage
from mnist_operator.decisions import Decision
from mnist_operator.errors import UnreachableError
from mnist_operator.reporter import Reporter
from mnist_operator.runs import Outcome, Verdict
from unit.builders import NOW, attempt, entry, ident, job, observed
from unit.evidence import evidence


class Told:
    """A queue that keeps what is told."""

    namespace = "prod"

    def __init__(self):
        self.events = []

    def tell(self, event):
        self.events.append(event)

    @property
    def kinds(self):
        return [each["eventType"] for each in self.events]


class Client:
    """A pachd that has one file, or none, or does not answer."""

    connection = SimpleNamespace(address="pachd.pachyderm:30650")

    def __init__(self, content):
        self._content = content

    async def read(self, *_):
        if isinstance(self._content, Exception):
            raise self._content
        return self._content


def reporter(told, *, content=None, **seen):
    door = SimpleNamespace(client=Client(content), endpoint=None)
    return Reporter(told, door, observed(**seen))


def outcome(verdict):
    return Outcome(verdict, "Superseded", "Another one takes its place.")


def test_a_start_is_told_in_the_words_of_the_settings_and_the_connection():
    told = Told()

    reporter(told).started(attempt(), now=NOW)

    [event] = told.events
    assert ("START", "prod") == (event["eventType"], event["job"]["namespace"])
    assert "pachyderm://pachd.pachyderm" == event["inputs"][0]["namespace"]


@pytest.mark.parametrize(
    ("verdict", "seen", "kinds"),
    [
        pytest.param(Verdict.FAILED, {}, ["FAIL"], id="failed"),
        pytest.param(Verdict.SUCCEEDED, {}, [], id="to-be-published"),
        pytest.param(Verdict.ABANDONED, {}, [], id="given-up-before-its-job"),
        pytest.param(
            Verdict.ABANDONED, {"jobs": [job()]}, ["ABORT"], id="given-up-with-its-job"
        ),
        pytest.param(
            Verdict.ABANDONED,
            {"created": frozenset({job().name})},
            ["ABORT"],
            id="given-up-when-its-job-was-gone",
        ),
    ],
)
def test_the_end_of_an_attempt_is_told_by_its_verdict(verdict, seen, kinds):
    told = Told()

    reporter(told, **seen).closed(attempt(), outcome(verdict), now=NOW)

    assert kinds == told.kinds


def test_an_attempt_that_somebody_else_closed_is_theirs_to_tell():
    told = Told()

    reporter(told).closed(attempt(), None, now=NOW)

    assert [] == told.events


async def test_a_model_is_told_by_its_own_record():
    told, content = Told(), json.dumps(lineage.build_statement(evidence()))

    await reporter(told, content=content.encode()).decided([entry()])

    [event] = told.events
    assert "COMPLETE" == event["eventType"]
    assert "executionParameters" in event["run"]["facets"]
    version = event["outputs"][0]["facets"]["version"]["datasetVersion"]
    assert ident(0xF001) == version


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(UnreachableError("pachd", "GetFile", "no answer"), id="no-answer"),
        pytest.param(None, id="no-record"),
        pytest.param(b"[" * 100_000, id="too-deep"),
        pytest.param(b"\xff", id="no-text"),
        pytest.param(b"[]", id="no-statement"),
    ],
)
async def test_without_a_record_the_ledger_tells_of_the_model(content):
    told = Told()

    await reporter(told, content=content).decided([entry()])

    [event] = told.events
    assert "COMPLETE" == event["eventType"]
    version = event["outputs"][0]["facets"]["version"]["datasetVersion"]
    assert ident(0xF001) == version


async def test_a_failure_is_told_and_a_skip_is_not():
    told = Told()
    lines = [
        entry(1, Decision.FAILED, reason="OutputInvalid", message="No model."),
        entry(2, Decision.SKIPPED, reason="Superseded", run=ident(0xB002)),
        entry(3, Decision.FAILED, reason="InputGone", run=""),
    ]

    await reporter(told).decided(lines)

    assert ["FAIL"] == told.kinds


async def test_where_nobody_listens_nothing_is_asked_or_made():
    silent = reporter(None, content=AssertionError("nobody needs it"))

    silent.started(attempt(), now=NOW)
    silent.closed(attempt(), outcome(Verdict.FAILED), now=NOW)
    await silent.decided([entry()])
