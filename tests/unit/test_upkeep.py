"""What keeps the world in order around the runs.

Input: TFJobs, models that nobody wrote down, an older training on the same branch.
Output: what is recorded, given up, deleted, owned.
"""

from dataclasses import replace

import pytest

from mnist_operator import upkeep
from mnist_operator.decisions import Decision
from mnist_operator.plan import DeleteJob, GiveUp, OwnJob, Record
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    entry,
    ident,
    job,
    ledger,
    observed,
    source,
    training,
)

_GOOD, _BAD = JobPhase.SUCCEEDED, JobPhase.FAILED
_ORPHAN = training(deletionPolicy="Orphan")


def over(number, phase=_GOOD, **fields):
    """A TFJob that ended, of an attempt that is decided; the higher the later."""
    of = attempt(commit_number=number, opened=ago(9000 - number))
    return replace(job(of, phase=phase), **fields)


def name(number):
    return over(number).name


def tidy(*jobs, **fields):
    """What is done about these TFJobs once nothing else is to be done."""
    wanted = {"source": source(), "ledger": ledger(entry(1))} | fields
    plan = upkeep.tidy(observed(jobs=jobs, **wanted), NOW)
    return plan.actions if plan else ()


def keeping(good=10, bad=10, **spec):
    limits = {"successfulRunsHistoryLimit": good, "failedRunsHistoryLimit": bad}
    return training(**limits, **spec)


class TestHistoryLimits:
    @pytest.mark.parametrize(
        ("jobs", "limits", "deleted"),
        [
            pytest.param(
                [over(1), over(2)], {"good": 2}, [], id="no more than allowed"
            ),
            pytest.param(
                [over(2), over(1)], {"good": 1}, [1], id="one more: the oldest"
            ),
            pytest.param([over(1), over(2)], {"good": 0}, [1, 2], id="none is kept"),
            pytest.param(
                [over(1), over(2, _BAD), over(3)],
                {"good": 1, "bad": 1},
                [1],
                id="good and bad ones are counted apart",
            ),
            pytest.param(
                [over(1, _BAD), over(2, _BAD), over(3)],
                {"good": 1, "bad": 0},
                [1, 2],
                id="none of the bad ones is kept",
            ),
            pytest.param(
                [over(1), over(2, deleting=True), over(3)],
                {"good": 1},
                [1],
                id="what is being deleted is not deleted again",
            ),
            pytest.param(
                [over(1, JobPhase.RUNNING, owner_uid="uid-1"), over(2)],
                {"good": 0},
                [2],
                id="one that runs on is no history",
            ),
            pytest.param(
                [over(1, staging=""), over(2)],
                {"good": 0},
                [2],
                id="one of somebody's own, which only bears our label, is left alone",
            ),
            pytest.param(
                [over(1, owner_uid="somebody"), over(2)],
                {"good": 0},
                [2],
                id="one with another owner is left to its owner",
            ),
        ],
    )
    def test_old_tfjobs_are_let_go(self, jobs, limits, deleted):
        actions = tidy(*jobs, training=keeping(**limits))

        assert tuple(DeleteJob(name(n)) for n in deleted) == actions

    def test_ten_of_each_kind_are_kept_by_default(self):
        jobs = [over(n, _GOOD if n <= 12 else _BAD) for n in range(1, 25)]

        assert tuple(DeleteJob(name(n)) for n in (1, 2, 13, 14)) == tidy(*jobs)

    @pytest.mark.parametrize(
        "of",
        [
            pytest.param(closed(attempt(commit_number=1)), id="its model comes"),
            pytest.param(
                closed(attempt(commit_number=1), Verdict.FAILED),
                id="it is not recorded",
            ),
            pytest.param(
                closed(attempt(commit_number=1), Verdict.FAILED, retryable=True),
                id="it is tried again",
            ),
            pytest.param(attempt(commit_number=1), id="its attempt is not closed yet"),
        ],
    )
    def test_nothing_is_let_go_before_it_is_recorded(self, of):
        fields = {"ledger": ledger(), "training": keeping(0, 0), "attempt": of}
        waiting = observed().source

        assert () == tidy(over(1), source=waiting, **fields)

    def test_it_is_told_how_the_training_stands(self):
        plan = upkeep.tidy(
            observed(
                jobs=[over(1)],
                source=source(),
                ledger=ledger(entry(1)),
                training=keeping(0),
            ),
            NOW,
        )

        assert Reason.UP_TO_DATE is plan.story.reason


