"""What becomes of a commit that is held: the queue, answers, runs, conditions."""

from dataclasses import replace
from fractions import Fraction

import pytest

from mnist_operator import data_gate, standing, summary
from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision, release_request
from mnist_operator.gate_answers import DISCARD_COMMIT, RELEASE_COMMIT
from mnist_operator.gate_findings import Figures, Finding, GateVerdict
from mnist_operator.openings import answer_request, start_next
from mnist_operator.plan import Record, Request, Task
from mnist_operator.status import Reason
from unit.builders import (
    NOW,
    ago,
    attempt,
    commit,
    entry,
    ident,
    spec_digest,
)
from unit.gated import (
    BROKEN,
    GATE,
    GOOD,
    PASSED,
    TOLD,
    actions,
    held,
    look,
)


class TestTheQueue:
    """A commit that is held is out of it, and is not decided."""

    def test_goes_on(self):
        seen = look(waiting=(commit(3),), lines=(entry(1), held(2)))

        assert ident(3) in actions(seen)[0].commit

    def test_counts_it_as_pending(self):
        seen = look(waiting=(), lines=(entry(1), held(2), held(3)))
        status = summary.summarize(seen, standing.stand(seen), now=NOW)

        assert 2 == status.pending_commits
        assert [ident(3), ident(2)] == [each.commit for each in status.held]
        assert TOLD == status.held[0].message
        assert [] == status.queue

    def test_supersedes_it_where_only_the_newest_is_wanted(self):
        seen = look(
            waiting=(commit(3),),
            lines=(entry(1), held(2)),
            spec_fields={"trigger": {"mode": "LatestOnly"}},
        )
        [record] = actions(seen)

        assert [(ident(2), "Superseded")] == [
            (each.commit, each.reason) for each in record.entries
        ]

    def test_does_not_while_nothing_newer_is_finished(self):
        opened_one = commit(3, state=CommitState.OPEN, started=ago(9))
        seen = look(
            waiting=(opened_one,),
            lines=(entry(1), held(2)),
            spec_fields={"trigger": {"mode": "LatestOnly"}},
        )

        assert () == actions(seen)

    def test_gives_up_a_run_that_was_prepared_before_the_gate_was_set(self):
        prepared = attempt(commit_number=2)
        [close] = actions(look(GOOD, attempt=prepared))
        judged = replace(prepared, gate=PASSED)

        assert "SpecChanged" == close.outcome.reason
        assert ["CreateJob"] == [
            type(each).__name__ for each in actions(look(GOOD, attempt=judged))
        ]


class TestAnAnswer:
    def answered(self, **annotations):
        names = {"release": RELEASE_COMMIT, "discard": DISCARD_COMMIT}
        told = {names[key]: said for key, said in annotations.items()}
        lines = (entry(1), held(2), held(3))
        return look(waiting=(), lines=lines, annotations=told)

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            pytest.param({"release": ident(2)}, [(2, "Released")], id="release"),
            pytest.param({"discard": ident(3)}, [(3, "Skipped")], id="discard"),
            pytest.param(
                {"release": f"{ident(2)}, {ident(3)},{ident(2)}"},
                [(2, "Released"), (3, "Released")],
                id="several-at-once",
            ),
            pytest.param(
                {"release": ident(2), "discard": f"{ident(2)} {ident(3)}"},
                [(2, "Released"), (3, "Skipped")],
                id="of-both-the-release",
            ),
            pytest.param({"release": ident(1)}, [], id="not-held"),
            pytest.param({"release": ident(2)[:12]}, [], id="half-an-id"),
            pytest.param({"release": ", ,"}, [], id="nothing"),
            pytest.param({"release": "x" * 10**5 + ident(2)}, [], id="a-book"),
        ],
    )
    def test_is_written_down(self, said, expected):
        plan = data_gate.answer(self.answered(**said), NOW)
        lines = plan.actions[0].entries if plan else ()
        numbers = {ident(n): n for n in (2, 3)}

        assert expected == [(numbers[e.commit], e.decision.value) for e in lines]
        assert plan is None or isinstance(plan.actions[0], Record)

    def test_says_what_was_found_then(self):
        [record] = actions(self.answered(release=ident(2)))
        [line] = record.entries

        assert f"Somebody released it. It was held: {TOLD}" == line.message
        assert ("DataGateReleased", NOW, BROKEN) == (line.reason, line.time, line.gate)

    def test_comes_also_while_the_training_is_suspended(self):
        seen = self.answered(release=ident(2))
        of = seen.training.model_copy(
            update={"spec": seen.training.spec.model_copy(update={"suspend": True})}
        )

        [record] = actions(replace(seen, training=of))

        assert [Decision.RELEASED] == [each.decision for each in record.entries]


