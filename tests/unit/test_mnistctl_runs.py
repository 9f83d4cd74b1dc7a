"""The answer about attempts: what each did, and what was made of it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mnist_operator.cli.moments import tell_duration
from mnist_operator.cli.runs.attempts import (
    Walked,
    build_runs,
    find_unrecorded,
    runs_lines,
)
from mnist_operator.decisions import failure_of
from mnist_operator.lineage import publication_of, read_model
from mnist_operator.resource import Output, Spec
from mnist_operator.runs import (
    Outcome,
    Verdict,
    build_request,
    digest,
    new_attempt,
)
from unit import mnistctl_records as records

NOON = records.NOON
KILLED = Outcome(Verdict.FAILED, "TrainerKilled", "Exit code 137.", True, 137)
SUCCEEDED = Outcome(Verdict.SUCCEEDED)


def attempt(outcome=None, *, number=1, minutes=3, ran=True, **values):
    begun = new_attempt(
        records.TRAINING, records.INPUT_COMMIT, number, "2" * 64, opened=NOON
    )
    begun = replace(begun, **{"staging": records.STAGING, **values})
    if outcome is None:
        return begun
    return replace(
        begun,
        outcome=outcome,
        closed=NOON + timedelta(minutes=minutes),
        finished=True,
        facts=records.ended() if ran else {"tfjob": "", "tfjobUid": "", "pod": ""},
    )


def report(
    *attempts, entries=(), commits=(), more=False, training=records.TRAINING, asked=None
):
    walked = Walked(attempts, slots=1, more=more)
    return build_runs(training, walked, entries, commits, asked=asked)


def requested(replicas=None, **values):
    """A failed attempt, and what it was asked to do."""
    trainer = {"image": records.IMAGE} | ({"replicas": replicas} if replicas else {})
    place = {"project": "default", "repo": "r", "branch": "master", "path": "p"}
    spec = {"input": place, "output": place, "trainer": trainer}
    one = attempt(KILLED, digest=digest(spec), **values)
    return one, build_request(one, spec)


def ran(replicas):
    one, asked = requested(replicas)
    [run] = report(one, asked={one.staging: asked})["runs"]
    return run, asked


def text(found, *, now=NOON):
    return "\n".join(line.plain for line in runs_lines(found, now=now))


class TestReport:
    def test_it_holds_all_that_the_description_says(self):
        [run] = report(attempt(KILLED, number=2, slot=1, request="r"))["runs"]

        assert ("2026-03-31T12:00:00Z", "2026-03-31T12:03:00Z", 180) == (
            run["opened"],
            run["closed"],
            run["seconds"],
        )
        assert ("Failed", "TrainerKilled", 137, True) == (
            run["state"],
            run["reason"],
            run["exitCode"],
            run["retryable"],
        )
        assert (2, 1, "r", 2) == (
            run["attempt"],
            run["slot"],
            run["request"],
            run["generation"],
        )
        assert records.ended() == run["facts"]
        assert run["decision"] is None

    def test_an_open_one_has_no_end_yet(self):
        [run] = report(attempt())["runs"]

        assert ("Open", None, None, {}) == (
            run["state"],
            run["closed"],
            run["seconds"],
            run["facts"],
        )
        assert "mnist-233f354619c8" == run["tfjob"]

    def test_one_that_was_closed_before_its_job_existed_names_none(self):
        given_up = Outcome(Verdict.ABANDONED, "SpecChanged", "The spec changed.")

        [run] = report(attempt(given_up, ran=False))["runs"]

        assert (None, {}) == (run["tfjob"], run["facts"])

    def test_the_ledger_counts_more_than_the_output_branch(self):
        commit, *_ = records.record()
        entry = publication_of(commit, read_model(commit))
        recorded = replace(entry, accuracy="0.5")

        [run] = report(attempt(SUCCEEDED), entries=[recorded], commits=[commit])["runs"]

        assert (commit.id, "0.5") == (run["modelCommit"], run["accuracy"])

    def test_a_model_of_another_training_is_not_taken(self):
        commit, *_ = records.record()
        words = commit.description.replace("team/mnist", "team/other")
        foreign = replace(commit, description=words)

        [run] = report(attempt(SUCCEEDED), commits=[foreign])["runs"]

        assert run["modelCommit"] is None

    def test_only_success_without_a_decision_is_looked_for_elsewhere(self):
        entry = failure_of(attempt(SUCCEEDED), "OutputInvalid", "no model", now=NOON)

        assert find_unrecorded([attempt(SUCCEEDED)], [])
        assert not find_unrecorded([attempt(SUCCEEDED)], [entry])
        assert not find_unrecorded([attempt(KILLED), attempt()], [])

    def test_the_model_that_it_was_offered_is_told(self):
        [run] = report(attempt(KILLED, begins_from="e" * 32))["runs"]
        [anew] = report(attempt(KILLED))["runs"]

        assert ("e" * 32, None) == (run["beginsFrom"], anew["beginsFrom"])

    def test_its_pods_are_those_that_it_was_asked_for(self):
        single, _ = ran(None)
        several, asked = ran({"chief": 1, "worker": 3})

        assert {"worker": 1} == single["replicas"]
        assert {"chief": 1, "worker": 3} == several["replicas"]
        assert asked["spec"]["trainer"]["replicas"] == several["replicas"]

    def test_a_request_that_a_job_changed_tells_nothing(self):
        one, asked = attempt(KILLED), {"spec": {"trainer": {"replicas": {"chief": 1}}}}

        for forged in (asked, [], None, {"spec": 7}):
            [run] = report(one, asked={one.staging: forged})["runs"]

            assert run["replicas"] is None

    def test_every_key_is_documented(self):
        found = report(attempt())
        root = Path(__file__).resolve().parents[2]
        told = (root / "docs" / "mnistctl" / "runs.md").read_text()

        keys = {*found, *found["runs"][0]}

        assert set() == {key for key in keys if f"`{key}`" not in told}


class TestScreen:
    def test_more_pods_than_one_and_a_model_to_begin_from_are_told(self):
        one, asked = requested({"chief": 1, "worker": 3}, begins_from="e" * 32)

        lines = text(report(one, asked={one.staging: asked})).splitlines()

        assert f"  was offered model {'e' * 32} to begin from" in lines
        assert "  pods: 1 chief, 3 worker" in lines

    def test_what_went_wrong_stands_below_the_attempt(self):
        lines = text(report(attempt(KILLED), attempt(SUCCEEDED))).splitlines()

        assert lines[1].startswith(
            f"2026-03-31T12:00:00Z  {records.INPUT_COMMIT}  1        Failed   "
            "  TrainerKilled  3m        mnist-233f354619c8  -"
        )
        assert "  Exit code 137." == lines[2]
        assert "Succeeded  -" in lines[3]

    def test_one_that_is_open_grows_older(self):
        shown = text(report(attempt()), now=NOON + timedelta(hours=2, seconds=7))

        assert "  2h  " in shown

    def test_the_log_of_the_newest_failed_one_is_named(self):
        older = attempt(KILLED, staging="9" * 32)

        shown = text(report(attempt(SUCCEEDED), attempt(KILLED), older))

        command = f"mnistctl logs {records.STAGING}"
        assert shown.endswith(f"Log of the newest failed one: {command}")

    def test_another_project_is_named_with_it(self):
        output = Output(project="vision", run_repo="attempts")
        training = records.TRAINING.model_copy(update={"spec": Spec(output=output)})

        shown = text(report(attempt(KILLED), training=training))

        options = "--project vision --run-repo attempts"
        assert shown.endswith(f"mnistctl logs {records.STAGING} {options}")

    @pytest.mark.parametrize("one", [attempt(KILLED, ran=False), attempt(SUCCEEDED)])
    def test_where_there_is_no_log_none_is_named(self, one):
        assert "Log of" not in text(report(one))

    def test_older_ones_are_hinted_at(self):
        assert "ask with --limit" in text(report(attempt(), more=True))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3, "0s"),
        (0, "0s"),
        (59.6, "1m"),
        (45, "45s"),
        (192, "3m12s"),
        (7200, "2h"),
        (7207, "2h"),
        (7500, "2h5m"),
        (86_399, "23h59m"),
        (5 * 86_400 + 3 * 3600 + 59, "5d3h"),
        (400 * 86_400, "400d"),
    ],
)
def test_a_duration_is_told_in_its_two_biggest_units(seconds, expected):
    assert expected == tell_duration(seconds)
