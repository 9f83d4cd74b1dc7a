"""Explanations: the word for each decision, what waits for what, and the reasons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mnist_operator.cli.explain.commit import Asked, build_story
from mnist_operator.cli.explain.explaining import (
    Outcome,
    Queue,
    build_overview,
    decision_outcome,
    undecided_outcome,
)
from mnist_operator.cli.explain.lines import overview_lines, story_lines
from mnist_operator.cli.explain.waits import tell_turn
from mnist_operator.cli.history.histories import Decisions
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.decisions import Decision, Entry, Start, retrain_request
from mnist_operator.runs import Outcome as End
from mnist_operator.runs import Verdict, new_attempt
from unit import mnistctl_records as records

DAY = datetime(2026, 3, 31, tzinfo=UTC)
INPUT = Branch(Repo("default", "inputrepo"), "master")
COMMIT = "a" * 32


def commit(id_=COMMIT, **values):
    values = {"finished": DAY, **values}
    return Commit(id_, INPUT.repo, None, "", DAY, **values)


def attempt(end=None, *, number=1, hour=0, **values):
    opened = DAY + timedelta(hours=hour)
    begun = new_attempt(records.TRAINING, COMMIT, number, "2" * 64, opened=opened)
    begun = replace(begun, staging=f"{hour:x}" * 32, **values)
    return begun if end is None else replace(begun, outcome=end, closed=opened)


def entry(decision, reason="", **values):
    return Entry(DAY, decision, COMMIT, reason, **values)


def published(output, **values):
    return entry(Decision.PUBLISHED, output=output * 32, run=output * 32, **values)


def overview(*entries, queue=None, limit=20, start=None):
    decisions = Decisions(entries, start)
    return build_overview("team/mnist", decisions, queue or Queue(INPUT), limit=limit)


def waiting(*commits, attempts=()):
    return overview(queue=Queue(INPUT, commits, attempts))["commits"]


def text(lines):
    return "\n".join(line.plain for line in lines)


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        (entry(Decision.PUBLISHED), Outcome.TRAINED),
        (entry(Decision.FAILED, "DataInvalid"), Outcome.FAILED),
        (entry(Decision.SKIPPED, "Superseded"), Outcome.SUPERSEDED),
        (entry(Decision.SKIPPED, "ContentUnchanged"), Outcome.FILTERED),
        (entry(Decision.SKIPPED, "PathsUnchanged"), Outcome.FILTERED),
        (entry(Decision.SKIPPED, "Expired"), Outcome.SKIPPED),
        (entry(Decision.SKIPPED, "InputErrored"), Outcome.SKIPPED),
    ],
)
def test_every_decision_has_a_word(decided, expected):
    assert expected is decision_outcome(decided)


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([], Outcome.WAITING),
        ([attempt()], Outcome.RUNNING),
        ([attempt(End(Verdict.SUCCEEDED))], Outcome.PUBLISHING),
        ([attempt(End(Verdict.FAILED))], Outcome.RETRYING),
        ([attempt(End(Verdict.ABANDONED))], Outcome.WAITING),
        ([attempt(hour=2), attempt(End(Verdict.FAILED), hour=1)], Outcome.RUNNING),
    ],
)
def test_what_is_not_decided_has_a_word_by_its_newest_attempt(attempts, expected):
    assert expected is undecided_outcome(COMMIT, attempts)
    assert Outcome.WAITING is undecided_outcome("b" * 32, attempts)


class TestReasons:
    @pytest.mark.parametrize(
        ("decided", "expected"),
        [
            (
                entry(Decision.FAILED, "DataInvalid", message="no x", attempt=3),
                "attempt 3: DataInvalid: no x",
            ),
            (entry(Decision.SKIPPED, "Expired"), "Expired"),
            (entry(Decision.SKIPPED), "no reason is written down"),
            (
                published("b", attempt=1, request="2026-01-01"),
                f"attempt 1 made model {'b' * 32}, as 2026-01-01 asked",
            ),
            (
                published("b", attempt=1, request=retrain_request(COMMIT, "2" * 64)),
                f"attempt 1 made model {'b' * 32}, for the spec had changed",
            ),
        ],
    )
    def test_a_decision_says_why(self, decided, expected):
        [item] = overview(decided)["commits"]

        assert expected == item["why"]

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, "waits; nothing in Pachyderm is before it"),
            ({"finished": None}, "it is still being written"),
            ({"finished": None, "finishing": DAY}, "it is being finished"),
            ({"error": "torn"}, "finished with an error: it will be skipped"),
        ],
    )
    def test_one_that_waits_says_for_what(self, changes, expected):
        [item] = waiting(commit(**changes))

        assert item["why"].startswith(expected)

    def test_one_that_waits_names_the_oldest_before_it(self):
        newest, *_, first = waiting(*map(commit, ["b" * 32, "c" * 32, COMMIT]))

        assert f"behind 2 older commits, the oldest is {'b' * 32}" == newest["why"]
        assert (2, 0) == (newest["waitsBehind"], first["waitsBehind"])

    def test_an_attempt_that_failed_is_named(self):
        failed = attempt(End(Verdict.FAILED, "TrainerKilled", "Exit code 137."))

        [item] = waiting(commit(), attempts=[failed])

        assert "attempt 1: Failed TrainerKilled: Exit code 137." == item["why"]
        assert (1, "2" * 64) == (item["attempt"], item["specSha256"])


def turn(*commits, status=None, failures=0, now=DAY + timedelta(hours=1)):
    training = records.TRAINING
    if status is not None:
        training = training.model_copy(update={"status": status})
    else:
        training = training.model_copy(update={"uid": ""})
    return tell_turn(Queue(INPUT, commits), training, failures, now=now)


def ready(reason, message=""):
    return {"type": "Ready", "status": "False", "reason": reason, "message": message}


class TestTurns:
    def test_a_status_that_knows_the_commit_says_what_it_waits_for(self):
        stopped = ready("StoppedAfterFailures", "2 commits failed in a row.")
        status = {"head": COMMIT, "conditions": [stopped]}

        found = turn(commit(), status=status, failures=2)
        [item] = overview(queue=found)["commits"]

        assert "StoppedAfterFailures: 2 commits failed in a row." == item["why"]
        assert () == found.notes

    def test_one_in_the_queue_of_a_status_is_known_as_well(self):
        status = {"queue": [{"commit": COMMIT}], "conditions": [ready("Suspended")]}

        assert "Suspended" == turn(commit(), status=status).turn

    @pytest.mark.parametrize("status", [{}, {"head": "b" * 32, "queue": "?"}])
    def test_one_that_no_status_knows_for_long_is_told_with_its_time(self, status):
        found = turn(commit(), status=status, failures=2)

        [note] = found.notes
        assert f"input commit {COMMIT} of 2026-03-31T00:00:00Z waits, and no" in note
        assert "is the operator running?" in note
        assert "no operator has looked at it" in found.turn

    def test_the_last_word_of_an_operator_in_trouble_is_told_with_it(self):
        away = ready("SourceUnreachable", "pachd did not answer.")

        [note] = turn(commit(), status={"conditions": [away]}).notes

        assert note.endswith(
            "the last word in the status is SourceUnreachable: pachd did not answer."
        )

    @pytest.mark.parametrize(
        ("one", "now"),
        [
            (commit(), DAY + timedelta(seconds=59)),
            (commit(finished=None), DAY + timedelta(hours=1)),
        ],
    )
    def test_what_has_just_come_is_no_news(self, one, now):
        assert Queue(INPUT, (one,)) == turn(one, status={}, now=now)

    @pytest.mark.parametrize(
        ("failures", "expected"),
        [
            (0, ""),
            (1, "waits; the commit before it failed: perhaps stopped"),
            (2, "waits; the 2 commits before it failed in a row: perhaps stopped"),
        ],
    )
    def test_without_a_cluster_the_ledger_counts_the_failures(self, failures, expected):
        found = turn(commit(), failures=failures)

        more = f" (spec.stopAfterFailures): mnistctl get {records.TRAINING.key}"
        assert (f"{expected}{more}" if expected else "") == found.turn

    def test_where_nothing_waits_there_is_nothing_to_tell(self):
        assert Queue(INPUT) == turn(failures=2)

    def test_a_decided_commit_that_has_a_run_again_says_so(self):
        failed = entry(Decision.FAILED, "DataInvalid", attempt=3)
        queue = Queue(INPUT, attempts=[attempt(hour=1)])

        newest, older = overview(failed, failed, queue=queue)["commits"]

        now = "being trained now, attempt 1 since 2026-03-31T01:00:00Z"
        assert f"{now}; attempt 3: DataInvalid" == newest["why"]
        assert ("failed", "attempt 3: DataInvalid") == (newest["outcome"], older["why"])

        asked = Asked(COMMIT, commit(), [attempt(hour=1)])
        story = build_story("team/mnist", Decisions((failed,)), queue, asked)
        assert now == story["waits"]


class TestScreen:
    def test_what_is_left_out_is_counted(self):
        shown = text(overview_lines(overview(*[entry(Decision.SKIPPED)] * 3, limit=2)))

        assert "1 older ones: ask with --limit" in shown
        assert "team/mnist: no operator has written where it begins" in shown
        assert "mnistctl get" not in shown

    def test_a_start_without_a_commit_is_told(self):
        shown = text(overview_lines(overview(start=Start("Earliest"))))

        assert f"team/mnist follows {INPUT}, from Earliest" == shown.splitlines()[0]

    def test_a_story_goes_from_the_push_to_the_next_model(self):
        failed = entry(Decision.FAILED, "DataInvalid", attempt=1, spec="3" * 64)
        after = replace(published("d"), commit="d" * 32)
        end = End(Verdict.FAILED, "DataInvalid")
        asked = Asked(COMMIT, commit(), [attempt(end, begins_from="e" * 32)])

        story = build_story(
            "team/mnist", Decisions((failed, after)), Queue(INPUT), asked
        )
        shown = text(story_lines(story))

        assert "failed" == story["outcome"]
        assert f"decided: failed: attempt 1: DataInvalid, spec {'3' * 64}" in shown
        assert f"attempt 1 was offered model {'e' * 32}" in shown
        assert shown.endswith(
            f"the next model, {'d' * 32}, was of input commit {'d' * 32}"
        )

    def test_a_model_is_not_taken_back_by_what_came_after(self):
        again = entry(Decision.FAILED, "DataInvalid", request="once more", attempt=1)
        decisions = Decisions((published("b"), again))

        story = build_story("t", decisions, Queue(INPUT), Asked(COMMIT, None))

        assert ("trained", None) == (story["outcome"], story["nextModel"])
        assert f"model {'b' * 32} is the newest one" in text(story_lines(story))

    def test_every_key_is_documented(self):
        root = Path(__file__).resolve().parents[2]
        told = (root / "docs" / "mnistctl" / "explain.md").read_text()
        found = overview(entry(Decision.SKIPPED))
        decisions = Decisions((published("b"), published("c")))
        story = build_story("t", decisions, Queue(INPUT), Asked(COMMIT, commit()))
        [model, _] = story["models"]
        objects = found, found["commits"][0], story, story["commit"], model
        keys = {key for each in (*objects, model["replacedBy"]) for key in each}

        assert set() == {key for key in keys if f"`{key}`" not in told}
        assert set() == {word for word in Outcome if f"`{word}`" not in told}
