"""The world of a walk: pods that cannot start, and commits whose runs end as told.

In its last part all takes the same time whatever happened before, so that two such
worlds can be compared.
"""

from collections import Counter

from mnist_operator.tfjob import CONTAINER
from simulation.cluster import Cluster
from simulation.happenings import Happenings
from simulation.world import SimulatedWorld
from unit.model_kubernetes import pod_spec_of

__all__ = ["ABSENT", "Ground"]

ABSENT = "absent"
"""Part of the name of whatever is named and is not there."""
_CORES = 64
"""As many as any node has."""


class Ground(SimulatedWorld):
    """`random` decides how long everything takes, until it is `calm`."""

    def __init__(self, random, *, trace=False) -> None:
        super().__init__(random, trace=trace)
        self.kubernetes = _Yard(self)
        self.endings = {}
        """By input commit, how its runs end, in turn; the last one stays."""
        self.tried = Counter()
        self.at_end = None
        """What is to happen at the moment when the next trainer ends."""
        Walking(self)

    def put(self, spec):
        """Store a spec, in a new MnistTraining if there is none."""
        before = self.training
        if before is None:
            self.spec = spec
            self.apply()
            return
        asked = [each.get("trigger", {}).get("startFrom") for each in (self.spec, spec)]
        self.rewound |= asked[0] != asked[1]
        self.generation += spec != self.spec
        self.spec = spec
        self._write(before.status)

    def calm(self):
        """From here on nothing is left to chance, and every trainer does well."""
        self.random, self.pace = _Steady(), 0.0
        self.endings.clear()

    def fate(self):
        """What becomes of the job that starts, see `_Yard`."""
        commit = self.kubernetes.commit(self.kubernetes.starting)
        ends = self.endings.get(commit, (0,))
        self.tried[commit] += 1
        return ends[min(self.tried[commit], len(ends)) - 1]

    def condition(self, kind="Reconciling"):
        """One condition, as it is shown; an empty one where there is none."""
        shown = (self.training.status if self.training else {}).get("conditions", ())
        return next((each for each in shown if each["type"] == kind), {})


class Walking(Happenings):
    """More kinds of happening: somebody edits the spec, now or at some call."""

    later = None

    def _edit(self, spec):
        self.world.put(spec)

    def _later(self):
        self.later()


class _Steady:
    """Chance without any."""

    @staticmethod
    def random():
        return 0.5

    @staticmethod
    def choice(things):
        return things[0]


class _Yard(Cluster):
    """Where a pod may wait for ever for what is not there."""

    starting = ""

    def _start_by_itself(self, name, uid):
        if self._uid(name) != uid or name in self.ends:
            return
        waits = _why_it_waits(pod_spec_of(self.jobs[name]))
        if waits is not None:
            self._pod(name, {})
            self.pods[name]["status"] = waits
            return
        self.starting = name
        super()._start_by_itself(name, uid)

    def end(self, name, code):
        super().end(name, code)
        happening, self.world.at_end = self.world.at_end, None
        if happening is not None:
            happening()


def _why_it_waits(pod):
    """What its status would say; None for a pod that starts."""
    container = next(each for each in pod["containers"] if each["name"] == CONTAINER)
    if ABSENT in container["image"]:
        told = f'Back-off pulling image "{container["image"]}"'
        return _waits("ImagePullBackOff", told)
    for each in container["env"]:
        named = each.get("valueFrom", {}).get("secretKeyRef", {}).get("name", "")
        if ABSENT in named:
            return _waits("CreateContainerConfigError", f'secret "{named}" not found')
    wanted = container.get("resources", {}).get("requests", {}).get("cpu", "0")
    if wanted.isdecimal() and int(wanted) > _CORES:
        unmet = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
        unmet["message"] = "0/3 nodes are available: 3 Insufficient cpu."
        return {"conditions": [unmet]}
    return None


def _waits(reason, message):
    state = {"waiting": {"reason": reason, "message": message}}
    return {"containerStatuses": [{"name": CONTAINER, "state": state}]}
