"""Mistakes about what may be begun, and what is left behind; see `mutations`."""

from dataclasses import replace

from mnist_operator import (
    attempts,
    lanes,
    outlet,
    outlet_pinned,
    outlet_plain,
    output_branch,
    performer,
    turns,
    upkeep,
)
from simulation import pachd
from simulation.mutations import MUTATIONS, mutation

__all__ = ["MUTATIONS"]


@mutation
def suspension_ignored(patch):
    """A training that is suspended goes on."""
    gate = turns.find_gate

    def open_gate(observed, now):
        spec = observed.training.spec.model_copy(update={"suspend": False})
        training = observed.training.model_copy(update={"spec": spec})
        return gate(replace(observed, training=training), now)

    patch.setattr(turns, "find_gate", open_gate)
    patch.setattr(turns, "may_start", lambda observed, request="": True)


@mutation
def deadline_ignored(patch):
    """A run may take as long as it likes."""
    with_job = attempts._with_job

    def patient(observed, attempt, job, now):
        return with_job(observed, attempt, job, job.created)

    patch.setattr(attempts, "_with_job", patient)


@mutation
def begins_before_the_data_is_there(patch):
    """A run is started for a commit that is still being written."""
    without_job = attempts._without_job

    def hasty(observed, attempt, now):
        inputs = {
            key: replace(each, finishing=now, finished=now)
            for key, each in observed.inputs.items()
        }
        return without_job(replace(observed, inputs=inputs), attempt, now)

    patch.setattr(attempts, "_without_job", hasty)


@mutation
def more_than_allowed(patch):
    """As many runs at the same time as there are slots."""
    patch.setattr(lanes, "_takes_room", lambda observed, attempt: False)


@mutation
def tries_for_ever(patch):
    """A failed attempt is followed by another, however many there were."""

    def again(observed, attempt):
        return attempt.outcome is not None and attempt.outcome.retryable

    patch.setattr(lanes, "may_retry", again)


@mutation
def strays_left(patch):
    """A TFJob whose attempt was given up runs on."""
    patch.setattr(upkeep, "delete_strays", lambda observed, now: None)
    patch.setattr(performer.Performer, "_delete_job", _nothing)


async def _nothing(*_):
    """Do nothing."""


@mutation
def open_commits_left(patch):
    """What an operator that died left open on the output side stays open."""
    patch.setattr(outlet, "give_up", _nothing)
    patch.setattr(outlet_plain, "give_up", _nothing)
    patch.setattr(outlet_pinned, "give_up", _nothing)
    patch.setattr(output_branch, "give_up", _nothing)


@mutation
def answers_taken_for_granted(patch):
    """Whoever finishes a commit takes it for finished, whatever pachd says then."""

    async def at_once(self, repo, id, *, wait_finished=False, timeout=0.0):  # noqa: A002
        found = await look(self, repo, id)
        open_still = found is not None and found.finished is None
        if wait_finished and open_still and found.finishing is not None:
            return replace(found, finished=found.finishing)
        return found

    look = pachd.Client.commit
    patch.setattr(pachd.Client, "commit", at_once)
