"""A world for one long life: with other MnistTrainings in it, that come and go."""

import pickle

from mnist_operator.status import timestamp
from simulation.audit import Audit
from simulation.world import NAME, NAMESPACE, SimulatedWorld

__all__ = ["GUESTS", "SoakedWorld"]

GUESTS = 4
"""So many are there at the same time."""


class _Rarely(Audit):
    """Looks when it is asked to, since a look at a long history takes long."""

    def look(self):
        """Not now."""

    def check(self):
        super().look()


class SoakedWorld(SimulatedWorld):
    """A world with other MnistTrainings in it, which are suspended."""

    def __init__(self, random) -> None:
        super().__init__(random)
        self.audit = _Rarely(self)
        self.guests = 0

    def forget(self, name):
        """One of them vanishes, and nobody is told."""
        self.bodies = {k: v for k, v in self.bodies.items() if k != name}

    def invite(self, life=1):
        """One more comes, and the oldest goes when there are enough."""
        there = [name for name in self.bodies if name != NAME]
        if len(there) >= GUESTS:
            body = self.bodies[there[0]]
            self.forget(there[0])
            self._tell_training(body, gone=True)
        self.guests += 1
        name = f"guest-{self.guests}"
        meta = {
            "namespace": NAMESPACE,
            "name": name,
            "uid": f"uid-{name}-{life}",
            "generation": 1,
            "annotations": {},
            "resourceVersion": self.version(),
            "creationTimestamp": timestamp(self.turns.now),
            "finalizers": (),
        }
        output = {"repo": name, "provenance": "Metadata"}
        spec = {"suspend": True, "output": output}
        self._show(name, {"metadata": meta, "spec": spec, "status": {}})

    def show_at(self, name, status):
        if name == NAME:
            return super().show_at(name, status)
        body = self.bodies.get(name)
        if body is not None:
            meta = body["metadata"] | {"resourceVersion": self.version()}
            self._show(name, body | {"metadata": meta, "status": status})
        return self.bodies.get(name)

    def _show(self, name, body):
        self.bodies = self.bodies | {name: body}
        self._tell_training(body)

    def _vanish(self):
        guests = {k: v for k, v in self.bodies.items() if k != NAME}
        super()._vanish()
        self.bodies = guests

    def launder(self):
        """Hold nothing any more that the operator has allocated, only copies of it."""
        pachyderm, kubernetes = self.pachyderm, self.kubernetes
        heads = set(pachyderm.heads.values())
        for name, commit in pachyderm.commits.items():
            if commit.repo.name.endswith("_runs") and name not in heads:
                pachyderm.content[name] = {}  # Each holds the whole ledger till then.
        for owner, names in (
            (pachyderm, ("commits", "content", "heads", "declared")),
            (kubernetes, ("jobs", "pods", "ever", "ends")),
            (self, ("bodies", "_entries", "_ledger", "_models", "_read")),
        ):
            kept = {name: getattr(owner, name) for name in names}
            for name, copy in pickle.loads(pickle.dumps(kept)).items():  # noqa: S301
                setattr(owner, name, copy)
