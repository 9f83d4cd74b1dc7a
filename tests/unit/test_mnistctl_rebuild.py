"""A ledger made anew: what is kept, added, corrected and taken away."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnist_operator.cli.ledger.rebuild import Truth, rebuild
from mnist_operator.cli.ledger.report import find_reopened
from mnist_operator.decisions import Decision, Entry, Start, failure_of, to_lines
from mnist_operator.ledger import Ledger
from unit.rebuilds import (
    DAY,
    INVALID,
    KILLED,
    START,
    attempt,
    line,
    lines_of,
    model,
    name,
    parse,
    skipped,
    story,
    told,
    truth,
)


class TestWhole:
    def test_a_ledger_that_is_whole_stays_as_it_is_to_the_byte(self):
        attempts, models, lines = story()
        content = to_lines(lines).replace(b'"time"', b'"new": 7, "time"')

        plan = rebuild(content, truth(*attempts, models=models))

        assert content == plan.content
        assert (False, 5, (), ()) == (
            plan.is_needed,
            plan.kept,
            plan.changes,
            plan.undecided,
        )

    def test_the_time_of_a_line_is_no_reason_to_correct_it(self):
        one = attempt(1, 1)
        early = replace(line(model(one)), time=one.closed)

        assert not rebuild(
            to_lines([START, early]), truth(one, models=[model(one)])
        ).is_needed

    def test_nothing_comes_of_nothing(self):
        plan = rebuild(b"", truth(start=Start("Latest")))

        assert (b"", False) == (plan.content, plan.is_needed)


class TestLost:
    def test_an_empty_one_is_made_of_models_and_attempts(self):
        attempts, models, lines = story()
        start = Start("Latest", name(1), after=DAY)

        plan = rebuild(b"", truth(*attempts, models=models, start=start))

        assert [
            ("add", "Started", ""),
            ("add", "Published", "0001"),
            ("add", "Failed", "0002"),
            ("add", "Skipped", "0003"),
            ("add", "Published", "0004"),
        ] == told(plan)
        found, whole = Ledger.parse(plan.content), Ledger().extended(lines)
        assert whole.decided == found.decided
        assert whole.settled - {"0" * 32} == found.settled
        assert (start, whole.published) == (found.start, found.published)

    @pytest.mark.parametrize("lost", range(5))
    def test_a_line_that_is_lost_comes_back_in_its_place(self, lost):
        attempts, models, lines = story()
        left = [each for place, each in enumerate(lines) if place != lost]
        known = truth(*attempts, models=models, start=START.start)

        plan = rebuild(to_lines(left), known)

        assert 1 == len(plan.changes)
        decisions = [read["decision"] for read in map(parse, lines_of(plan))]
        assert [each.decision for each in lines] == decisions

    def test_what_nothing_else_knows_is_kept(self):
        one = attempt(5, 2)
        again = Entry(DAY + timedelta(hours=3), Decision.STARTED, start=Start("Next"))
        lines = START, skipped(2, 1), again

        plan = rebuild(to_lines(lines), truth(one, models=[model(one)]))

        assert to_lines([*lines, line(model(one))]) == plan.content

    def test_the_newest_attempt_of_a_slot_is_left_to_the_operator(self):
        """Written too early, its end would hide the older commit in the other slot."""
        waits, runs_on = attempt(2, 2, INVALID, slot=1), attempt(1, 1, None)

        plan = rebuild(to_lines([START]), truth(runs_on, waits))

        assert (False, (waits,)) == (plan.is_needed, plan.undecided)

    def test_a_start_that_is_lost_is_written_before_anything_is_decided(self):
        """Else following would begin anew at the head, and leave out what waits."""
        newest = attempt(1, 1, INVALID)

        plan = rebuild(b"", truth(newest, start=START.start))

        assert [("add", "Started", "")] == told(plan)
        assert (newest,) == plan.undecided

    def test_a_run_without_a_model_was_decided_all_the_same(self):
        one, later = attempt(1, 1), attempt(2, 2)

        plan = rebuild(to_lines([START]), truth(one, later, models=[model(later)]))

        assert [("add", "Failed", "0001"), ("add", "Published", "0002")] == told(plan)
        assert "ModelGone" == plan.changes[0].entry.reason

    def test_what_another_run_decided_is_not_decided_again(self):
        failed, asked = attempt(1, 1, KILLED), attempt(2, 1, request="by hand")
        entry = replace(line(model(asked)), request="by hand")
        later = attempt(3, 2)

        plan = rebuild(
            to_lines([START, entry, line(model(later))]),
            truth(failed, asked, later, models=[model(later)]),
        )

        assert not plan.changes

    def test_a_request_is_a_turn_of_its_own(self):
        asked = attempt(2, 1, INVALID, request="by hand")
        one, later = attempt(1, 1), attempt(3, 2)
        models = [model(one), model(later)]

        plan = rebuild(
            to_lines([START, *map(line, models)]),
            truth(one, asked, later, models=models),
        )

        assert [("add", "Failed", "0001")] == told(plan)
        assert "by hand" in Ledger.parse(plan.content).requests


class TestWrong:
    def test_a_line_that_the_model_contradicts_is_corrected_in_its_place(self):
        one, two = attempt(1, 1), attempt(2, 2)
        models = [model(one), model(two)]
        forged = replace(line(models[0]), accuracy="0.9999")
        failed = failure_of(two, "PublishFailed", "it seemed so", now=two.closed)

        plan = rebuild(
            to_lines([START, forged, failed]), truth(one, two, models=models)
        )

        assert [("correct", "Published", "0001"), ("correct", "Published", "0002")] == (
            told(plan)
        )
        assert to_lines([START, *map(line, models)]) == plan.content

    def test_a_model_that_nobody_made_is_taken_away(self):
        one = attempt(1, 1)
        made = line(model(one))
        forged = replace(made, commit=name(2), run="f" * 32, output="e" * 32)
        foreign = replace(made, commit=name(2), output="e" * 32)
        content = to_lines([START, forged])

        plan = rebuild(content, truth(one))
        other = rebuild(to_lines([START, foreign]), truth(one))

        assert [("remove", "Published", "0002")] == told(plan)
        assert 1 == find_reopened(content, plan)
        assert [("remove", "Published", "0002")] == told(other)

    def test_a_model_whose_commit_was_squashed_is_kept(self):
        one = attempt(1, 1)

        plan = rebuild(to_lines([START, line(model(one))]), truth(one))

        assert not plan.is_needed

    def test_a_model_that_is_not_finished_says_nothing(self):
        one = attempt(1, 1)
        opened = replace(model(one), finished=None)
        foreign = model(attempt(2, 2))
        words = foreign.description.replace("team/mnist", "team/other")

        known = Truth(
            "team/mnist", [replace(foreign, description=words), opened], [one]
        )

        plan = rebuild(to_lines([START]), known)

        assert not plan.is_needed

    def test_what_the_operator_passes_over_is_taken_away(self):
        one = attempt(1, 1)
        good = line(model(one))
        late = skipped(3, 1)
        content = to_lines([START, good, START, good, late])

        plan = rebuild(content, truth(one, models=[model(one)]))

        assert to_lines([START, good]) == plan.content
        assert ["remove"] * 3 == [kind for kind, *_ in told(plan)]
        assert 0 == find_reopened(content, plan)

    def test_a_last_line_that_does_not_end_is_ended(self):
        """Or the operator's next line would be a part of it."""
        plan = rebuild(to_lines([START]).rstrip(), truth())

        assert (True, to_lines([START])) == (plan.is_needed, plan.content)

    def test_what_nobody_can_read_is_counted_and_left_out(self):
        plan = rebuild(b"what?\n\n" + to_lines([START]), truth())

        assert (1, True, to_lines([START])) == (
            plan.unreadable,
            plan.is_needed,
            plan.content,
        )
