"""Where two trainings live in one world, neither touches what is the other's.

On whose behalf a call is made is known by the operator's own `CALLER`; whose a thing
is, by its name or by what its description says. It is looked at before the call takes
effect: to try is bad enough.
"""

from mnist_operator.commits import Branch
from mnist_operator.lineage import read_model
from mnist_operator.runs import read_attempt
from mnist_operator.traffic import CALLER

__all__ = ["Trespass", "age_of"]

_SETTLED_SECONDS = 60.0
"""A rival that has been there for so long is known to all."""


class Trespass:
    """Looks at all calls that are to change something, and at what is published."""

    def __init__(self, world) -> None:
        self._world = world
        self._tops = {}

    def meets_job(self, name):
        """A TFJob of this name is to be created, deleted or given an owner."""
        self._check(name.rpartition("-")[0], f"TFJob {name}")

    def meets(self, place, *arguments):
        """A branch is to be moved or grown; or a commit of a repo is to be changed."""
        if len(self._world.tenants) == 1:
            return
        if isinstance(place, Branch):
            self._check(_owner_by_name(place.name), f"branch {place}")
            return
        commit = self._world.pachyderm.commits.get(arguments[0])
        if commit is not None:
            self._check(_owner(commit), f"commit {commit}")

    def _check(self, owner, what):
        actor = CALLER.get().name.partition("/")[2]
        names = {each.name for each in self._world.tenants}
        if len(names) > 1 and actor in names and owner in names and owner != actor:
            self._world.audit.violations.append(f"{actor} takes {owner}'s {what}")

    def look(self):
        """Of two on one output branch only the older one publishes."""
        world = self._world
        for outputs in {each.outputs for each in world.tenants}:
            top = world.pachyderm.heads.get(outputs)
            if top != self._tops.get(outputs):
                self._tops[outputs] = top
                self._check_top(world.pachyderm.commits.get(top), outputs)

    def _check_top(self, commit, outputs):
        owner = _owner(commit) if commit is not None else ""
        sharing = [each for each in self._world.tenants if each.outputs == outputs]
        of_it = [each for each in sharing if each.name == owner]
        if len(sharing) == 1 or not of_it or not self._world.orderly:
            return
        for other in sharing:
            if other is not of_it[0] and self._is_older(other, of_it[0]):
                told = f"{owner} publishes where {other.name} does, which is older"
                self._world.audit.violations.append(told)

    def _is_older(self, other, tenant):
        bodies = self._world.bodies
        if not {other.name, tenant.name} <= bodies.keys() or other.is_going:
            return False
        ages = [age_of(bodies[each.name]) for each in (other, tenant)]
        known = self._world.loop.now - other.changed_at > _SETTLED_SECONDS
        return known and ages[0] < ages[1]


def age_of(body):
    """When it was created, then its uid: the smaller one is older."""
    meta = body["metadata"]
    return meta["creationTimestamp"], meta["uid"]


def _owner(commit):
    """The name of the training that a staging commit or a model is of; or nothing."""
    attempt, model = read_attempt(commit), read_model(commit)
    key = attempt.training if attempt else model.training if model else ""
    return key.partition("/")[2]


def _owner_by_name(branch):
    """The name of the training that a branch is for; nothing where all may write."""
    parts = branch.split("_")
    return parts[1] if len(parts) > 2 else ""
