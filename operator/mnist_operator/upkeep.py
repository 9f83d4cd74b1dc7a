"""Rungs that keep the world in order around the runs. Pure."""

from datetime import datetime
from itertools import islice

from mnist_operator import lanes
from mnist_operator.plan import (
    Action,
    DeleteJob,
    GiveUp,
    Observed,
    OwnJob,
    Plan,
    Record,
    Story,
)
from mnist_operator.standing import stand
from mnist_operator.status import Reason
from mnist_operator.tfjob import Job, JobPhase

__all__ = [
    "delete_strays",
    "give_up_orphan",
    "record_models",
    "tidy",
    "yield_to_rival",
]


def yield_to_rival(observed: Observed, _now: datetime) -> Plan | None:
    """Two trainings on one output branch would mix their models: the older keeps it."""
    if not observed.rival:
        return None
    place = observed.training.spec.output
    message = (
        f"spec.output: MnistTraining {observed.rival}, which is older, publishes on"
        f" {place.project}/{place.repo}@{place.branch} as well; delete one of the two."
        " This one can be created anew with another repo or branch."
    )
    return Plan(Story(Reason.OUTPUT_TAKEN, message, ready="False", stalled=True))


def record_models(observed: Observed, _now: datetime) -> Plan | None:
    """The output branch is the truth: write down what the ledger lacks."""
    if not observed.unrecorded:
        return None
    return _do(Reason.PUBLISHING, "Recording the model.", Record(observed.unrecorded))


def give_up_orphan(observed: Observed, _now: datetime) -> Plan | None:
    """Whoever reads the output branch must not meet an empty commit."""
    if not observed.orphan:
        return None
    message = f"Giving up output commit {observed.orphan}: its run has been decided."
    return _do(Reason.PUBLISHING, message, GiveUp(observed.orphan))


def delete_strays(observed: Observed, _now: datetime) -> Plan | None:
    """A job whose attempt is not open can reach nothing any more."""
    own = {each.staging for each in observed.attempts if each.is_open}
    strays = [
        job
        for job in observed.jobs.values()
        if job.staging and job.staging not in own
        if not job.is_terminal and not job.deleting
    ]
    if not strays:
        return None
    message = "Deleting a TFJob that was given up."
    return _do(Reason.TRAINING, message, *(DeleteJob(job.name) for job in strays))


def tidy(observed: Observed, _now: datetime) -> Plan | None:
    """Let go of finished TFJobs beyond the limits, and see who owns the others.

    A TFJob is kept while its attempt is: nothing is let go before it is recorded.
    """
    held = {each.staging for each in lanes.live(observed)}
    owners = {"", observed.training.uid}
    jobs = [j for j in _by_age(observed) if j.staging and j.owner_uid in owners]
    over = [j for j in jobs if j.staging not in held and j.is_terminal]
    good = [j for j in over if j.phase is JobPhase.SUCCEEDED]
    bad = [j for j in over if j.phase is JobPhase.FAILED]
    spec = observed.training.spec
    old = [
        *_beyond(good, spec.successful_runs_history_limit),
        *_beyond(bad, spec.failed_runs_history_limit),
    ]
    gone = {job.name for job in old}
    actions: list[Action] = [DeleteJob(job.name) for job in old]
    for job in jobs:
        # Only a run under way may outlive its MnistTraining, and only if it shall.
        owned = job.staging not in held or spec.deletion_policy == "Cancel"
        if job.name not in gone and owned != bool(job.owner_uid):
            actions.append(OwnJob(job.name, owned))
    if not actions:
        return None
    return _do(stand(observed).reason, "Letting go of old TFJobs.", *actions)


def _by_age(observed: Observed) -> list[Job]:
    """Oldest first; of those from one and the same second, as they were decided."""
    lines = [entry.run for entry in reversed(observed.ledger.recent)]
    places = {run: place for place, run in enumerate(lines)}

    def age(job: Job) -> tuple[datetime, int, str]:
        return job.created, places.get(job.staging, -1), job.name

    return sorted(observed.jobs.values(), key=age)


def _beyond(jobs: list[Job], limit: int) -> list[Job]:
    """All but the newest ones, without those that are being deleted already."""
    return [j for j in islice(jobs, max(len(jobs) - limit, 0)) if not j.deleting]


def _do(reason: Reason, message: str, *actions: Action) -> Plan:
    return Plan(Story(reason, message, reconciling=True), actions)