_UNDER_WAY = job(phase=JobPhase.RUNNING)
_LOOSE = replace(_UNDER_WAY, owner_uid="")


class TestOwnership:
    @pytest.mark.parametrize(
        ("under_way", "of", "expected"),
        [
            pytest.param(_UNDER_WAY, training(), [], id="Cancel: it is owned"),
            pytest.param(
                _UNDER_WAY, _ORPHAN, [False], id="Orphan: it may outlive the training"
            ),
            pytest.param(_LOOSE, _ORPHAN, [], id="Orphan: nobody owns it"),
            pytest.param(
                _LOOSE, training(), [True], id="Cancel, as it is now: it is owned again"
            ),
            pytest.param(
                _LOOSE,
                training(uid="uid-2"),
                [True],
                id="an orphan of the training of before is taken in",
            ),
            pytest.param(
                replace(_UNDER_WAY, owner_uid="somebody"), _ORPHAN, [], id="not ours"
            ),
        ],
    )
    def test_a_run_under_way_is_owned_as_the_policy_says(self, under_way, of, expected):
        actions = tidy(under_way, training=of, attempt=attempt(), ledger=ledger())

        assert tuple(OwnJob(under_way.name, owned) for owned in expected) == actions

    @pytest.mark.parametrize("of", [training(), _ORPHAN], ids=["Cancel", "Orphan"])
    def test_a_run_that_is_over_and_recorded_is_owned_again(self, of):
        loose = over(1, owner_uid="")

        assert (OwnJob(loose.name, owned=True),) == tidy(loose, training=of)

    def test_what_is_let_go_needs_no_owner(self):
        actions = tidy(over(1, owner_uid=""), training=keeping(0))

        assert (DeleteJob(name(1)),) == actions

    def test_a_tfjob_of_somebodys_own_is_not_taken_in(self):
        assert () == tidy(over(1, owner_uid="", staging=""))


def test_while_a_run_goes_on_its_tfjob_is_handed_over():
    """The ladder gets there although the run has something to say."""
    seen = observed(attempt=attempt(), jobs=[_UNDER_WAY], training=_ORPHAN)

    assert (OwnJob(_UNDER_WAY.name, owned=False),) == reconcile(seen, now=NOW).actions


class TestRival:
    def test_the_younger_of_two_on_one_output_branch_stands_still(self):
        seen = observed(rival="team/older", attempt=attempt())

        plan = reconcile(seen, now=NOW)

        story = plan.story
        assert () == plan.actions
        assert Reason.OUTPUT_TAKEN is story.reason
        assert (True, False, "False") == (story.stalled, story.reconciling, story.ready)
        assert "team/older" in story.message
        assert "default/outputrepo@master" in story.message

    def test_alone_there_is_nothing_to_yield_to(self):
        assert upkeep.yield_to_rival(observed(), NOW) is None


def test_a_model_that_nobody_wrote_down_is_recorded():
    lost = (entry(1), entry(2, Decision.PUBLISHED))

    plan = upkeep.record_models(observed(unrecorded=lost), NOW)

    assert (Record(lost),) == plan.actions
    assert upkeep.record_models(observed(), NOW) is None


def test_an_output_commit_that_came_too_late_is_given_up():
    plan = upkeep.give_up_orphan(observed(orphan=ident(0xF001)), NOW)

    assert (GiveUp(ident(0xF001)),) == plan.actions
    assert ident(0xF001) in plan.story.message
    assert upkeep.give_up_orphan(observed(), NOW) is None


@pytest.mark.parametrize(
    ("stray", "deleted"),
    [
        pytest.param(job(phase=JobPhase.RUNNING), True, id="it runs"),
        pytest.param(job(phase=JobPhase.SUSPENDED), True, id="it waits in a queue"),
        pytest.param(job(phase=_GOOD), False, id="it has ended"),
        pytest.param(replace(job(), deleting=True), False, id="it is being deleted"),
        pytest.param(replace(job(), staging=""), False, id="it is no run of ours"),
    ],
)
def test_a_tfjob_without_an_open_attempt_is_deleted_while_it_could_run(stray, deleted):
    plan = upkeep.delete_strays(observed(jobs=[stray]), NOW)

    assert ((DeleteJob(stray.name),) if deleted else ()) == (
        plan.actions if plan else ()
    )


def test_a_tfjob_with_an_open_attempt_is_no_stray():
    assert upkeep.delete_strays(observed(jobs=[job()], attempt=attempt()), NOW) is None
