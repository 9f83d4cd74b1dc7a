"""Everything that kopf calls; it translates and does not think.

kopf holds a daemon for each MnistTraining, puts a finalizer on it, and tells us
when something changed. Nothing else of kopf is used: its `patch` and return values
can end a daemon for good, its indices can be stale after a lost watch.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import kopf

from mnist_operator.engine import Engine, Follower
from mnist_operator.kube import Kube
from mnist_operator.resource import DOMAIN, GROUP, PLURAL, VERSION
from mnist_operator.tfjob import (
    TFJOB_GROUP,
    TFJOB_PLURAL,
    TFJOB_VERSION,
    TRAINING_LABEL,
)

__all__ = ["Hub", "configure", "register"]

_LOGGER = logging.getLogger(__name__)
_FIRST = asyncio.FIRST_COMPLETED
_STOP_SECONDS = 10.0


class Hub:
    """The followers at work, by namespace and name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._followers: dict[tuple[str, str], Follower] = {}
        self._gone: dict[str, asyncio.Event] = {}
        self._closed = False

    def __len__(self) -> int:
        """How many trainings are followed."""
        return len(self._followers)

    @property
    def kube(self) -> Kube:
        """The API server that all of them ask."""
        return self._engine.kube

    def busy(self) -> dict[str, float]:
        """The followers that are inside a step, and since when, by the loop's time."""
        return {
            "/".join(key): each.busy_since
            for key, each in self._followers.items()
            if each.busy_since is not None
        }

    def close(self) -> None:
        """End all followers, and begin no more.

        kopf works off its backlog while it stops, and begins daemons for it that
        nobody tells of the end.
        """
        self._closed = True
        for each in self._gone.values():
            each.set()

    async def log_in(self) -> kopf.ConnectionInfo:
        """One configuration for both clients: kopf would look for its own."""
        found = await self._engine.kube.credentials()
        return kopf.ConnectionInfo(
            server=found.server,
            token=found.token,
            ca_path=found.ca_path,
            certificate_path=found.certificate_path,
            private_key_path=found.key_path,
            insecure=found.insecure,
        )

    async def follow(
        self,
        namespace: str,
        name: str,
        stopped: Callable[[], Awaitable[object]],
        uid: str = "",
    ) -> None:
        """Follow one training until that comes to its end, or until cancelled.

        kopf begins a daemon before its finalizer is there: one that is deleted in
        between goes without a word to its daemon. So its end is listened for here.
        """
        if self._closed:
            return
        follower = Follower(self._engine, namespace, name)
        self._followers[namespace, name] = follower
        gone = self._gone[uid] = asyncio.Event()
        following = asyncio.ensure_future(follower.follow())
        stopping = asyncio.ensure_future(stopped())
        going = asyncio.ensure_future(gone.wait())
        try:
            await asyncio.wait({following, stopping, going}, return_when=_FIRST)
            if following.done():
                await following  # It ends by a fault alone: kopf begins it anew.
        finally:
            for each in (following, stopping, going):
                each.cancel()
            await asyncio.gather(following, stopping, going, return_exceptions=True)
            self._gone.pop(uid, None)
            if self._followers.get((namespace, name)) is follower:
                del self._followers[namespace, name]

    def hear(self, body: kopf.Body, *, gone: bool) -> None:
        """Something of a training has changed: tell whom it concerns."""
        key = body.meta.namespace or "", body.meta.name or ""
        if gone:
            ended = self._gone.get(body.meta.uid or "")
            if ended is not None:
                ended.set()
            for other in self._engine.neighbours.forget(*key):
                self.wake(*other)
            return
        self._engine.neighbours.see(body)
        found = self._followers.get(key)
        if found is not None:
            found.hear(body)

    def wake(self, namespace: str | None, name: str | None) -> None:
        """Wake the follower of a training, if there is one."""
        follower = self._followers.get((namespace or "", name or ""))
        if follower is not None:
            follower.wake()


def configure(settings: kopf.OperatorSettings, *, scanning: bool = True) -> None:
    """Set kopf up: our finalizer, no peering, quick recovery after an outage.

    Scanning is how kopf notices new kinds and namespaces; it takes a ClusterRole.
    """
    settings.peering.standalone = True
    settings.persistence.finalizer = f"{DOMAIN}/operator"
    settings.posting.enabled = False
    settings.networking.error_backoffs = [0.5, 1, 2, 4, 4, 4, 4, 4, 8, 8, 8, 8]
    settings.execution.default_backoff = 5
    settings.scanning.disabled = not scanning
    # Ours ends the process in time. kopf's kills it ten minutes after kopf was ended
    # by a fault, also when it was begun anew since.
    settings.process.ultimate_exiting_timeout = None


def register(
    registry: kopf.OperatorRegistry, hub: Hub, *, scanning: bool = True
) -> None:
    """Attach the hub to kopf."""

    @kopf.on.login(registry=registry)
    async def log_in(**_: Any) -> kopf.ConnectionInfo:
        return await hub.log_in()

    @kopf.daemon(  # type: ignore[arg-type, unused-ignore]
        GROUP,
        VERSION,
        PLURAL,
        registry=registry,
        # Signalled first, then cancelled: kopf warns of each that it has to cancel.
        cancellation_backoff=_STOP_SECONDS,
        cancellation_timeout=_STOP_SECONDS,
    )
    async def follow(
        namespace: str | None, name: str | None, uid: str | None, stopped: Any, **_: Any
    ) -> None:
        await hub.follow(namespace or "", name or "", stopped.wait, uid or "")

    @kopf.on.event(GROUP, VERSION, PLURAL, registry=registry)
    def training_changed(type: str | None, body: kopf.Body, **_: Any) -> None:  # noqa: A002 (kopf's name)
        hub.hear(body, gone=type == "DELETED")

    @kopf.on.event(
        TFJOB_GROUP,
        TFJOB_VERSION,
        TFJOB_PLURAL,
        registry=registry,
        labels={TRAINING_LABEL: kopf.PRESENT},
    )
    def job_changed(namespace: str | None, labels: kopf.Labels, **_: Any) -> None:
        hub.wake(namespace, labels[TRAINING_LABEL])

    @kopf.on.startup(registry=registry)
    def start(settings: kopf.OperatorSettings, **_: Any) -> None:
        configure(settings, scanning=scanning)
