"""One process's way to the API server: what the engine takes for a Kube.

Objects are never changed in place, so a list that was read stays what it was; which
is also how a stale read is made: by a look at what was there a while ago.
"""

from functools import partial

from simulation.bodies import mark

__all__ = ["Api"]


class Api:
    """Each call goes by its process; what it does is the world's affair."""

    def __init__(self, process) -> None:
        self._process = process
        self._world = process.world
        self._call = partial(process.call, "kubernetes")

    async def get_training(self, namespace, name):
        self._process.looks += 1
        found = await self._call("GET training", self._trainings)
        return found.get(name)

    async def list_trainings(self, namespace=""):
        found = await self._call("LIST trainings", self._trainings)
        return list(found.values())

    async def mark_trainings(self, namespace=""):
        found = await self._call("LIST trainings' metadata", self._trainings)
        yield [mark(each) for each in found.values()]

    async def mark_jobs(self, namespace, selector):
        found = await self._call("LIST tfjobs' metadata", self._jobs)
        marks = [mark(each) for each in found.values()]
        yield [each for each in marks if selector in each.labels]

    def let_go(self, mark, finalizer):
        release = partial(self._world.hold_any, mark.uid, held=False)
        return self._call("PATCH training", release)

    def patch_status(self, namespace, name, status):
        return self._call("PATCH status", partial(self._world.show_of, name, status))

    def list_jobs(self, namespace, selector):
        return self._call("LIST tfjobs", partial(self._select, "jobs", selector))

    def list_pods(self, namespace, selector):
        return self._call("LIST pods", partial(self._select, "pods", selector))

    def create_job(self, namespace, body):
        self._world.trespass.meets_job(body["metadata"]["name"])
        create = self._world.kubernetes.create
        return self._call("POST tfjob", partial(create, body))

    def delete_job(self, namespace, name):
        self._world.trespass.meets_job(name)
        release = self._world.kubernetes.release
        return self._call("DELETE tfjob", partial(release, name))

    def set_owners(self, namespace, name, owners):
        self._world.trespass.meets_job(name)
        own = self._world.kubernetes.set_owners
        return self._call("PATCH tfjob", partial(own, name, owners))

    def list_events(self, namespace, name):
        return self._call("LIST events", list)

    def read_log(self, namespace, pod, container, *, limit):
        return self._call("GET log", partial(bytes, b"epoch 1\n"))

    def create_event(self, namespace, body):
        return self._call("POST event", partial(self._world.tell_event, body))

    def _trainings(self):
        return self._past().get("trainings", self._world.bodies)

    def _jobs(self):
        return self._past().get("jobs", self._world.kubernetes.jobs)

    def _select(self, kind, selector):
        past = self._past().get(kind)
        return self._world.kubernetes.selected(kind, selector, past)

    def _past(self):
        """What an API server that lags behind still shows; empty: it does not."""
        process = self._process
        if process.stale_until > self._world.loop.now:
            return process.stale
        return {}
