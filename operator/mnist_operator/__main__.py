"""The operator's program: settings, clients, engine, kopf; put together here only.

Run it with `python -m mnist_operator`, in a pod or beside a kubeconfig.
"""

import asyncio
import gc
import logging
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import kopf
from pydantic import ValidationError

from mnist_operator import kube
from mnist_operator.access import Access
from mnist_operator.engine import Engine
from mnist_operator.handlers import Hub, register
from mnist_operator.pachyderm import Connections, Feeds
from mnist_operator.settings import Settings

__all__ = ["main", "make_hub", "serve"]

_LOGGER = logging.getLogger(__name__)
_USAGE_ERROR = 2


@asynccontextmanager
async def make_hub(settings: Settings) -> AsyncIterator[Hub]:
    """Open the clients, and close them in the end."""
    connections = Connections()
    feeds = Feeds(poll_seconds=settings.poll_seconds)
    cluster = await kube.connect(settings.kubeconfig)
    try:
        access = Access(cluster, connections, settings, time.monotonic)
        engine = Engine(cluster, access, feeds, settings, cluster.clock.now)
        yield Hub(engine)
    finally:
        await feeds.close()
        await connections.close()
        await cluster.close()


async def serve(settings: Settings, stop: threading.Event | None = None) -> None:
    """Run until a signal, or until `stop` is set."""
    async with make_hub(settings) as hub:
        registry = kopf.OperatorRegistry()
        register(registry, hub)
        while await _run_kopf(registry, settings, stop):
            _LOGGER.warning("A kind that was watched is gone: beginning anew.")


async def _run_kopf(
    registry: kopf.OperatorRegistry, settings: Settings, stop: threading.Event | None
) -> bool:
    """Run kopf to its end; whether that was the removal of a kind, such as TFJob.

    Its watch of that kind then gets a 404 and ends all of kopf, unless kopf has
    heard of the removal before. Begun anew, it waits until the kind is there again.
    """
    named = settings.served
    port = settings.health_port
    try:
        await kopf.operator(
            registry=registry,
            standalone=True,
            clusterwide=not named,
            namespaces=named,
            liveness_endpoint=f"http://0.0.0.0:{port}/healthz" if port else None,
            stop_flag=stop,
        )
    except Exception as error:
        if getattr(error, "status", None) != HTTPStatus.NOT_FOUND:
            raise
        return True
    return False


def main() -> int:
    """Read the settings, set up logging, and run."""
    try:
        settings = Settings()
    except ValidationError as error:
        print(f"mnist-operator: {error}", file=sys.stderr)  # noqa: T201
        return _USAGE_ERROR
    log_format = kopf.LogFormat.JSON if settings.log_format == "json" else None
    kopf.configure(verbose=False, log_format=log_format or kopf.LogFormat.PLAIN)
    logging.getLogger("kopf").setLevel(logging.WARNING)
    # What was imported stays for ever. Looking through it took the collector 60 ms,
    # now and then between a finished commit and its job.
    gc.collect()
    gc.freeze()
    asyncio.run(serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