class TestARun:
    """Of a commit that was held: it is one for a request, and says why."""

    def asked(self, text, *lines):
        return look(
            waiting=(),
            lines=(entry(1), held(2), *lines),
            request=Request(text, ident(2), commit(2)),
        )

    def test_that_was_released_is_started_with_what_was_found(self):
        released = held(2, Decision.RELEASED)
        [action] = answer_request(
            self.asked(release_request(ident(2)), released), NOW
        ).actions

        assert replace(BROKEN, verdict=GateVerdict.RELEASED) == action.gate

    def test_by_hand_says_that_it_was_held(self):
        [action] = answer_request(self.asked("now"), NOW).actions

        assert replace(BROKEN, verdict=GateVerdict.REQUESTED) == action.gate

    def test_by_hand_of_any_other_commit_is_not_compared(self):
        task = Task(commit(4), "now")

        assert None is data_gate.find_for(look(), task)
        assert None is data_gate.find_for(
            look(lines=(entry(1), held(4, gate=None))), task
        )

    def test_that_was_released_and_is_gone_is_refused(self):
        seen = replace(
            self.asked(release_request(ident(2))),
            request=Request(release_request(ident(2)), ident(2), None),
        )
        [record] = answer_request(seen, NOW).actions

        assert (
            f"The run that was released needs input commit {ident(2)} in"
            " default/inputrepo, and there is none that could be trained."
        ) == record.entries[0].message


class TestTheConditions:
    def story(self, *lines, **fields):
        return standing.stand(look(waiting=(), lines=lines, **fields))

    def test_say_what_is_held_and_how_it_is_released(self):
        story = self.story(entry(1), held(2))

        assert (Reason.DATA_GATE_HELD, "True", True, False) == (
            story.reason,
            story.ready,
            story.stalled,
            story.reconciling,
        )
        assert story.message.startswith(
            f"spec.dataGate holds input commit {ident(2)}: {TOLD} Push better data;"
        )
        assert f"mnistctl release team/mnist {ident(2)}," in story.message
        assert f"{RELEASE_COMMIT}={ident(2)}." in story.message
        assert len(story.message) < 1024

    def test_keep_what_ready_said_of_the_run_before(self):
        failed = entry(1, Decision.FAILED, reason="X", message="Y")

        assert "False" == self.story(failed, held(2)).ready
        assert "Unknown" == self.story(held(2)).ready

    def test_say_little_of_it_once_a_newer_commit_is_decided(self):
        one = self.story(entry(1), held(2), entry(3))
        two = self.story(entry(1), held(2), held(3), entry(4))

        assert (Reason.UP_TO_DATE, "True", False) == (
            one.reason,
            one.ready,
            one.stalled,
        )
        assert one.message.endswith(
            "spec.dataGate holds 1 older commit: see status.held."
        )
        assert "2 older commits" in two.message

    def test_say_it_still_after_a_refused_request(self):
        refused = entry(5, Decision.SKIPPED, request="now", reason="RequestRefused")

        assert self.story(entry(1), held(2), refused).stalled

    def test_say_nothing_once_it_is_released(self):
        released = held(2, Decision.RELEASED)

        assert not self.story(entry(1), held(2), released).stalled

    def test_say_a_warning_as_long_as_the_model_is_the_newest(self):
        warned = entry(2, Decision.WARNED, message=TOLD)
        told = f"spec.dataGate warned of the newest model's data: {TOLD}"

        assert told in self.story(entry(1), warned, entry(2)).message
        assert told not in self.story(entry(1), warned).message
        assert told not in self.story(entry(1), warned, entry(2), entry(3)).message
        assert told not in self.story(warned).message


def test_a_gate_changes_nothing_of_what_a_run_is_asked_to_do():
    """Else setting it would train everything anew."""
    assert spec_digest() == spec_digest(dataGate=GATE)


def test_a_share_may_be_zero():
    assert (
        "0.000000"
        == Finding(
            GateVerdict.PASSED, figures=Figures(class_shift=Fraction(0))
        ).to_json()["classShift"]
    )


def test_what_starts_next_is_the_newest_where_only_that_is_wanted():
    seen = look(
        GOOD,
        waiting=(commit(2),),
        spec_fields={"trigger": {"mode": "LatestOnly"}},
    )

    assert ident(2) == start_next(seen, NOW).actions[0].task.commit.id
