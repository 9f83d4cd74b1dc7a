"""Other MnistTrainings in the same world: each has its own story, all share the rest.

What a tenant is told apart by is here: its name, its spec, its ledger. Pachyderm, the
API server, the operators and the faults are those of the world that it lives in.
"""

from mnist_operator import places
from simulation.audit import Audit
from simulation.world import SimulatedWorld
from unit.builders import training

__all__ = ["KINDS", "NAMES", "Tenant"]

NAMES = ("mnist-2", "mnist-mnist", "a-mnist", "mnis")
"""Alike, so that whoever compares a part of a name takes one for the other."""
_SHARED_RUNS = {"repo": "others", "runRepo": "outputrepo_runs"}
KINDS = {
    "beside": {"output": {"repo": "others"}},
    "plain": {"output": {"repo": "others", "provenance": "Metadata"}},
    "shared runs": {"output": _SHARED_RUNS},
    "branch": {"output": {"branch": "others"}},
    "rival": {"output": {"repo": "outputrepo"}},
}
"""How it stands to the first: what both write to differs, but for the last kind."""


class Tenant(SimulatedWorld):
    """One more MnistTraining of a world, its host."""

    def __init__(self, host, name, **spec) -> None:
        self.host, self.name = host, name
        self._remember_nothing()
        del self.shared  # The host knows.
        made = training(name=name, **spec)
        self.ledger_place = places.ledger_branch(made)
        self._find_places(made)
        self.audit = Audit(self, violations=host.audit.violations)
        self.apply(**spec)
        # Whoever shares a branch with others has its pushes, and its past.
        self.rewound = False

    def __getattr__(self, name):
        if name == "host":
            raise AttributeError(name)
        return getattr(self.host, name)

    @property
    def bodies(self):
        return self.host.bodies

    @bodies.setter
    def bodies(self, bodies):
        self.host.bodies = bodies

    @property
    def uid(self):
        return f"uid-{self.name}-{self.applied}"

    def version(self):
        return self.host.version()

    def count_fault(self):
        self.host.count_fault()

    def look(self):
        self.host.look()
