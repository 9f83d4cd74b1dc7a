"""Whether a training is settled: nothing but news can change what is decided. Pure.

News of a settled training is a change of itself, of its TFJobs, of its Secret or of
its branch's head, all of which are watched and compared besides. So it is looked at
as a whole only now and then. Whatever time may change, or others may without a word,
is looked at often.
"""

from collections.abc import Mapping
from typing import Any

from mnist_operator import lanes
from mnist_operator.commits import CommitState
from mnist_operator.plan import Observed, Plan
from mnist_operator.selectors import Selector

__all__ = ["is_ours", "is_settled"]

_ENDS = frozenset({CommitState.FINISHED, CommitState.ERRORED})


def is_settled(observed: Observed, plan: Plan) -> bool:
    """Whether the next look may come late."""
    if plan.actions or plan.look_again_at is not None or observed.rival:
        return False
    head = observed.source.head
    under_way = lanes.live(observed) or any(
        not job.is_terminal or job.deleting for job in observed.jobs.values()
    )
    is_moving = head is not None and head.state not in _ENDS
    is_held = bool(observed.output_holder or observed.orphan)
    return not (plan.story.reconciling or under_way or is_moving or is_held)


def is_ours(body: Mapping[str, Any], shard: Selector) -> bool:
    """Whether a MnistTraining is to be followed by this operator, or at all."""
    meta = body["metadata"]
    return "deletionTimestamp" not in meta and shard.selects(meta.get("labels"))
