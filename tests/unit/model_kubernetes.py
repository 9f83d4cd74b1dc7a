"""TFJobs and their pods in a dictionary, with the ways in which they end."""

from dataclasses import dataclass, field

from mnist_operator.status import timestamp
from mnist_operator.tfjob import CONTAINER, RUN_LABEL
from unit.model_turns import Turns, call


@dataclass
class ModelKubernetes:
    """TFJobs by name, and the newest pod of each."""

    turns: Turns
    jobs: dict[str, dict] = field(default_factory=dict)
    pods: dict[str, dict] = field(default_factory=dict)
    ever: dict[str, str] = field(default_factory=dict)
    """Of all TFJobs that were created: the staging commit, by name."""
    zombies: set[str] = field(default_factory=set)
    """Staging commits of TFJobs that went while a pod of theirs was running."""

    # What the operator calls.

    @call
    async def list_jobs(self, namespace, selector):
        found = [each for each in self.jobs.values() if _selected(each, selector)]
        return [each | {"metadata": dict(each["metadata"])} for each in found]

    @call
    async def list_pods(self, namespace, selector):
        return [each for each in self.pods.values() if _selected(each, selector)]

    @call
    async def create_job(self, namespace, body):
        name = body["metadata"]["name"]
        if name in self.jobs:
            return None
        created = {"uid": f"job-{name}", "creationTimestamp": self._now()}
        self.jobs[name] = body | {"metadata": body["metadata"] | created, "status": {}}
        self.ever[name] = self.jobs[name]["metadata"]["labels"][RUN_LABEL]
        return self.jobs[name]

    @call
    async def set_owners(self, namespace, name, owners):
        if name in self.jobs:
            self.jobs[name]["metadata"]["ownerReferences"] = owners

    @call
    async def delete_job(self, namespace, name):
        self.vanish(name)

    @call
    async def list_events(self, namespace, name):
        return []

    @call
    async def read_log(self, namespace, pod, container, *, limit):
        return b"epoch 1\n"

    @call
    async def create_event(self, namespace, body):
        pass

    # What others do, at once.

    def running(self):
        """Names of the TFJobs that have not ended."""
        return [n for n, job in self.jobs.items() if not job["status"]]

    def labelled(self, names):
        """Those that an operator can find."""
        return [name for name in names if self.jobs[name]["metadata"]["labels"]]

    def ended(self, kind):
        """Names of those that ended so: Succeeded or Failed."""
        ended = [n for n, job in self.jobs.items() if job["status"]]
        told = {name: self.jobs[name]["status"]["conditions"][0] for name in ended}
        return self.labelled(n for n, last in told.items() if last["type"] == kind)

    def commit(self, name):
        """The input commit that its pod reads, by its environment."""
        return input_of(self.jobs[name])

    def start(self, name):
        self._pod(name, {"running": {"startedAt": self._now()}})

    def end(self, name, code):
        """Let its pod exit; None: the pod is lost, and nobody knows its code."""
        if code is None:
            self.pods.pop(name, None)
        else:
            ended = {"exitCode": code, "startedAt": self._now()}
            self._pod(name, {"terminated": ended})
        condition = {
            "type": "Succeeded" if code == 0 else "Failed",
            "status": "True",
            "message": "It is over.",
            "lastTransitionTime": self._now(),
        }
        self.jobs[name]["status"] = {"conditions": [condition]}

    def delete(self, name):
        """Somebody does; it is gone a while later."""
        self.jobs[name]["metadata"]["deletionTimestamp"] = self._now()

    def unlabel(self, name):
        """Somebody edits it."""
        self.jobs[name]["metadata"]["labels"] = {}

    def vanish(self, name):
        job = self.jobs.get(name)
        if job is None:
            return
        if not job["status"]:
            self.zombies.add(self.ever[name])
        del self.jobs[name]
        self.pods.pop(name, None)

    def collect(self, living):
        """As the garbage collector does, some time after an owner is gone."""
        for name, job in list(self.jobs.items()):
            owners = job["metadata"].get("ownerReferences") or []
            orphaned = owners and owners[0]["uid"] != living
            if orphaned or "deletionTimestamp" in job["metadata"]:
                self.vanish(name)

    def _pod(self, name, state):
        self.pods[name] = pod_of(self.jobs[name], state, self._now())

    def _now(self):
        return timestamp(self.turns.now)


def _selected(body, selector):
    wanted = dict(each.split("=") for each in selector.split(","))
    return wanted.items() <= body["metadata"]["labels"].items()


def pod_spec_of(job):
    """What each of a TFJob's pods is made of: there may be a Chief and no Worker."""
    first = next(iter(job["spec"]["tfReplicaSpecs"].values()))
    return first["template"]["spec"]


def input_of(job):
    """The input commit that a TFJob's pod reads, by its environment."""
    env = {e["name"]: e for e in pod_spec_of(job)["containers"][0]["env"]}
    return env["INPUT_BUCKET"]["value"].partition(".")[0]


def pod_of(job, state, now):
    """A TFJob's pod, whose one container is in this state."""
    return {
        "metadata": {
            "name": f"{job['metadata']['name']}-worker-0",
            "creationTimestamp": now,
            "labels": job["metadata"]["labels"],
        },
        "status": {"containerStatuses": [{"name": CONTAINER, "state": state}]},
    }
