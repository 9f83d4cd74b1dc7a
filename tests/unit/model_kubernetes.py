"""TFJobs and their pods in a dictionary, with the ways in which they end."""

from dataclasses import dataclass, field

from mnist_operator.status import timestamp
from mnist_operator.tfjob import CONTAINER, RUN_LABEL
from unit.model_pachyderm import Turns


@dataclass
class ModelKubernetes:
    """TFJobs by name, and the newest pod of each."""

    turns: Turns
    jobs: dict[str, dict] = field(default_factory=dict)
    pods: dict[str, dict] = field(default_factory=dict)
    ever: list[str] = field(default_factory=list)
    """Names of all TFJobs that were created."""

    # What the operator calls.

    async def list_jobs(self, namespace, selector):
        await self.turns.pause()
        return [each for each in self.jobs.values() if _selected(each, selector)]

    async def list_pods(self, namespace, selector):
        await self.turns.pause()
        return [each for each in self.pods.values() if _selected(each, selector)]

    async def create_job(self, namespace, body):
        await self.turns.pause()
        name = body["metadata"]["name"]
        if name in self.jobs:
            return False
        created = {"uid": f"job-{name}", "creationTimestamp": self._now()}
        self.jobs[name] = body | {"metadata": body["metadata"] | created, "status": {}}
        self.ever.append(name)
        return True

    async def delete_job(self, namespace, name):
        await self.turns.pause()
        self.vanish(name)

    async def list_events(self, namespace, name):
        await self.turns.pause()
        return []

    async def read_log(self, namespace, pod, container, *, limit):
        await self.turns.pause()
        return b"epoch 1\n"

    async def create_event(self, namespace, body):
        await self.turns.pause()

    # What others do, at once.

    def running(self):
        """Names of the TFJobs that have not ended."""
        return [n for n, job in self.jobs.items() if not job["status"]]

    def staging(self, name):
        return self.jobs[name]["metadata"]["labels"][RUN_LABEL]

    def commit(self, name):
        """The input commit that its pod reads, by its environment."""
        template = self.jobs[name]["spec"]["tfReplicaSpecs"]["Worker"]["template"]
        env = {e["name"]: e for e in template["spec"]["containers"][0]["env"]}
        return env["INPUT_BUCKET"]["value"].partition(".")[0]

    def start(self, name):
        self._pod(name, {"running": {"startedAt": self._now()}})

    def end(self, name, code):
        """Let its pod exit; None: the pod is lost, and nobody knows its code."""
        if code is None:
            self.pods.pop(name, None)
        else:
            ended = {"exitCode": code, "startedAt": self._now()}
            self._pod(name, {"terminated": ended})
        kind = "Succeeded" if code == 0 else "Failed"
        conditions = [{"type": kind, "status": "True", "message": "It is over."}]
        self.jobs[name]["status"] = {"conditions": conditions}

    def mark_deleted(self, name):
        self.jobs[name]["metadata"]["deletionTimestamp"] = self._now()

    def vanish(self, name):
        self.jobs.pop(name, None)
        self.pods.pop(name, None)

    def collect(self, owner_uid):
        """As the garbage collector does once an owner is gone."""
        for name, job in list(self.jobs.items()):
            if job["metadata"]["ownerReferences"][0]["uid"] == owner_uid:
                self.vanish(name)

    def _pod(self, name, state):
        self.pods[name] = {
            "metadata": {
                "name": f"{name}-worker-0",
                "creationTimestamp": self._now(),
                "labels": self.jobs[name]["metadata"]["labels"],
            },
            "status": {"containerStatuses": [{"name": CONTAINER, "state": state}]},
        }

    def _now(self):
        return timestamp(self.turns.now)


def _selected(body, selector):
    wanted = dict(each.split("=") for each in selector.split(","))
    return wanted.items() <= body["metadata"]["labels"].items()
