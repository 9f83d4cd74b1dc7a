"""Mistakes about what comes next, and how soon; see `mutations` and `tales`."""

from dataclasses import replace
from datetime import timedelta

from mnist_operator import (
    attempts,
    data_gate,
    lanes,
    observer,
    openings,
    outcomes,
    quiet,
    readings,
    reconcile,
    turns,
    upkeep,
)
from simulation.origin_mutations import MUTATIONS, mutation
from simulation.policy_mutations import swap_rung

__all__ = ["MUTATIONS", "change_for_rung"]


def change_for_rung(patch, old, change):
    """The rung sees another spec than there is."""

    def seeing(observed, now):
        spec = observed.training.spec
        spec = spec.model_copy(update=change(spec))
        training = observed.training.model_copy(update={"spec": spec})
        return old(replace(observed, training=training), now)

    swap_rung(patch, old, seeing)


def _awake(spec):
    return {"suspend": False}


@mutation
def requests_though_suspended(patch):
    """A run by hand begins while the training is suspended."""
    change_for_rung(patch, openings.answer_request, _awake)


@mutation
def retrained_though_suspended(patch):
    """Another trainer trains once more while the training is suspended."""
    change_for_rung(patch, openings.retrain, _awake)


@mutation
def retrained_by_default(patch):
    """Another trainer trains the newest commit again, also where nobody wants that."""
    find = readings.find_latest

    def always(spec):
        return {"on_spec_change": "RetrainLatest"}

    async def found(client, training, *arguments):
        spec = training.spec.model_copy(update=always(training.spec))
        wanted = training.model_copy(update={"spec": spec})
        return await find(client, wanted, *arguments)

    change_for_rung(patch, openings.retrain, always)
    patch.setattr(observer.readings, "find_latest", found)


@mutation
def never_retrained(patch):
    """Another trainer changes nothing before the next commit comes."""
    ladder = tuple(e for e in reconcile._LADDER if e is not openings.retrain)
    patch.setattr(reconcile, "_LADDER", ladder)


@mutation
def limits_mixed_up(patch):
    """As many failed TFJobs are kept as good ones should be."""

    def swapped(spec):
        good, bad = spec.successful_runs_history_limit, spec.failed_runs_history_limit
        return {
            "successful_runs_history_limit": bad,
            "failed_runs_history_limit": good,
        }

    change_for_rung(patch, upkeep.tidy, swapped)


@mutation
def request_for_the_newest(patch):
    """A run by hand is of the newest commit, whichever was named."""
    find = readings.find_request

    async def found(client, training, book, source):
        kept = {k: v for k, v in training.annotations.items() if "commit" not in k}
        unnamed = training.model_copy(update={"annotations": kept})
        return await find(client, unnamed, book, source)

    patch.setattr(observer.readings, "find_request", found)


@mutation
def request_passes_over_all(patch):
    """What waits before a run by hand is skipped, also where each one is wanted."""

    def before(observed, commit):
        waiting = [each.id for each in observed.source.waiting]
        place = waiting.index(commit.id) if commit.id in waiting else 0
        return observed.source.waiting[:place]

    patch.setattr(openings, "_before_request", before)


@mutation
def request_passes_over_nobody(patch):
    """What waits before a run by hand is trained after it, and is older."""
    patch.setattr(openings, "_before_request", lambda observed, commit: ())


@mutation
def requests_make_way(patch):
    """With Replace a newer commit ends a run by hand."""
    find = turns.find_successor

    def successor(observed, attempt, now):
        if not attempt.request:
            return find(observed, attempt, now)
        newest = turns.newest_finished(observed)
        return newest if newest and newest.id != attempt.commit else None

    patch.setattr(turns, "find_successor", successor)


@mutation
def nothing_is_replaced(patch):
    """With Replace a run goes on to its end."""
    patch.setattr(turns, "find_successor", lambda observed, attempt, now: None)


@mutation
def replaced_too_soon(patch):
    """With Replace a run makes way for a commit that has to wait itself."""

    def successor(observed, attempt, now):
        newest = turns.newest_finished(observed)
        is_wanted = lanes.is_wanted(observed, attempt) and not attempt.request
        other = newest is not None and newest.id != attempt.commit
        in_doubt = other and data_gate.is_in_doubt(observed, newest)
        return newest if other and is_wanted and not in_doubt else None

    patch.setattr(turns, "find_successor", successor)


@mutation
def one_after_the_other(patch):
    """With Allow there is room for one run all the same."""
    patch.setattr(lanes, "parallel", lambda spec: 1)


@mutation
def slots_of_today(patch):
    """Whoever starts anew looks for no more runs than are allowed by now."""

    async def read(client, training, memory):
        memory.slots = lanes.parallel(training.spec)
        return await all_slots(client, training, memory)

    all_slots = observer.read_attempts
    patch.setattr(observer, "read_attempts", read)


@mutation
def tried_again_without_room(patch):
    """A failed attempt is followed by another, also when others run by then."""
    patch.setattr(lanes, "has_room", lambda observed: True)


@mutation
def backoff_never_doubles(patch):
    """Each attempt waits for as long as the second one."""

    def at(observed, attempt):
        seconds = observed.training.spec.attempts.backoff_seconds
        return (attempt.closed or attempt.opened) + timedelta(seconds=seconds)

    patch.setattr(outcomes, "retry_at", at)


@mutation
def min_commits_forgets(patch):
    """What made way already is not counted."""
    shortage = turns._find_shortage

    def forgetful(observed):
        ledger = replace(observed.ledger, superseded=0)
        return shortage(replace(observed, ledger=ledger))

    patch.setattr(turns, "_find_shortage", forgetful)


@mutation
def debounce_from_the_start(patch):
    """A branch is quiet when nothing was begun for a while."""
    patch.setattr(quiet, "_came", lambda commit: commit.started)


@mutation
def debounce_for_ever(patch):
    """Pushes that never pause are waited for without an end."""
    patch.setattr(turns, "started_at_latest", lambda queued, quiet: None)


@mutation
def started_by_another_spec(patch):
    """What was prepared for one spec begins by the next one."""
    unwanted = attempts._unwanted

    def wanted(observed, attempt):
        return unwanted(observed, replace(attempt, digest=observed.spec_digest))

    patch.setattr(attempts, "_unwanted", wanted)


@mutation
def unfinished_content_is_compared(patch):
    """An attempt is given up for what is known only while it is there."""
    is_unchanged = turns.is_unchanged

    def early(observed, commit):
        return is_unchanged(observed, replace(commit, finished=commit.finishing))

    patch.setattr(turns, "is_unchanged", early)
