"""The data gate in the operator's decision: what it compares, trains and holds."""

from dataclasses import replace

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision
from mnist_operator.gate_findings import Figures, Finding, GateVerdict
from mnist_operator.outcomes import retry
from mnist_operator.plan import CompareData
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from mnist_operator.turns import find_successor
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ident,
    job,
    source,
)
from unit.gated import (
    BAD,
    BROKEN,
    GATE,
    GOOD,
    PASSED,
    PATH,
    TOLD,
    actions,
    held,
    look,
    opened,
)


class TestWhatIsCompared:
    def test_is_the_next_commit_with_that_of_the_newest_model(self):
        plan = reconcile(look(), now=NOW)

        assert (CompareData(ident(1), ident(2), PATH),) == plan.actions
        assert Reason.COMPARING_DATA == plan.story.reason
        assert plan.is_worth_telling

    @pytest.mark.parametrize(
        "gate",
        [
            pytest.param(None, id="no-gate"),
            pytest.param({}, id="a-gate-without-limits"),
            pytest.param({"onViolation": "Warn"}, id="a-warning-without-limits"),
        ],
    )
    def test_is_nothing_without_a_limit(self, gate):
        assert opened(look(gate=gate)).gate is None

    def test_is_nothing_before_there_is_a_model(self):
        seen = look(lines=())

        assert Finding(GateVerdict.FIRST) == opened(seen).gate

    def test_is_at_the_path_of_the_spec(self):
        seen = look(spec_fields={"input": {"path": "data/"}})

        assert (CompareData(ident(1), ident(2), "data/"),) == actions(seen)

    def test_is_compared_with_the_newest_model_whatever_was_held_since(self):
        seen = look(waiting=(commit(3),), lines=(entry(1), held(2)))

        assert (CompareData(ident(1), ident(3), PATH),) == actions(seen)

    @pytest.mark.parametrize(
        "fields",
        [
            pytest.param({"spec_fields": {"suspend": True}}, id="suspended"),
            pytest.param(
                {"spec_fields": {"trigger": {"debounceSeconds": 86400}}}, id="noise"
            ),
            pytest.param(
                {"waiting": (commit(2, state=CommitState.OPEN, started=ago(9)),)},
                id="being-written",
            ),
            pytest.param(
                {"waiting": (commit(2, state=CommitState.OPEN, started=ago(9000)),)},
                id="left-open",
            ),
            pytest.param(
                {
                    "attempt": attempt(commit_number=3, request="now"),
                    "jobs": [job(attempt(commit_number=3))],
                },
                id="no-slot",
            ),
        ],
    )
    def test_is_nothing_before_its_turn(self, fields):
        assert () == actions(look(**fields))

    def test_is_nothing_of_what_is_unchanged(self):
        same = source(commit(2), contents={ident(1): "a", ident(2): "a"})

        [record] = actions(look(source=same))

        assert ["ContentUnchanged"] == [each.reason for each in record.entries]


class TestACommitWithinItsLimits:
    def test_is_trained_and_its_record_says_what_was_found(self):
        assert PASSED == opened(look(GOOD)).gate

    def test_keeps_what_was_found_for_another_attempt(self):
        failed = closed(
            attempt(commit_number=2, gate=PASSED),
            Verdict.FAILED,
            at=ago(3600),
            retryable=True,
        )
        [again] = retry(look(attempt=failed), NOW).actions

        assert PASSED == again.gate

    def test_replaces_a_run_once_that_is_known(self):
        running = attempt(commit_number=2)
        both = {"attempt": running, "waiting": (commit(2), commit(3))}
        spec = {"spec_fields": {"concurrencyPolicy": "Replace"}}
        jobs = {"jobs": [job(running)]}
        unknown = look(GOOD, **both, **spec, **jobs)
        known, beyond = (
            look(GOOD, of_3, **both, **spec, **jobs) for of_3 in (GOOD, BAD)
        )

        assert (CompareData(ident(1), ident(3), PATH),) == actions(unknown)
        assert None is find_successor(unknown, running, NOW)
        assert ident(3) == find_successor(known, running, NOW).id
        assert None is find_successor(beyond, running, NOW)
        assert () == actions(beyond)


class TestACommitBeyondALimit:
    def test_is_held_with_figures_limit_and_what_it_was_compared_with(self):
        [record] = actions(look(BAD))
        [line] = record.entries

        assert (Decision.HELD, ident(2), "DataGateHeld") == (
            line.decision,
            line.commit,
            line.reason,
        )
        assert TOLD == line.message
        assert BROKEN == line.gate

    def test_is_held_too_when_it_cannot_be_compared(self):
        [record] = actions(look(Figures(fault="/x.npz: no archive")))

        assert (
            "its data cannot be compared: /x.npz: no archive."
            in record.entries[0].message
        )

    def test_is_trained_after_a_warning_where_the_gate_only_warns(self):
        gate = GATE | {"onViolation": "Warn"}
        warned = replace(BROKEN, verdict=GateVerdict.WARNED)
        [record] = actions(look(BAD, gate=gate))
        [line] = record.entries
        after = look(BAD, gate=gate, lines=(entry(1), line))

        assert (Decision.WARNED, "DataGateWarned") == (line.decision, line.reason)
        assert warned == line.gate == opened(after).gate

    def test_waits_for_an_older_one_and_lets_a_newer_one_pass(self):
        """Side by side: what is written into the ledger is written in order."""
        running = attempt(commit_number=2)
        seen = look(
            GOOD,
            BAD,
            GOOD,
            attempt=running,
            jobs=[job(running)],
            waiting=(commit(2), commit(3), commit(4)),
            spec_fields={"concurrencyPolicy": "Allow", "maxParallel": 3},
        )

        assert ident(4) == opened(seen).task.commit.id
