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

    async def let_go(self, mark, finalizer):
        release = partial(self._world.hold, mark.uid, held=False)
        await self._call("PATCH training", release)

    async def patch_status(self, namespace, name, status):
        return await self._call(
            "PATCH status", partial(self._world.show_at, name, status)
        )

    async def list_jobs(self, namespace, selector):
        return await self._call("LIST tfjobs", partial(self._select, "jobs", selector))

    async def list_pods(self, namespace, selector):
        return await self._call("LIST pods", partial(self._select, "pods", selector))

    async def create_job(self, namespace, body):
        create = self._world.kubernetes.create
        return await self._call("POST tfjob", partial(create, body))

    async def delete_job(self, namespace, name):
        vanish = self._world.kubernetes.vanish
        await self._call("DELETE tfjob", partial(vanish, name))

    async def set_owners(self, namespace, name, owners):
        own = self._world.kubernetes.set_owners
        await self._call("PATCH tfjob", partial(own, name, owners))

    async def list_events(self, namespace, name):
        return await self._call("LIST events", list)

    async def read_log(self, namespace, pod, container, *, limit):
        return await self._call("GET log", partial(bytes, b"epoch 1\n"))

    async def create_event(self, namespace, body):
        await self._call("POST event", partial(self._world.tell_event, body))

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
