"""The questions to Kubernetes; the only module here that asks it."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from mnist_operator import kube
from mnist_operator.cli.failures import NoAnswerError, NotThereError, explain_cluster
from mnist_operator.cli.refusals import refuse
from mnist_operator.cli.statements import dig
from mnist_operator.errors import DeniedError, OperatorError, UpstreamError
from mnist_operator.foreign import rows
from mnist_operator.kube.answers import read_list, read_object
from mnist_operator.resource import GROUP, PLURAL, VERSION

__all__ = ["Cluster", "Place", "ask", "find_kubeconfig"]

T = TypeVar("T")
Body = dict[str, Any]

_AGAIN_SECONDS = 1.0
_NAMES_SHOWN = 10
_MERGE_PATCH = "application/merge-patch+json"
_WATCH = {"watch": "true", "timeoutSeconds": "60"}
_CHANGES = frozenset({"ADDED", "MODIFIED", "DELETED"})


@dataclass(frozen=True, slots=True)
class Place:
    """Which cluster is meant, and where in it."""

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None


def find_kubeconfig(
    named: str | None, environment: Mapping[str, str], home: Path
) -> Path | None:
    """The kubeconfig that kubectl would take; None in a pod, which needs none.

    Raises:
        ValueError: There is none; the message says where it may be.
    """
    if named:
        # Several of them may be named, and only some of them be there.
        if any(Path(each).expanduser().is_file() for each in named.split(os.pathsep)):
            return Path(named)
        raise ValueError(f"there is no kubeconfig {named}: see --kubeconfig")
    usual = home / ".kube" / "config"
    if usual.is_file():
        return usual
    if "KUBERNETES_SERVICE_HOST" in environment:
        return None
    raise ValueError(
        f"there is no kubeconfig {usual}: name one with --kubeconfig or KUBECONFIG"
    )


class Cluster:
    """One cluster, as its user sees it."""

    def __init__(self, client: kube.Kube, server: str, namespace: str) -> None:
        self.kube = client
        """For the operator's own readings, which ask for more than is asked here."""
        self.server = server
        self.namespace = namespace
        """The one that was asked for, else the kubeconfig's own."""

    async def deployments(self, label: str) -> list[Body]:
        """Deployments with a label, of all namespaces; none where that is refused."""
        path, query = "/apis/apps/v1/deployments", {"labelSelector": label}
        try:
            told = await self.kube.call("GET", path, query=query)
            return [
                dict(each) for each in rows(read_list(told, f"GET {path}")["items"])
            ]
        except OperatorError:
            return []  # Nobody has asked for them: the answer goes on without.

    async def list(self, namespace: str) -> list[Body]:
        """MnistTrainings of a namespace, or of all."""
        return await self.kube.list_trainings(namespace)

    async def find(self, namespace: str, name: str) -> Body:
        """One MnistTraining.

        Raises:
            NotThereError: It is not there; the message names those that are.
        """
        found = await self.kube.get_training(namespace, name)
        if found is not None:
            return found
        there = [each["metadata"]["name"] for each in await self.list(namespace)]
        shown = ", ".join(there[:_NAMES_SHOWN])
        more = ", …" if len(there) > _NAMES_SHOWN else ""
        rest = f"there are {shown}{more}" if there else "there is none at all"
        raise NotThereError(
            f"there is no MnistTraining {name} in namespace {namespace}, {rest};"
            " --namespace names another one"
        )

    async def change(self, namespace: str, name: str, patch: Body) -> Body:
        """Merge something into one MnistTraining; null takes a field away.

        Returns:
            The MnistTraining after that.
        """
        path = f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}/{name}"
        told = await self.kube.call("PATCH", path, patch, kind=_MERGE_PATCH)
        return read_object(told, f"PATCH {path}")

    async def follow(
        self,
        namespace: str,
        name: str,
        *,
        known: Body | None = None,
        lost: Callable[[str], None],
    ) -> AsyncGenerator[Body]:
        """Yield one MnistTraining as it is, and after every change, until it is gone.

        `known` is what it was just now, if anybody has asked already.
        An outage is told once and waited for. A change and its opposite in between
        are not seen; the status has a memory of its own for what must not be missed.
        """
        known = known or await self.find(namespace, name)
        yield known
        told = False
        while True:
            try:
                async with aclosing(self._watch(namespace, name)) as bodies:
                    async for body in bodies:
                        if body is None:
                            return
                        told = False
                        if _version(body) != _version(known):
                            known = body
                            yield body
            except DeniedError:
                raise
            except UpstreamError as error:
                if not told:
                    lost(explain_cluster(error, self.server))
                told = True
            # Also after a watch that the server ended: it may end them all at once.
            await asyncio.sleep(_AGAIN_SECONDS)

    async def watch(self, namespace: str) -> AsyncGenerator[Body]:
        """Watch MnistTrainings of a namespace, or of all: LISTED, then each change.

        It ends when the server forgot where we were: whoever watches begins anew.
        """
        where = f"/namespaces/{namespace}" if namespace else ""
        path = f"/apis/{GROUP}/{VERSION}{where}/{PLURAL}"
        found = read_list(await self.kube.call("GET", path), f"GET {path}")
        yield {"type": "LISTED", "items": found["items"]}
        version = str(found["metadata"].get("resourceVersion", ""))
        while True:
            query = _WATCH | {"resourceVersion": version}
            async with aclosing(self.kube.watch(path, query)) as events:
                async for event in events:
                    if event["type"] not in _CHANGES or not _version(event["object"]):
                        return
                    version = _version(event["object"])
                    yield event
            # A server that is in trouble may end every watch at once.
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _watch(self, namespace: str, name: str) -> AsyncGenerator[Body | None]:
        """One watch, as long as it lasts; None when the object is gone."""
        events = self.kube.watch_training(namespace, name)
        async with aclosing(events):
            async for event in events:
                match event["type"]:
                    case "ADDED" | "MODIFIED":
                        yield event["object"]
                    case "DELETED":
                        yield None
                    case _:  # What an ERROR hides is in the next watch's beginning.
                        return


def _version(body: Body) -> Any:
    return dig(body, "metadata", "resourceVersion")


def ask(place: Place, question: Callable[[Cluster], Awaitable[T]]) -> T:
    """Connect, ask, and say it in one line if there is no answer."""
    try:
        found = find_kubeconfig(place.kubeconfig, os.environ, Path.home())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return asyncio.run(_talk(found, place, question))


async def _talk(
    kubeconfig: Path | None, place: Place, question: Callable[[Cluster], Awaitable[T]]
) -> T:
    try:
        client = await kube.connect(kubeconfig, place.context)
    except ValueError as error:
        where = kubeconfig or "the pod's ServiceAccount"
        raise click.UsageError(f"{where} cannot be used: {error}") from None
    server = (await client.credentials()).server
    cluster = Cluster(client, server, place.namespace or client.namespace)
    try:
        return await question(cluster)
    except NoAnswerError as error:
        raise refuse(error) from None
    except OperatorError as error:
        raise click.ClickException(explain_cluster(error, server)) from None
    finally:
        await client.close()
