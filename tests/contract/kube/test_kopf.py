"""kopf in this process: daemons, events and finalizers, through everything."""

import asyncio
import threading

import kopf
import pytest

from contract.kube.access import hang_up, until


class Seen:
    """What the operator noticed."""

    def __init__(self):
        self.daemons = {}
        self.events = []

    def count(self, kind):
        return len([one for one in self.events if one[0] == kind])


@pytest.fixture
def seen():
    return Seen()


@pytest.fixture
def registry(access, widgets, seen):
    found = kopf.OperatorRegistry()
    token = access.headers.get("Authorization", "Bearer none").split()[1]

    @kopf.on.login(registry=found)
    async def login(**_):
        return kopf.ConnectionInfo(server=access.url, token=token, insecure=True)

    @kopf.daemon(
        widgets.group,
        "v1",
        "widgets",
        registry=found,
        cancellation_timeout=1,
        cancellation_backoff=0,
    )
    async def daemon(name, stopped, **_):
        seen.daemons[name] = "running"
        try:
            await stopped.wait()
        finally:
            seen.daemons[name] = "ended"

    @kopf.on.event(widgets.group, "v1", "widgets", registry=found)
    async def event(type, name, **_):  # noqa: A002 - kopf's own name
        seen.events.append((type, name))

    return found


@pytest.fixture
async def operator(registry, namespace, widgets, api):
    settings = kopf.OperatorSettings()
    settings.peering.standalone = True
    settings.persistence.finalizer = "example.dev/operator"
    settings.networking.error_backoffs = [0.1] * 50
    ready, stop = threading.Event(), threading.Event()
    # In a loop of its own: when it stops, kopf cancels all that began after it there.
    running = asyncio.create_task(
        asyncio.to_thread(
            asyncio.run,
            _run(
                registry=registry,
                settings=settings,
                namespaces=[namespace],
                ready_flag=ready,
                stop_flag=stop,
            ),
        )
    )
    assert await asyncio.to_thread(ready.wait, 10)
    yield settings
    # While the operator can still take its finalizer away.
    await api.delete(widgets.path)
    await api.until(widgets.path, lambda found: not found["items"])
    stop.set()
    await asyncio.wait_for(running, 10)


async def _run(**options):
    await kopf.operator(**options)
    await hang_up()


async def _eventually(condition):
    async def read():
        return condition()

    await until(read, bool)


async def test_a_daemon_runs_for_each_object_with_kopfs_finalizer(
    operator, widgets, api, seen
):
    await widgets.create()

    await _eventually(lambda: "running" == seen.daemons.get("one"))
    found = await api.until(
        f"{widgets.path}/one", lambda one: one["metadata"].get("finalizers")
    )
    assert ["example.dev/operator"] == found["metadata"]["finalizers"]
    assert "annotations" not in found["metadata"]


async def test_deletion_ends_the_daemon_and_completes(operator, widgets, api, seen):
    await widgets.create()
    await _eventually(lambda: "running" == seen.daemons.get("one"))
    # kopf begins a daemon at once, and puts its finalizer there afterwards.
    await api.until(
        f"{widgets.path}/one", lambda one: one["metadata"].get("finalizers")
    )

    await api.delete(f"{widgets.path}/one")

    await api.until(f"{widgets.path}/one", lambda one: 404 == one.status)
    await _eventually(lambda: "ended" == seen.daemons["one"])


async def test_events_come_for_every_change(operator, widgets, api, seen):
    await widgets.create()
    await _eventually(lambda: "running" == seen.daemons.get("one"))
    before = seen.count("MODIFIED")

    await api.patch(f"{widgets.path}/one", {"spec": {"size": 7}})

    await _eventually(lambda: seen.count("MODIFIED") > before)


@pytest.mark.own_server
async def test_a_compaction_makes_kopf_list_anew_and_go_on(
    own, operator, widgets, seen
):
    await widgets.create("one")
    await _eventually(lambda: "running" == seen.daemons.get("one"))

    own.expire()
    await widgets.create("two")

    await _eventually(lambda: "running" == seen.daemons.get("two"))


@pytest.mark.own_server
async def test_a_restart_of_the_server_makes_kopf_come_back(
    own, operator, widgets, api, seen
):
    await widgets.create("one")
    await _eventually(lambda: "running" == seen.daemons.get("one"))

    await own.kill()
    await own.start()
    await widgets.create("two")

    await _eventually(lambda: "running" == seen.daemons.get("two"))
    await api.delete(f"{widgets.path}/one")
    await api.until(f"{widgets.path}/one", lambda one: 404 == one.status)
