"""The objects that a training consists of, as little of the API as it needs."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from mnist_operator.errors import (
    ConflictError,
    InvalidSpecError,
    NotFoundError,
    RefusedError,
    UpstreamError,
)
from mnist_operator.foreign import rows, table
from mnist_operator.kube.answers import (
    keep_tail,
    read_list,
    read_values,
    read_whole,
    with_identity,
)
from mnist_operator.kube.transport import Body, Transport
from mnist_operator.resource import GROUP, PLURAL, VERSION
from mnist_operator.tfjob import TFJOB_GROUP, TFJOB_PLURAL, TFJOB_VERSION

__all__ = ["Kube", "Mark"]

# A watch is begun anew each minute: that is how a dead one is found.
_WATCH = {"watch": "true", "timeoutSeconds": "60"}
# Of each object its metadata alone: a tenth of it, or less.
_MARKS = (
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
)
_LOG_BYTES, _LOG_SECONDS = 4 << 20, 30.0
_MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells one state of an object from another, and what it is about."""

    namespace: str
    name: str
    uid: str
    version: str
    generation: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    deleting: bool = False


class Kube(Transport):
    """Reads and writes the few kinds that a training consists of."""

    async def serves(self, group: str, version: str, plural: str) -> bool:
        """Whether the API server has such a kind now; anyone may ask that."""
        found = await self.ask(f"/apis/{group}/{version}")
        return any(
            each.get("name") == plural for each in rows(table(found).get("resources"))
        )

    async def list_namespaces(self) -> list[str]:
        """The names of all namespaces; it takes a ClusterRole to know them."""
        found = await self.items("/api/v1/namespaces", {})
        return [each["metadata"]["name"] for each in found]

    async def get_training(self, namespace: str, name: str) -> Body | None:
        """One MnistTraining; None when it is gone."""
        path = _trainings(namespace, name)
        found = await self.find(path)
        return None if found is None else with_identity(found, f"GET {path}")

    async def list_trainings(self, namespace: str = "") -> list[Body]:
        """MnistTrainings. Raises NotFoundError where none are served."""
        return await self.items(_trainings(namespace), {})

    async def mark_trainings(self, namespace: str = "") -> AsyncGenerator[list[Mark]]:
        """All MnistTrainings, page by page, without what is in them."""
        async with aclosing(self._marks(_trainings(namespace), {})) as pages:
            async for page in pages:
                yield page

    async def mark_jobs(
        self, namespace: str, selector: str
    ) -> AsyncGenerator[list[Mark]]:
        """TFJobs by label in the same way; of all namespaces where none is named."""
        query = {"labelSelector": selector}
        async with aclosing(self._marks(_jobs(namespace), query)) as pages:
            async for page in pages:
                yield page

    async def _marks(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncGenerator[list[Mark]]:
        async with aclosing(self.pages(path, query, accept=_MARKS)) as pages:
            async for page in pages:
                yield [_mark(item["metadata"]) for item in page]

    async def let_go(self, mark: Mark, finalizer: str) -> None:
        """Take a finalizer off a MnistTraining that is as it was marked.

        Raises:
            UpstreamError: It has changed since.
        """
        patch = {
            "metadata": {
                "resourceVersion": mark.version,
                "finalizers": [each for each in mark.finalizers if each != finalizer],
            }
        }
        path = _trainings(mark.namespace, mark.name)
        await self.call("PATCH", path, patch, kind=_MERGE_PATCH)

    async def watch_training(self, namespace: str, name: str) -> AsyncGenerator[Body]:
        """Watch one MnistTraining: as it is now, then each change, about a minute.

        Where there is none, a DELETED without a name is all there is.
        """
        path, only = _trainings(namespace), {"fieldSelector": f"metadata.name={name}"}
        answer = await self.call("GET", path, query=only)
        found = read_list(answer, f"GET {path}")
        for item in found["items"] or [{}]:
            yield {"type": "ADDED" if item else "DELETED", "object": item}
        # From that list on: nothing tells of an object that went before its watch
        # began. Its own version may be too old by now (410), a list's is new.
        since = {"resourceVersion": str(found["metadata"].get("resourceVersion", ""))}
        query = _WATCH | only | since
        async with aclosing(self.watch(path, query)) as events:
            async for event in events:
                yield event

    async def patch_status(
        self, namespace: str, name: str, status: Body
    ) -> Body | None:
        """Replace the status and return the training; one that is gone needs none.

        Merge patches keep what they do not name, so what has become empty must be
        named: `status` comes with every field that was set before.
        """
        path = f"{_trainings(namespace, name)}/status"
        try:
            patch = {"status": status}
            answer = await self.call("PATCH", path, patch, kind=_MERGE_PATCH)
        except NotFoundError:
            return None
        return with_identity(read_whole(answer, f"PATCH {path}"), f"PATCH {path}")

    async def list_jobs(self, namespace: str, selector: str) -> list[Body]:
        """TFJobs by label. Raises NotFoundError where no TFJobs are served."""
        return await self.items(_jobs(namespace), {"labelSelector": selector})

    async def create_job(self, namespace: str, body: Body) -> Body | None:
        """Create a TFJob and return it; None when one of that name exists.

        Raises:
            InvalidSpecError: The API server accepts no such object, ever.
        """
        try:
            query = {"fieldValidation": "Strict"}
            path = _jobs(namespace)
            answer = await self.call("POST", path, body, query=query)
        except ConflictError:
            return None
        except RefusedError as error:
            told = f"Kubernetes takes no such TFJob: {error.detail}"
            raise InvalidSpecError(f"{told}; change spec.trainer") from error
        return with_identity(read_whole(answer, f"POST {path}"), f"POST {path}")

    async def delete_job(self, namespace: str, name: str) -> None:
        """Delete a TFJob and, in the background, its pods; gone is fine."""
        try:
            await self.call(
                "DELETE",
                f"{_jobs(namespace)}/{name}",
                {"propagationPolicy": "Background"},
            )
        except NotFoundError:
            return

    async def set_owners(self, namespace: str, name: str, owners: list[Body]) -> None:
        """Say with which objects a TFJob goes; one that is gone needs none."""
        patch = {"metadata": {"ownerReferences": owners}}
        try:
            path = f"{_jobs(namespace)}/{name}"
            await self.call("PATCH", path, patch, kind=_MERGE_PATCH)
        except NotFoundError:
            return

    async def list_pods(self, namespace: str, selector: str) -> list[Body]:
        """Pods by label."""
        path = f"/api/v1/namespaces/{namespace}/pods"
        return await self.items(path, {"labelSelector": selector})

    async def list_events(self, namespace: str, name: str) -> list[Body]:
        """Events about the object of this name."""
        path = f"/api/v1/namespaces/{namespace}/events"
        return await self.items(path, {"fieldSelector": f"involvedObject.name={name}"})

    async def read_log(
        self, namespace: str, pod: str, container: str, *, limit: int
    ) -> bytes:
        """The last `limit` lines of a container's log; empty when it is gone.

        A line may be of any length, so of all of them the last 4 MiB.
        """
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        query = {"container": container, "tailLines": str(limit)}
        try:
            async with (
                asyncio.timeout(_LOG_SECONDS),
                aclosing(self.stream(path, query)) as pieces,
            ):
                return await keep_tail(pieces, _LOG_BYTES)
        except (UpstreamError, TimeoutError):
            return b""  # A pod that never ran has none: 400 from a real server.

    async def follow_log(
        self, namespace: str, pod: str, container: str, *, follow: bool
    ) -> AsyncGenerator[bytes]:
        """All of a container's log; with `follow` also what it says until it ends.

        Raises:
            RefusedError: It has not started yet; the detail says why.
            NotFoundError: The pod is gone.
        """
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        query = {"container": container} | ({"follow": "true"} if follow else {})
        async with aclosing(self.stream(path, query)) as pieces:
            async for piece in pieces:
                yield piece

    async def read_secret(self, namespace: str, name: str) -> dict[str, bytes] | None:
        """The decoded values of a Secret; None when there is none.

        Raises:
            InvalidSpecError: One of them is not in base64.
        """
        found = await self.find(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        return None if found is None else read_values(found, f"{namespace}/{name}")

    async def create_event(self, namespace: str, body: Body) -> None:
        """Post an Event once: its name is made of what it tells."""
        try:
            await self.call("POST", f"/api/v1/namespaces/{namespace}/events", body)
        except ConflictError:
            return


def _trainings(namespace: str, name: str = "") -> str:
    where = f"/namespaces/{namespace}" if namespace else ""
    return f"/apis/{GROUP}/{VERSION}{where}/{PLURAL}{'/' if name else ''}{name}"


def _jobs(namespace: str) -> str:
    where = f"/namespaces/{namespace}" if namespace else ""
    return f"/apis/{TFJOB_GROUP}/{TFJOB_VERSION}{where}/{TFJOB_PLURAL}"


def _mark(meta: Body) -> Mark:
    return Mark(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        version=meta["resourceVersion"],
        generation=meta.get("generation", 0),
        labels=meta.get("labels") or {},
        finalizers=tuple(meta.get("finalizers") or ()),
        deleting="deletionTimestamp" in meta,
    )
