"""What would become of each commit: a row says what, when and why."""

from dataclasses import replace

import pytest
from hypothesis import given

from mnist_operator.cli.plan.rows import make_rows
from mnist_operator.commits import CommitState
from mnist_operator.contents import NOTHING
from mnist_operator.decisions import Decision
from mnist_operator.ledger import Ledger
from mnist_operator.reconcile import reconcile
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    commit,
    entry,
    examples,
    ident,
    job,
    ledger,
    observed,
    source,
    training,
)
from unit.mnistctl_plans import LATEST_ONLY, follow, rows, three, waits
from unit.observations import observations


def test_each_commit_is_trained_in_its_turn():
    assert [
        (1, "Train", "now", ""),
        (2, "Train", "after 1", ""),
        (3, "Train", "after 2", ""),
    ] == rows(waits(*three()))


def test_with_latest_only_the_newest_takes_the_place_of_the_others():
    assert [
        (1, "Skip", "now", "Superseded"),
        (2, "Skip", "now", "Superseded"),
        (3, "Train", "now", ""),
    ] == rows(waits(*three(), training=training(**LATEST_ONLY)))


def test_so_many_are_trained_at_once_as_may_be():
    of = training(concurrencyPolicy="Allow", maxParallel=2)

    assert [
        (1, "Train", "now", ""),
        (2, "Train", "now", ""),
        (3, "Train", "after 1", ""),
    ] == rows(waits(*three(), training=of))


def test_what_is_under_way_goes_on_and_the_next_one_waits_for_it():
    running = attempt()
    seen = waits(
        commit(1),
        commit(2),
        attempt=running,
        jobs=[job(running, phase=JobPhase.RUNNING)],
    )

    assert [(1, "UnderWay", "now", ""), (2, "Train", "after 1", "")] == rows(seen)


@pytest.mark.parametrize(
    ("spec", "fields", "reason"),
    [
        pytest.param({"suspend": True}, {}, "Suspended", id="suspended"),
        pytest.param(
            {"stopAfterFailures": 1},
            {"ledger": ledger(entry(9, Decision.FAILED, by="uid-1/1"))},
            "StoppedAfterFailures", id="stopped"),
        pytest.param({"trigger": {"mode": "LatestOnly", "minCommits": 3}}, {},
                     "WaitingForCommits", id="too-few"),
        pytest.param({}, {"rival": "team/older"}, "OutputTaken", id="a-rival"),
    ],
)  # fmt: skip
def test_what_holds_the_queue_is_the_reason_of_all_that_waits(spec, fields, reason):
    seen = waits(commit(1), commit(2), training=training(**spec), **fields)

    assert [(1, "Wait", "", reason), (2, "Wait", "", reason)] == rows(seen)


def test_a_branch_that_is_not_quiet_yet_says_until_when():
    of = training(trigger={"debounceSeconds": 60})
    pushed = commit(1, started=ago(10))

    [row] = make_rows(follow(waits(pushed, training=of)))

    assert ("Train", "WaitingForQuiet") == (row.decision, row.reason)
    assert "at 2026-01-01T12:00:52Z" == row.when


def test_a_commit_that_is_being_written_is_trained_once_it_is_finished():
    head = commit(2, state=CommitState.OPEN, started=ago(30))

    assert [
        (1, "Train", "now", ""),
        (2, "Train", "when 2 is finished", ""),
    ] == rows(waits(commit(1), head))


def test_a_filter_on_paths_says_what_it_leaves_out():
    of = training(trigger={"paths": ["data/**"]})
    contents = {ident(1): NOTHING, ident(2): "new"}
    waiting = replace(source(commit(1), commit(2)), contents=contents)

    assert [
        (1, "Skip", "now", "PathsUnchanged"),
        (2, "Train", "now", ""),
    ] == rows(observed(source=waiting, training=of))


def test_content_that_the_commit_before_will_have_trained_is_skipped_after_it():
    contents = {ident(1): "same", ident(2): "same"}
    waiting = replace(source(commit(1), commit(2)), contents=contents)

    assert [
        (1, "Train", "now", ""),
        (2, "Skip", "after 1", "ContentUnchanged"),
    ] == rows(observed(source=waiting))
    _, skipped = make_rows(follow(observed(source=waiting)))
    assert skipped.message.endswith(", which made model (to be published).")


def test_a_commit_with_an_error_is_skipped():
    assert [(1, "Skip", "now", "InputErrored")] == rows(
        waits(commit(1, state=CommitState.ERRORED))
    )


def test_a_commit_that_came_too_late_is_skipped():
    of = training(startingDeadlineSeconds=60)

    assert [(1, "Skip", "now", "Expired")] == rows(waits(commit(1), training=of))


def test_a_changed_trainer_trains_the_newest_once_more():
    of = training(onSpecChange="RetrainLatest")
    seen = waits(
        training=of, ledger=ledger(entry(1, spec="an older one")), latest=commit(1)
    )

    async def nothing_newer(after):
        same = after.ledger.newest.spec == after.spec_digest
        return replace(after, latest=None if same else commit(1))

    assert [(1, "Train", "now", "SpecChanged")] == rows(seen, refresh=nothing_newer)


def test_where_following_begins_is_decided_first():
    seen = observed(ledger=Ledger(), source=source(head=commit(1)))

    async def look(after):
        fresh = after.ledger.start is not None and not after.ledger.decided
        return replace(after, source=source(commit(1))) if fresh else after

    held = replace(seen, training=training(suspend=True))

    assert [(1, "Train", "now", "")] == rows(seen, refresh=look)
    assert [(1, "Wait", "", "Suspended")] == rows(held, refresh=look)


def test_a_long_queue_is_followed_only_so_far():
    found = rows(waits(*three()), limit=4)

    assert [(1, "Train", "now", ""), (2, "Train", "after 1", "")] == found[:2]
    assert (3, "Wait", "", "NotFollowed") == found[2]


@examples
@given(observations())
def test_whatever_is_observed_the_course_comes_to_its_end(seen):
    course = follow(seen, limit=200)

    assert course.complete
    last = course.steps[-1].now if course.steps else NOW
    assert not reconcile(course.end, now=last).actions
