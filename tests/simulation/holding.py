"""The MnistTraining of a world, as the API server holds it."""

from mnist_operator.hub import FINALIZER
from mnist_operator.status import timestamp
from simulation.bodies import says_the_same
from simulation.fairness import find_claim
from simulation.upkeep import find_misowned
from unit.builders import training
from unit.model_world import World

__all__ = ["NAME", "NAMESPACE", "Holding"]

NAMESPACE, NAME = "team", "mnist"


class Holding(World):
    """How it is written, shown, held by its finalizer, and how it goes."""

    name = NAME
    """Of the MnistTraining; others may live in the same world, see `tenants`."""
    digested = None
    """A spec, and the digest of all that decides a run by it."""
    promotions = None
    """Who looks on, once there is a production branch."""
    gone_at = 0.0
    """When it went last."""

    def _write(self, status):
        is_new = self.name not in self.bodies
        if self._made is None or self._made[0] != self.spec or is_new:
            self.changed_at = self.loop.now
            self._made = self.spec, training(name=self.name, **self.spec)
        written = {
            "uid": self.uid,
            "generation": self.generation,
            "status": status,
            "annotations": self.annotations,
        }
        self.training = self._made[1].model_copy(update=written)
        before = self.bodies.get(self.name, {"metadata": {}})["metadata"]
        meta = {
            "namespace": NAMESPACE,
            "name": self.name,
            "uid": self.training.uid,
            "generation": self.generation,
            "annotations": self.annotations,
            "creationTimestamp": before.get("creationTimestamp")
            or timestamp(self.turns.now),
            "finalizers": before.get("finalizers", ()),
        }
        if "deletionTimestamp" in before:
            meta["deletionTimestamp"] = before["deletionTimestamp"]
        body = {"metadata": meta, "spec": self.spec, "status": status}
        if not says_the_same(self.bodies.get(self.name), body):
            self._put(body)

    @property
    def uid(self):
        return f"uid-{self.applied}"

    def version(self):
        """The next resourceVersion."""
        self._versions += 1
        return str(self._versions)

    def _put(self, body):
        meta = body["metadata"] | {"resourceVersion": self.version()}
        body = body | {"metadata": meta}
        self.bodies = self.bodies | {self.name: body}
        self._tell_training(body)

    def show_at(self, name, status):
        """What an operator writes: to whatever has that name by then."""
        body = self.bodies.get(name)
        claim = find_claim(self, status)
        if claim:
            self.audit.violations.append(claim)
        if body is not None:
            self.training = self.training.model_copy(update={"status": status})
            self._put(body | {"status": status})
        return self.bodies.get(name)

    def hold(self, uid, *, held):
        """Put the operator's finalizer on it, or take it away."""
        body = self.bodies.get(self.name)
        if body is None or body["metadata"]["uid"] != uid:
            return
        meta = body["metadata"]
        if held:
            if "deletionTimestamp" not in meta:
                self._put(body | {"metadata": meta | {"finalizers": [FINALIZER]}})
        elif "deletionTimestamp" in meta:
            self._vanish()

    def delete(self):
        body = self.bodies.get(self.name)
        if body is None:
            return
        misowned = find_misowned(self)
        if misowned:
            self.audit.violations.append(misowned)
        meta = body["metadata"]
        if not meta["finalizers"]:
            self._vanish()
        elif "deletionTimestamp" not in meta:
            going = {"deletionTimestamp": timestamp(self.turns.now)}
            self._put(body | {"metadata": meta | going})

    @property
    def is_going(self):
        """Whether it was deleted, and is still there."""
        body = self.bodies.get(self.name)
        return body is not None and "deletionTimestamp" in body["metadata"]

    def _vanish(self):
        body = self.bodies[self.name]
        self.bodies = {k: v for k, v in self.bodies.items() if k != self.name}
        self.training, self.gone_at = None, self.loop.now
        self._tell_training(body, gone=True)
        self.loop.call_later(20.0 * self.random.random(), self.kubernetes.collect)
        if self.returns:
            self.returns = False
            self.loop.call_later(5.0 * self.random.random(), self.apply)
