"""The operator's program: settings, clients, engine, kopf; put together here only.

Run it with `python -m mnist_operator`, in a pod or beside a kubeconfig.
"""

import asyncio
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any

import kopf
from pydantic import ValidationError

from mnist_operator import kube
from mnist_operator.access import Access
from mnist_operator.engine import Engine
from mnist_operator.errors import OperatorError, SigningKeyError
from mnist_operator.handlers import Hub, register
from mnist_operator.health import Facts, Role
from mnist_operator.kinds import (
    find_absent,
    find_missing,
    wait_for_any,
    wait_for_namespace,
)
from mnist_operator.leadership import Leadership, make_identity
from mnist_operator.listeners import Listeners, listening
from mnist_operator.log_lines import hand_over
from mnist_operator.metrics import Metrics, Sources, exposing
from mnist_operator.pachyderm import Connections, Feeds
from mnist_operator.probes import answering
from mnist_operator.settings import SettingError, Settings, explain
from mnist_operator.signing import read_key
from mnist_operator.supervision import LEASE_LOST, end_at_once, supervise

__all__ = ["main", "make_hub", "serve"]

_LOGGER = logging.getLogger(__name__)
_USAGE_ERROR = 2
_PAUSE_SECONDS = 1.0
_YOUNG_OBJECTS = 20_000
"""So many more than before, and the collector looks for cycles. Each MnistTraining
brings thousands that stay; with Python's 700 it took a sixth of a start with 1,500."""


@asynccontextmanager
async def make_hub(settings: Settings) -> AsyncIterator[Hub]:
    """Open the clients, and close them in the end."""
    metrics = Metrics()
    heard = metrics.pachyderm.pachyderm
    connections = Connections(at_once=settings.pachd_calls, heard=heard)
    feeds = Feeds(poll_seconds=settings.poll_seconds)
    try:
        calls = settings.kubernetes_calls
        cluster = await kube.connect(settings.kubeconfig, at_once=calls)
    except ValueError as error:
        used = settings.kubeconfig or "the pod's ServiceAccount"
        raise SettingError(f"KUBECONFIG: {used} cannot be used: {error}") from error
    try:
        access = Access(cluster, connections, settings, time.monotonic)
        now, cluster.contact.heard = cluster.clock.now, metrics.kubernetes.kubernetes
        async with _telling(settings, metrics) as heard_by:
            engine = Engine(cluster, access, feeds, settings, now, heard_by, metrics)
            hub = Hub(engine)
            waiting = partial(getattr, engine.looks, "waiting")
            metrics.ask(Sources(hub.__len__, waiting, feeds.standing, now))
            yield hub
    finally:
        await feeds.close()
        await connections.close()
        await cluster.close()


@asynccontextmanager
async def _telling(settings: Settings, metrics: Metrics) -> AsyncIterator[Listeners]:
    """Show what is counted, and tell others of runs, if asked to."""
    with exposing(metrics, settings.metrics_port):
        async with listening(os.environ, metrics) as listeners:
            yield listeners


async def serve(settings: Settings, stop: threading.Event | None = None) -> None:
    """Run until `stop` is set."""
    program = _Program(settings)
    port, limit = settings.health_port, settings.stuck_seconds
    async with (
        _hearing(stop or threading.Event(), program.stop),
        answering(program, port, limit=limit),
    ):
        await program.run()


