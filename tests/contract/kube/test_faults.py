"""Faults on demand: what tests order is what clients of the local server get."""

import time

import aiohttp
import pytest

from local_cluster.faults import Fault

pytestmark = pytest.mark.own_server

_BUSY = (429, {"kind": "Status", "code": 429, "reason": "TooManyRequests"})


async def test_an_error_instead_of_the_effect(own, api, maps, faults):
    faults.add(Fault("kube.create.configmaps", error=_BUSY))

    answer = await api.post(maps, {"metadata": {"name": "a"}})

    assert (429, "TooManyRequests") == (answer.status, answer["reason"])
    assert 404 == (await api.get(f"{maps}/a")).status


async def test_an_error_although_the_effect_took_place(own, api, maps, faults):
    faults.add(Fault("kube.create.configmaps", error=(500, "boom"), after=True))

    answer = await api.post(maps, {"metadata": {"name": "a"}})

    assert (500, "boom") == (answer.status, answer.body)
    assert 200 == (await api.get(f"{maps}/a")).status


async def test_a_connection_cut_before_the_answer(own, api, maps, faults):
    faults.add(Fault("kube.create.configmaps", drop=True, after=True))

    with pytest.raises(aiohttp.ClientConnectionError):
        await api.post(maps, {"metadata": {"name": "a"}})

    assert 200 == (await api.get(f"{maps}/a")).status


async def test_a_delay_before_the_effect(own, api, maps, faults):
    faults.add(Fault("kube.get.*", delay_seconds=0.1))
    begin = time.monotonic()

    await api.get(f"{maps}/a")

    assert time.monotonic() - begin >= 0.1


async def test_subresources_have_names_of_their_own(own, api, widgets, faults):
    await widgets.create()
    faults.add(Fault("kube.patch.widgets/status", error=_BUSY))

    spec = await api.patch(f"{widgets.path}/one", {"spec": {"size": 4}})
    status = await api.patch(f"{widgets.path}/one/status", {"status": {}})

    assert (200, 429) == (spec.status, status.status)


async def test_a_watch_refused(own, api, maps, faults):
    faults.add(Fault("kube.watch.configmaps", error=_BUSY))

    async with api.watch(maps) as watch:
        assert 429 == watch.status


async def test_a_running_watch_cut_at_its_next_event(own, api, maps, faults):
    async with api.watch(maps) as watch:
        faults.add(Fault("kube.event.configmaps", drop=True))
        await api.post(maps, {"metadata": {"name": "a"}})

        assert await watch.ended()


@pytest.mark.parametrize(
    ("call", "method"),
    [
        ("kube.get.configmaps", "GET"),
        ("kube.update.configmaps", "PUT"),
        ("kube.patch.configmaps", "PATCH"),
        ("kube.delete.configmaps", "DELETE"),
    ],
)
async def test_every_verb_has_its_name(own, api, maps, faults, call, method):
    faults.add(Fault(call, error=_BUSY))

    assert 429 == (await api.ask(method, f"{maps}/a", {})).status
