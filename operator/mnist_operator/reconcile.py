"""The one decision: what is to be done, given what was observed and the time.

A ladder of rungs in the order of a commit's life. The first rung that has something
to do decides; the engine carries it out, looks again, and climbs the ladder from the
bottom. When none has, the first that has something to say tells the story. No rung
remembers anything, so a crash between any two actions is just another observation:

========================  ====================================================
observed                  decided
========================  ====================================================
an older rival            stand still, and say so
a model not in ledger     record it
our own stray head        give it up
a TFJob without fence     delete it
production may move       move it, or record why not
no starting point         record one
an attempt open           create its job, wait for it, or close it
its turn, and it is good  publish it
it failed                 next attempt after its backoff, or record the failure
the oldest commit ...     skip it: gone, errored, or with nothing new in it
a held commit is named    record that it is released, or discarded
a run was requested       start it, or record why not
commits wait              superseded or expired: record that; else start some,
                          once spec.dataGate has compared their data
the trainer has changed   train the newest commit once more
nothing else              let go of old TFJobs
========================  ====================================================

Whose turn it is (the trigger's policies): `turns`. Who holds which slot: `lanes`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from mnist_operator import (
    beginnings,
    data_gate,
    finishing,
    openings,
    outcomes,
    promoting,
    upkeep,
)
from mnist_operator.plan import Observed, Plan
from mnist_operator.standing import stand

__all__ = ["reconcile"]

Rung = Callable[[Observed, datetime], Plan | None]


def reconcile(observed: Observed, *, now: datetime) -> Plan:
    """Decide the next step of one training."""
    for rung in _FIRST:
        plan = rung(observed, now)
        if plan is not None:
            return plan
    heard: list[Plan] = []
    for rung in _LADDER:
        plan = rung(observed, now)
        if plan is not None and plan.actions:
            return plan
        if plan is not None:
            heard.append(plan)
    heard = heard or [Plan(stand(observed))]
    return _wait(heard, finishing.find_glance(observed, now))


def _wait(heard: Sequence[Plan], glance: datetime | None) -> Plan:
    """Tell what came first, and look again when the first of them asks for it."""
    asked = [glance, *(plan.look_again_at for plan in heard)]
    times = [each for each in asked if each is not None]
    return replace(heard[0], look_again_at=min(times, default=None))


_FIRST: Sequence[Rung] = (
    upkeep.yield_to_rival,
    upkeep.record_models,
    upkeep.give_up_orphan,
    upkeep.delete_strays,
    promoting.settle,
    beginnings.find_start,
)
"""What holds all else: before it is settled, nothing further is looked at."""

_LADDER: Sequence[Rung] = (
    outcomes.follow,
    outcomes.publish,
    outcomes.retry,
    outcomes.skip,
    data_gate.answer,
    openings.answer_request,
    openings.start_next,
    openings.retrain,
    upkeep.tidy,
)
