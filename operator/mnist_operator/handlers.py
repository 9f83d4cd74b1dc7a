"""Everything that kopf calls; it translates and does not think.

kopf holds a daemon for each MnistTraining, puts a finalizer on it, and tells us
when something changed. Nothing else of kopf is used: its `patch` and return values
can end a daemon for good, its indices can be stale after a lost watch.
"""

from typing import Any

import kopf

from mnist_operator.hub import FINALIZER, Hub
from mnist_operator.resource import DOMAIN, GROUP, PLURAL, VERSION
from mnist_operator.tfjob import (
    TFJOB_GROUP,
    TFJOB_PLURAL,
    TFJOB_VERSION,
    TRAINING_LABEL,
)

__all__ = ["Hub", "configure", "register"]

_STOP_SECONDS = 10.0
"""How long a daemon has to end when it was told to, and again when it is cancelled."""
_AT_ONCE_SECONDS = 1.0
"""One that ends within it is seen to have ended: for others kopf comes back later."""
_TOUCHED = f"{DOMAIN}/ending-checked-at"
"""An annotation of a deleted training whose daemon has not ended at once."""


class _NoProgress(kopf.ProgressStorage):
    """Of daemons and events nothing is stored; kopf copies each object for it.

    But where kopf wants to come back to an object after a while, something has to
    change there: only an event makes it look again.
    """

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        pass

    def purge(self, **_: Any) -> None:
        pass

    def touch(self, *, patch: kopf.Patch, value: str | None, **_: Any) -> None:
        if value is not None:
            patch.metadata.annotations[_TOUCHED] = value

    def clear(self, *, essence: Any) -> Any:
        return essence


class _NoDifferences(kopf.DiffBaseStorage):
    """Nor does anybody ask kopf what has changed: see `sight`."""

    def build(self, **_: Any) -> Any:
        return {}

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        pass


def configure(
    settings: kopf.OperatorSettings, *, scanning: bool = True, selector: str = ""
) -> None:
    """Set kopf up: our finalizer, no peering, quick recovery after an outage.

    Scanning is how kopf notices new kinds and namespaces; it takes a ClusterRole.
    The selector says which trainings are followed: the API server tells of no others.
    """
    selectors = settings.watching.label_selectors
    selectors[TFJOB_GROUP, TFJOB_PLURAL] = TRAINING_LABEL
    if selector:
        selectors[GROUP, PLURAL] = selector
    settings.persistence.progress_storage = _NoProgress()
    settings.persistence.diffbase_storage = _NoDifferences()
    settings.peering.standalone = True
    settings.persistence.finalizer = FINALIZER
    settings.posting.enabled = False
    settings.networking.error_backoffs = [0.5, 1, 2, 4, 4, 4, 4, 4, 8, 8, 8, 8]
    settings.execution.default_backoff = 5
    settings.background.instant_exit_timeout = _AT_ONCE_SECONDS
    settings.scanning.disabled = not scanning
    # Ours ends the process in time. kopf's kills it ten minutes after kopf was ended
    # by a fault, also when it was begun anew since.
    settings.process.ultimate_exiting_timeout = None


def register(
    registry: kopf.OperatorRegistry,
    hub: Hub,
    *,
    scanning: bool = True,
    selector: str = "",
) -> None:
    """Attach the hub to kopf."""

    @kopf.on.login(registry=registry)
    async def log_in(**_: Any) -> kopf.ConnectionInfo:
        # One configuration for both clients: kopf would look for its own.
        found = await hub.kube.credentials()
        return kopf.ConnectionInfo(
            server=found.server,
            token=found.token,
            ca_path=found.ca_path,
            certificate_path=found.certificate_path,
            private_key_path=found.key_path,
            insecure=found.insecure,
        )

    @kopf.daemon(  # type: ignore[arg-type, unused-ignore]
        GROUP,
        VERSION,
        PLURAL,
        registry=registry,
        # Signalled first, then cancelled: kopf warns of each that it has to cancel.
        cancellation_backoff=_STOP_SECONDS,
        cancellation_timeout=_STOP_SECONDS,
    )
    async def follow(body: kopf.Body, uid: str | None, stopped: Any, **_: Any) -> None:
        meta, listed = body.meta, dict(body)
        place = meta.namespace or "", meta.name or ""
        await hub.follow(*place, stopped.wait, uid or "", listed)

    @kopf.on.event(GROUP, VERSION, PLURAL, registry=registry)
    async def training_changed(type: str | None, body: kopf.Body, **_: Any) -> None:  # noqa: A002 (kopf's name)
        hub.hear(body, gone=type == "DELETED")

    @kopf.on.event(
        TFJOB_GROUP,
        TFJOB_VERSION,
        TFJOB_PLURAL,
        registry=registry,
        labels={TRAINING_LABEL: kopf.PRESENT},
    )
    async def job_changed(type: str | None, body: kopf.Body, **_: Any) -> None:  # noqa: A002 (kopf's name)
        hub.hear_job(body, gone=type == "DELETED")

    @kopf.on.startup(registry=registry)
    def start(settings: kopf.OperatorSettings, **_: Any) -> None:
        configure(settings, scanning=scanning, selector=selector)
