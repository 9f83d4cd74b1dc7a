"""The shortest of first looks: whether all is as the status says, by its seal.

It asks for nothing of its own: branches come from one list of their repo, TFJobs from
the first round, the MnistTraining from kopf's list. Where anything is not as the seal
says, or is not known, a first look follows that reads what there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mnist_operator import lanes, places
from mnist_operator.access import Door
from mnist_operator.engine import Engine
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.plan import Observed, Plan
from mnist_operator.readings import Memory
from mnist_operator.resource import MnistTraining
from mnist_operator.seal import Heads, heads_of, is_sealable, make_seal
from mnist_operator.status import SEAL, Status

__all__ = ["Known", "leave_seal", "recognise"]


@dataclass(frozen=True, slots=True)
class Known:
    """A training that is as it was when it was last looked at."""

    door: Door
    head: str | None
    """The input branch's, a commit that is finished."""
    output: str | None
    """The output branch's."""
    jobs: Mapping[str, str]
    """The resourceVersion of each of its TFJobs, by name."""
    status: Status


def leave_seal(
    engine: Engine, observed: Observed, memory: Memory, plan: Plan, status: Status
) -> str | None:
    """What the first look after a restart may recognise; None while it is not at rest.

    `status`: what the look has come to.
    """
    if memory.unexplained or not is_sealable(observed, plan):
        return None
    heads, image = heads_of(observed, memory.ledger_head), engine.settings.trainer_image
    told, training = status.to_json(), observed.training
    return make_seal(training, told, heads, memory.jobs, image=image)


async def recognise(engine: Engine, training: MnistTraining) -> Known | None:
    """A training that nothing has happened to; None where it must be looked at.

    Raises:
        OperatorError: As any look does that cannot be made.
    """
    written = training.status.get(SEAL)
    if not written:
        return None
    jobs = await engine.rounds.jobs_of(training.namespace, training.name)
    if jobs is None:
        return None
    door = await engine.access.open(training)
    heads = await _read_heads(door.glance or door.client, training)
    image = engine.settings.trainer_image
    if heads is None or await engine.neighbours.rival_of(training):
        return None
    if written != make_seal(training, training.status, heads, jobs, image=image):
        return None
    return Known(
        door, heads.input, heads.output, jobs, Status.model_validate(training.status)
    )


async def _read_heads(client: Pachyderm, training: MnistTraining) -> Heads | None:
    """Where its branches are; None where one of them calls for a look by itself."""
    read, output_branch = client.branch_head_id, places.output_branch(training)
    head, output = await read(places.input_branch(training)), await read(output_branch)
    staged = await read(places.staged_branch(training))
    if staged not in {None, output}:
        return None
    if training.spec.output.is_native and head is not None:
        is_pinned = await client.branch_exists(places.pin_branch(training))
        if not is_pinned or await client.descends_from(output_branch):
            return None
    slots: list[str | None] = []
    while len(slots) < lanes.parallel(training.spec) or slots[-1] is not None:
        slots.append(await read(places.slot_branch(training, len(slots))))
    ledger = await read(places.ledger_branch(training))
    return Heads(head, output, ledger, tuple(filter(None, slots)))