class _Program:
    """What runs in the loop, and how it stands, for the probes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hub: Hub | None = None
        self._role = Role.STARTING
        self._stopped = asyncio.Event()
        self._over = asyncio.Event()

    def facts(self) -> Facts:
        """How things stand."""
        if self._hub is None:
            return Facts(self._role)
        contact = self._hub.kube.contact
        return Facts(
            role=self._role,
            trainings=len(self._hub),
            busy=self._hub.busy(),
            asked_at=contact.at,
            problem=contact.problem,
        )

    async def ping(self) -> None:
        """Ask the API server something."""
        if self._hub is not None:
            await self._hub.kube.ping()

    def stop(self) -> None:
        """Begin no more, and end what is under way."""
        self._role = Role.STOPPING
        self._stopped.set()
        self._over.set()
        if self._hub is not None:
            self._hub.close()

    async def run(self) -> None:
        """Run until stopped, as soon as we may."""
        settings = self._settings
        async with make_hub(settings) as hub, _allowed(settings, hub) as held:
            self._hub = hub
            if not held.is_set() and not self._stopped.is_set():
                self._role = Role.STANDBY
            await _first(held.wait(), self._stopped.wait())
            async with _making_rounds(hub):
                await self._work(hub)

    async def _work(self, hub: Hub) -> None:
        scanning, selector = self._settings.scanning, self._settings.selector
        registry = kopf.OperatorRegistry()
        register(registry, hub, scanning=scanning, selector=selector)
        while not self._stopped.is_set():
            self._role = Role.WORKING
            await self._run_kopf(registry, hub.kube)

    async def _run_kopf(
        self, registry: kopf.OperatorRegistry, server: kube.Kube
    ) -> None:
        """Run kopf until we are stopped, or until it is to begin anew.

        Its watch of a kind that is removed, such as TFJob, gets a 404 and ends all of
        kopf, unless kopf has heard of the removal before. Begun anew, it waits until
        that is there again; or we do, where it may not look.
        """
        over = self._over = asyncio.Event()
        named = self._settings.served
        # Begun before kopf, which ends every task that began after it.
        arrival = asyncio.ensure_future(await self._expect(server, named))
        arrival.add_done_callback(lambda _: over.set())
        try:
            await kopf.operator(
                registry=registry,
                standalone=True,
                clusterwide=not named,
                namespaces=named,
                stop_flag=over,
            )
        except OperatorError as error:
            # Of a look that had failed already one call was under way; kopf waits for
            # whatever began after it, and raises what came of that.
            _LOGGER.debug("a call that nobody waited for: %s", error)
        except Exception as error:
            if getattr(error, "status", None) != HTTPStatus.NOT_FOUND:
                raise
        finally:
            arrival.cancel()
        if not self._stopped.is_set():
            _LOGGER.warning("A kind or a namespace has come or gone: beginning anew.")
            await _first(self._stopped.wait(), asyncio.sleep(_PAUSE_SECONDS))

    async def _expect(
        self, server: kube.Kube, named: list[str]
    ) -> Coroutine[Any, Any, None]:
        """What to wait for besides kopf: it was not there just now."""
        pause = self._settings.poll_seconds
        if self._settings.scanning:
            absent = await find_absent(server, named)
            return wait_for_namespace(server, absent, pause)
        return wait_for_any(server, await find_missing(server), pause)


@asynccontextmanager
async def _hearing(
    stop: threading.Event, ended: Callable[[], None]
) -> AsyncIterator[None]:
    """Call this in the loop when the event of another thread is set."""
    waiting = asyncio.ensure_future(asyncio.to_thread(stop.wait))
    waiting.add_done_callback(lambda _: ended())
    try:
        yield
    finally:
        stop.set()  # Or its thread would wait for ever.
        await waiting


@asynccontextmanager
async def _making_rounds(hub: Hub) -> AsyncIterator[None]:
    """Begun before kopf, which ends every task that began after it."""
    kept = (hub.keep_rounds(), hub.keep_progress(), hub.keep_outputs())
    tasks = {asyncio.ensure_future(each) for each in kept}
    try:
        yield
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.wait(tasks)


@asynccontextmanager
async def _allowed(settings: Settings, hub: Hub) -> AsyncIterator[asyncio.Event]:
    """Whether we may work: with the Lease in hand, or where no Lease is wanted."""
    if settings.lease is None:
        allowed = asyncio.Event()
        allowed.set()
        yield allowed
        return
    leases = kube.Leases(hub.kube, *settings.lease)
    lost = partial(
        end_at_once,
        f"Lease {leases.key} may be another's by now: ending.",
        LEASE_LOST,
        json_log=settings.log_format == "json",
    )
    me = make_identity(settings.pod_name)
    async with Leadership(leases, me, hub.kube.clock.now, lost).contend() as held:
        yield held


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait for one of them; the others are given up."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main() -> int:
    """Read the settings, set up logging, and run."""
    try:
        settings = Settings()
    except ValidationError as error:
        return _refuse(*explain(error))
    json_log = settings.log_format == "json"
    log_format = kopf.LogFormat.JSON if json_log else kopf.LogFormat.PLAIN
    kopf.configure(verbose=False, log_format=log_format)
    logging.getLogger("kopf").setLevel(logging.WARNING)
    # It warns that it does not hear signals: the main thread does.
    logging.getLogger("kopf._core.reactor.running").setLevel(logging.ERROR)
    hand_over(logging.getLogger(), sys.stderr)
    # What was imported stays for ever. Looking through it took the collector 60 ms,
    # now and then between a finished commit and its job.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)
    try:
        if settings.signing_key_file is not None:
            read_key(settings.signing_key_file)
        supervise(partial(serve, settings), json_log=json_log)
    except (SettingError, SigningKeyError) as error:
        return _refuse(str(error))
    return 0


def _refuse(*lines: str) -> int:
    for line in lines:
        print(f"mnist-operator: {line}", file=sys.stderr)  # noqa: T201
    return _USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
