"""TFJobs, pods and logs: the other module here that asks Kubernetes.

What is asked here is asked beside Pachyderm, which may know the answer alone. So
nothing ends the program: each error is a sentence for whoever asked.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from mnist_operator import kube
from mnist_operator.cli.clusters import Place, find_kubeconfig
from mnist_operator.cli.failures import NoAnswerError, NotThereError
from mnist_operator.errors import (
    DeniedError,
    InvalidSpecError,
    NotFoundError,
    RefusedError,
    UnreachableError,
    UpstreamError,
)
from mnist_operator.tfjob import CONTAINER

__all__ = ["Jobs", "NotStartedError", "SilentError", "connect"]

Body = dict[str, Any]

_AGAIN_SECONDS = 1.0


class SilentError(NoAnswerError):
    """The API server does not answer just now; asking again may help."""


class NotStartedError(NoAnswerError):
    """A container has not started, so that it has no log yet."""


@asynccontextmanager
async def connect(
    place: Place, environment: Mapping[str, str]
) -> AsyncIterator["Jobs"]:
    """Open a client for as long as it is needed.

    Raises:
        NoAnswerError: Nothing says where the cluster is, or it cannot be used.
    """
    try:
        found = find_kubeconfig(place.kubeconfig, environment, Path.home())
        client = await kube.connect(found, place.context)
    except ValueError as error:
        raise NoAnswerError(f"no cluster can be asked: {error}") from None
    server = (await client.credentials()).server
    try:
        yield Jobs(client, server, place.namespace or client.namespace)
    finally:
        await client.close()


class Jobs:
    """What trains in one cluster, as its user sees it."""

    def __init__(self, client: kube.Kube, server: str, namespace: str) -> None:
        self._client = client
        self._server = server
        self.namespace = namespace
        """The one that was asked for, else the kubeconfig's own."""

    async def training(self, namespace: str, name: str) -> Body | None:
        """A MnistTraining; None where it, or the whole kind, is gone."""
        with self._asking("get mnisttrainings.mnist-operator.dev", namespace):
            return await self._client.get_training(namespace, name)

    async def tfjobs(self, namespace: str, selector: str) -> list[Body]:
        """TFJobs by label; none where the cluster knows no TFJobs."""
        with self._asking("list tfjobs.kubeflow.org", namespace):
            try:
                return await self._client.list_jobs(namespace, selector)
            except NotFoundError:
                return []

    async def pods(self, namespace: str, selector: str) -> list[Body]:
        """Pods by label."""
        with self._asking("list pods", namespace):
            return await self._client.list_pods(namespace, selector)

    async def secret_keys(self, namespace: str, name: str) -> frozenset[str] | None:
        """Which keys a Secret has; None where there is none."""
        with self._asking("get secrets", namespace):
            found = await self._client.read_secret(namespace, name)
        return None if found is None else frozenset(found)

    async def create(self, namespace: str, body: Body) -> bool:
        """Create a TFJob; False when one of that name exists."""
        with self._asking("create tfjobs.kubeflow.org", namespace):
            try:
                return await self._client.create_job(namespace, body) is not None
            except InvalidSpecError as error:
                message = error.message.removesuffix("; change spec.trainer")
                raise NoAnswerError(message) from None
            except NotFoundError as error:
                raise NoAnswerError(
                    f"there is no namespace {namespace}, or the cluster at"
                    f" {self._server} knows no TFJobs: name another namespace with"
                    f" --namespace ({error.detail})"
                ) from None

    async def delete(self, namespace: str, name: str) -> None:
        """Delete a TFJob with its pods; gone is fine."""
        with self._asking("delete tfjobs.kubeflow.org", namespace):
            await self._client.delete_job(namespace, name)

    async def tail(self, namespace: str, pod: str, lines: int) -> bytes:
        """The end of a trainer's log; empty where there is none."""
        with self._asking("get pods/log", namespace):
            return await self._client.read_log(namespace, pod, CONTAINER, limit=lines)

    async def log(
        self, namespace: str, pod: str, *, follow: bool
    ) -> AsyncGenerator[bytes]:
        """A trainer's log; with `follow` also what it says until it ends.

        A connection that breaks is made anew, and what was told is passed over.

        Raises:
            NotStartedError: Its container has not started.
            NotThereError: The pod is gone.
        """
        told = 0
        while True:
            try:
                async with aclosing(self._log(namespace, pod, follow=follow)) as pieces:
                    position = 0
                    async for piece in pieces:
                        new = piece[max(told - position, 0) :]
                        position += len(piece)
                        told = max(told, position)
                        if new:
                            yield new
            except SilentError:
                if not (follow and told):
                    raise
            else:
                return
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _log(
        self, namespace: str, pod: str, *, follow: bool
    ) -> AsyncGenerator[bytes]:
        with self._asking("get pods/log", namespace):
            pieces = self._client.follow_log(namespace, pod, CONTAINER, follow=follow)
            try:
                async with aclosing(pieces):
                    async for piece in pieces:
                        yield piece
            except NotFoundError:
                raise NotThereError(f"pod {namespace}/{pod} is gone") from None
            except RefusedError as error:
                raise NotStartedError(error.detail) from None

    @contextmanager
    def _asking(self, right: str, namespace: str) -> Iterator[None]:
        """Say what went wrong in one line, with the remedy."""
        try:
            yield
        except UnreachableError as error:
            raise SilentError(
                f"the API server at {self._server} does not answer: is the cluster"
                " up? Name another with --kubeconfig or --context"
                f" ({_flat(error.detail)})"
            ) from None
        except DeniedError as error:
            raise NoAnswerError(
                f"the API server at {self._server} refuses this: log in again, or ask"
                f" whoever runs the cluster for {right} in namespace {namespace}"
                f" ({_flat(error.detail)})"
            ) from None
        except UpstreamError as error:
            raise NoAnswerError(
                f"the API server at {self._server} could not answer {error.call}: ask"
                " again; if it stays so, whoever runs the cluster must act"
                f" ({_flat(error.detail)})"
            ) from None


def _flat(text: str) -> str:
    return " ".join(text.split())
