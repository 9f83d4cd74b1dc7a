"""Mistakes about what is lost, left, or read once too seldom; see `mutations`."""

from dataclasses import replace
from datetime import timedelta

from mnist_operator import (
    attempts,
    backlog,
    follower,
    lanes,
    ledger,
    observer,
    outcomes,
    reconcile,
    sight,
    upkeep,
)
from mnist_operator.decisions import failure_of
from mnist_operator.plan import CloseAttempt, DeleteJob, OwnJob, Record
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from simulation.policy_mutations import swap_rung
from simulation.turn_mutations import MUTATIONS, mutation

__all__ = ["MUTATIONS", "mutation"]


@mutation
def orphans_are_given_up(patch):
    """A run that is to stay is given up once its MnistTraining is created anew."""
    follow = attempts.follow_attempt

    def strict(observed, attempt, now):
        same = attempt.uid == observed.training.uid
        if same or lanes.is_decided(observed, attempt):
            return follow(observed, attempt, now)
        return attempts._give_up(attempt, "Recreated", "It was created anew.")

    patch.setattr(outcomes, "follow_attempt", strict)


@mutation
def created_once_more(patch):
    """A TFJob that is gone is created again, for the same attempt."""
    patch.setattr(observer, "created_jobs", lambda active: frozenset())


def _lost(patch, change):
    without_job = attempts._without_job

    def lost(observed, attempt, now):
        plan = without_job(observed, attempt, now)
        first = plan.actions[0] if plan is not None and plan.actions else None
        is_lost = isinstance(first, CloseAttempt) and first.outcome.reason == "JobLost"
        return replace(plan, actions=change(*plan.actions)) if is_lost else plan

    patch.setattr(attempts, "_without_job", lost)


@mutation
def lost_is_final(patch):
    """What is lost with its TFJob is not tried again."""

    def final(close, *others):
        outcome = replace(close.outcome, retryable=False)
        return replace(close, outcome=outcome), *others

    _lost(patch, final)


@mutation
def lost_is_left(patch):
    """A TFJob that has lost its labels runs on."""

    def left(*actions):
        return tuple(each for each in actions if not isinstance(each, DeleteJob))

    _lost(patch, left)


@mutation
def startup_deadline_ignored(patch):
    """Pods may take as long as they like to start."""
    starting = attempts._starting

    def patient(observed, attempt, job, now):
        seconds = observed.training.spec.startup_deadline_seconds
        ends = (job.admitted or job.created) + timedelta(seconds=seconds)
        plan = starting(observed, attempt, job, min(now, ends - timedelta(seconds=1)))
        return replace(plan, look_again_at=now + timedelta(seconds=10))

    patch.setattr(attempts, "_starting", patient)


@mutation
def deadlines_in_the_queue(patch):
    """A TFJob's time runs while whoever queues it lets it wait."""
    with_job = attempts._with_job

    def hasty(observed, attempt, job, now):
        return with_job(observed, attempt, replace(job, admitted=None), now)

    patch.setattr(attempts, "_with_job", hasty)


@mutation
def ends_are_found_by_chance(patch):
    """Nobody is woken by a TFJob."""
    patch.setattr(sight.Sight, "hears_job", lambda self, name, version, *, gone: False)


@mutation
def strays_after_a_crash(patch):
    """Whoever dies behind the fence leaves a TFJob that nobody deletes."""
    rungs = tuple(e for e in reconcile._FIRST if e is not upkeep.delete_strays)
    patch.setattr(reconcile, "_FIRST", rungs)


@mutation
def final_is_tried_again(patch):
    """Whatever failed is tried again, as long as attempts are left."""

    def again(observed, attempt):
        limit = observed.training.spec.attempts.limit
        return attempt.outcome is not None and attempt.number < limit

    patch.setattr(lanes, "may_retry", again)


@mutation
def failures_out_of_turn(patch):
    """A failure is written down at once, also before older commits are decided."""

    def record(observed, attempt, outcome, now):
        entry = failure_of(attempt, outcome.reason, outcome.message, now=now)
        said = "Recording the failure."
        return outcomes._do(Record((entry,)), Reason.TRAINING_FAILED, said)

    patch.setattr(outcomes, "_record_failure", record)


@mutation
def requests_settle(patch):
    """Below the commit of a run by hand all is taken as decided."""
    take = ledger._Fold._take

    def settled(self, entry):
        take(self, entry)
        if entry.request:
            self._settle(entry)

    patch.setattr(ledger._Fold, "_take", settled)


@mutation
def read_down_to_any(patch):
    """Whoever starts anew reads the branch down to what was decided last."""

    def newest(known):
        return known.recent[0].commit if known.recent else ""

    patch.setattr(backlog, "_newest_settled", newest)


@mutation
def gone_is_faulty(patch):
    """What was squashed is told to be faulty."""
    look = backlog.Backlog.look

    async def silent(self, *arguments, **options):
        await look(self, *arguments, **options)
        return ""

    patch.setattr(backlog.Backlog, "look", silent)


@mutation
def failed_runs_stay(patch):
    """TFJobs that failed are kept, however many there are."""
    beyond = upkeep._beyond

    def good_ones(jobs, limit):
        return [e for e in beyond(jobs, limit) if e.phase is JobPhase.SUCCEEDED]

    patch.setattr(upkeep, "_beyond", good_ones)


@mutation
def owners_stay(patch):
    """Another deletionPolicy changes nothing for a run that is under way."""
    tidy = upkeep.tidy

    def tidied(observed, now):
        plan = tidy(observed, now)
        actions = plan.actions if plan is not None else ()
        left = tuple(each for each in actions if not isinstance(each, OwnJob))
        return replace(plan, actions=left) if left else None

    swap_rung(patch, tidy, tidied)


@mutation
def looks_when_it_is_late(patch):
    """What is to be done at some time is done when all is looked at."""
    pause = follower.Follower._pause

    def rest(self, observed, plan, now):
        return pause(self, observed, replace(plan, look_again_at=None), now)

    patch.setattr(follower.Follower, "_pause", rest)


@mutation
def deaf_to_the_end(patch):
    """Who is cancelled as a call fails takes that for the answer, and goes on."""
    patch.setattr(follower, "heed_cancellation", lambda: None)
