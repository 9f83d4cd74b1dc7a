"""The TFJobs of the simulated world: their controller, their pods, their trainers.

A job's conditions are told as the real controller tells them: the one that counts
need not stand last, a fast job never says that it runs, and one that is deleted while
its pod runs leaves a process behind that may still write.
"""

from dataclasses import dataclass, field

from mnist_operator.status import timestamp
from mnist_operator.tfjob import RUN_LABEL, TRAINING_LABEL
from simulation.promptness import find_idleness
from simulation.restraint import find_excess
from simulation.trainers import QUEUED_SECONDS
from simulation.upkeep import find_loss
from unit.model_kubernetes import input_of, pod_of

__all__ = ["Cluster"]

_START_SECONDS = 5.0
_HAUNT_SECONDS = 120.0


@dataclass
class Cluster:
    """TFJobs by name, and the pod of each."""

    world: object
    jobs: dict[str, dict] = field(default_factory=dict)
    pods: dict[str, dict] = field(default_factory=dict)
    ever: dict[str, str] = field(default_factory=dict)
    """Of all TFJobs that were created: the staging commit, by name."""
    ends: dict[str, str] = field(default_factory=dict)
    """Of those that have ended, by name: Succeeded or Failed."""
    ended_at: dict[str, float] = field(default_factory=dict)
    """By staging commit: when its TFJob ended, in the world's time."""

    def create(self, body):
        """What the API server does with a POST; None where there is one."""
        name = body["metadata"]["name"]
        if name in self.jobs:
            return None
        training = body["metadata"]["labels"][TRAINING_LABEL]
        tenant = self.world.tenant_of(training)
        self._complain(find_excess(tenant, body))
        active = (tenant.training.status if tenant.training else {}).get("active") or ()
        if tenant.orderly and name in [each["tfjob"] for each in active]:
            self._complain(f"{name} is created once more, and was there")
        created = {
            "uid": f"job-{len(self.ever)}-{name}",
            "creationTimestamp": self._now(),
        }
        self.jobs[name] = body | {"metadata": body["metadata"] | created}
        self.ever[name] = body["metadata"]["labels"][RUN_LABEL]
        self._say(name, "Created")
        self._start_later(name)
        return self.jobs[name]

    def go_on(self):
        """Let those live on that were under way when the world stood still."""
        for name in self.running():
            self._start_later(name)

    def _start_later(self, name):
        world = self.world
        delay = _START_SECONDS * world.random.random()
        world.loop.call_later(delay, self._start_by_itself, name, self._uid(name))

    def set_owners(self, name, owners):
        if name in self.jobs:
            self._write(name, {"ownerReferences": owners})

    def selected(self, kind, selector, past=None):
        """Jobs or pods by label, as they are now or were at some time."""
        wanted = dict(each.split("=") for each in selector.split(",")).items()
        found = (getattr(self, kind) if past is None else past).values()
        return [each for each in found if wanted <= each["metadata"]["labels"].items()]

    # What others do, at once.

    def running(self):
        """Names of the TFJobs that have not ended."""
        return [name for name in self.jobs if name not in self.ends]

    def labelled(self, names):
        """Those that an operator can find."""
        return [name for name in names if self.jobs[name]["metadata"]["labels"]]

    def ended(self, kind):
        """Names of those that are there and ended so: Succeeded or Failed."""
        return self.labelled(n for n in self.jobs if self.ends.get(n) == kind)

    def commit(self, name):
        """The input commit that its pod reads, by its environment."""
        return input_of(self.jobs[name])

    def start(self, name):
        """Its pod runs."""
        self._pod(name, {"running": {"startedAt": self._now()}})
        self._say(name, "Running")

    def end(self, name, code):
        """Let its pod exit; None: the pod is lost, and nobody knows its code."""
        if code is None:
            self.pods.pop(name, None)
        else:
            ended = {"exitCode": code, "startedAt": self._now()}
            self._pod(name, {"terminated": ended})
        self.ends[name] = "Succeeded" if code == 0 else "Failed"
        self.ended_at[self.ever[name]] = self.world.loop.now
        self._say(name, self.ends[name])

    def delete(self, name):
        """Somebody does; it is gone a while later."""
        self._write(name, {"deletionTimestamp": self._now()})
        self.world.loop.call_later(10.0, self.collect)

    def unlabel(self, name):
        """Somebody edits it."""
        self._write(name, {"labels": {}})

    def release(self, name):
        """An operator deletes it."""
        if name in self.ends:
            self._complain(find_loss(self._tenant_of(name), name))
        self.vanish(name)

    def vanish(self, name):
        """It is gone at once; its process may not know that yet."""
        job = self.jobs.pop(name, None)
        if job is None:
            return
        self.pods.pop(name, None)
        self._tell(job, gone=True)
        if self.ends.pop(name, None) is None:
            world = self.world
            delay = _HAUNT_SECONDS * world.random.random()
            world.loop.call_later(delay, world.haunt_one, self.ever[name])

    def collect(self):
        """As the garbage collector does, some time after an owner is gone."""
        living = self.world.living()
        for name, job in list(self.jobs.items()):
            owners = job["metadata"].get("ownerReferences") or []
            orphaned = owners and owners[0]["uid"] not in living
            if orphaned or "deletionTimestamp" in job["metadata"]:
                self.vanish(name)

    # The life of a job.

    def _start_by_itself(self, name, uid):
        if self._uid(name) != uid or name in self.ends:
            return
        world = self.world
        self._meet(name, uid, world.fate())

    def _meet(self, name, uid, fate):
        """What becomes of its pod; of one that never starts somebody must hear."""
        world = self.world
        if fate == "never":
            return
        if fate == "queued":
            self._suspend(name, "True")
            world.loop.call_later(QUEUED_SECONDS, self._admit, name, uid)
            return
        if fate != "fast":
            self.start(name)
        if fate != "hangs":
            delay = world.training_seconds()
            world.loop.call_later(delay, self._end_by_itself, name, uid, fate)

    def _end_by_itself(self, name, uid, fate):
        if self._uid(name) == uid and name not in self.ends:
            self._complain(find_idleness(self._tenant_of(name), name))
            code = None if fate == "lost" else fate if isinstance(fate, int) else 0
            self.world.end_job(name, code, fate)

    def _admit(self, name, uid):
        """Whoever queued it lets it go on."""
        if self._uid(name) == uid and name not in self.ends:
            self._suspend(name, "False")
            self._meet(name, uid, 0)

    def _suspend(self, name, status):
        held = {"type": "Suspended", "status": status, "reason": "TFJobSuspended"}
        told = held | {"lastTransitionTime": self._now()}
        self._put(name, self.jobs[name] | {"status": {"conditions": [told]}})

    def _complain(self, words):
        """Something is wrong, unless these are no words."""
        if words:
            self.world.audit.violations.append(words)

    def _tenant_of(self, name):
        return self.world.tenant_of(name.rpartition("-")[0])

    def _uid(self, name):
        return self.jobs[name]["metadata"]["uid"] if name in self.jobs else None

    def _say(self, name, kind):
        """Add a condition that holds; what it ends holds no more."""
        job = self.jobs[name]
        said = (job.get("status") or {}).get("conditions") or []
        if kind in {"Succeeded", "Failed"}:
            said = [_ended(each) for each in said]
        new = {
            "type": kind,
            "status": "True",
            "reason": f"TFJob{kind}",
            "message": f"It is {kind}.",
            "lastTransitionTime": self._now(),
        }
        # It is found by its type: nothing promises that it stands last.
        first = self.world.random.random() < 0.3
        conditions = [new, *said] if first else [*said, new]
        self._put(name, job | {"status": {"conditions": conditions}})

    def _pod(self, name, state):
        pod = pod_of(self.jobs[name], state, self._now())
        known = {"uid": f"pod of {self._uid(name)}"}
        known["resourceVersion"] = self.world.version()
        self.pods[name] = pod | {"metadata": pod["metadata"] | known}

    def _write(self, name, metadata):
        job = self.jobs[name]
        self._put(name, job | {"metadata": job["metadata"] | metadata})

    def _put(self, name, job):
        before = self.jobs[name]
        version = {"resourceVersion": self.world.version()}
        self.jobs[name] = job | {"metadata": job["metadata"] | version}
        # Who watches by a label hears of the loss of it as of the loss of the object.
        lost = TRAINING_LABEL not in job["metadata"]["labels"]
        self._tell(before if lost else self.jobs[name], gone=lost)

    def _tell(self, job, *, gone):
        if TRAINING_LABEL in job["metadata"]["labels"]:
            self.world.tell_job(job, gone=gone)

    def _now(self):
        return timestamp(self.world.turns.now)


def _ended(condition):
    return condition | ({"status": "False"} if condition["type"] == "Running" else {})
