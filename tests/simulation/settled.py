"""Whether a training is at rest: all is decided, and its status says so."""

from mnist_operator.commits import Branch, CommitState
from mnist_operator.resource import MAX_PARALLEL
from simulation.audit import BY_HAND
from simulation.gated import is_at_rest as is_gate_at_rest
from simulation.holding import NAMESPACE
from simulation.promoted import is_at_rest as is_promoted
from simulation.trespass import age_of
from unit.model_checks import is_asked_commit_open, is_open

__all__ = [
    "find_left_open",
    "find_older",
    "is_at_rest",
    "is_held",
    "running",
    "slots",
    "staged",
    "yields",
]

_SLOTS = range(MAX_PARALLEL)


def find_older(tenant):
    """The oldest other one on its output branch, if that is older."""
    ages = sorted(
        (age_of(each.bodies[each.name]), each.name)
        for each in tenant.tenants
        if each.training is not None and each.outputs == tenant.outputs
    )
    oldest = ages[0][1]
    return None if oldest == tenant.name else tenant.tenant_of(oldest)


def is_at_rest(tenant):
    if find_older(tenant) is not None:
        return yields(tenant)
    return _is_settled(tenant) and not yields(tenant)


def yields(tenant):
    if tenant.training.status.get("observedGeneration") != tenant.generation:
        return False
    said = {each["type"]: each for each in tenant.training.status.get("conditions", ())}
    stalled = said.get("Stalled", {})
    return (stalled.get("status"), stalled.get("reason")) == ("True", "OutputTaken")


def _is_settled(world):
    if world.is_going or running(world):
        return False
    if any(is_open(world, each) for each in (*slots(world), staged(world))):
        return False
    if is_open(world, world.outputs) or not _is_decided(world):
        return False
    return _says_so(world) and (world.promotions is None or is_promoted(world))


def _is_decided(world):
    if world.gate is not None:
        return is_gate_at_rest(world)
    decided = world.ledger().decided
    return all(each.id in decided for each in world.expected())


def _says_so(world):
    """Whether the status is that of a training that has nothing to do."""
    status, asked = world.training.status, world.training.requested_at
    if status.get("pendingCommits") and world.gate is None:
        return False
    head = world.head()
    if status.get("head", "") != (head.id if head is not None else ""):
        return False
    # Who was created anew, and is asked for nothing, still tells of the last one.
    answered = not asked or asked == status.get("lastHandledRequestAt", "")
    if not answered and not is_asked_commit_open(world):
        return False
    conditions = {each["type"]: each for each in status.get("conditions", ())}
    if conditions.get("Reconciling", {}).get("status") != "False":
        return False
    if conditions["Stalled"]["reason"] == "AccessDenied":
        return False  # It was refused once, and does not know yet that this is over.
    return status["observedGeneration"] == world.generation


def is_held(world):
    """Whether something in the spec keeps commits waiting, or soon may."""
    spec = world.training.spec
    wanted = spec.suspend or spec.trigger.min_commits > 1
    return wanted or bool(world.spec.get("stopAfterFailures"))


def slots(world):
    there = world.pachyderm.heads
    named = [Branch(world.runs, f"{NAMESPACE}_{world.name}_{n}") for n in _SLOTS]
    return [each for each in named if each in there]


def staged(world):
    return Branch(world.outputs.repo, f"{NAMESPACE}_{world.name}_staged")


def find_left_open(world):
    """What nobody will ever finish in the output repo, on a branch or beside it.

    Of two operators one may die while it clears away what both have opened. And a
    neighbour that makes way may come back to what it has opened on its own branch.
    """
    if world.shared:
        return []
    commits, repo = world.pachyderm.commits.values(), world.outputs.repo
    kept = {
        world.pachyderm.heads.get(staged(t)) for t in world.tenants if _makes_way(t)
    }
    found = [c for c in commits if (c.repo, c.state) == (repo, CommitState.OPEN)]
    return [
        each.id for each in found if each.description != BY_HAND and each.id not in kept
    ]


def _makes_way(tenant):
    return tenant.training is not None and yields(tenant)


def running(world):
    """The TFJobs of this training that have not ended."""
    names = world.kubernetes.running()
    return [name for name in names if name.rpartition("-")[0] == world.name]
