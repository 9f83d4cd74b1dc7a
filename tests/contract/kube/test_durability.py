"""What a stop, a kill or a compaction does to the local server's clients."""

import asyncio
import json

import aiohttp
import pytest

from contract.kube.access import until
from local_cluster.kube import KubeServer

pytestmark = pytest.mark.own_server


async def _restart(own):
    await own.kill()
    await own.start()


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_acknowledged_writes_survive(own, api, maps, end):
    await api.post(maps, {"metadata": {"name": "kept"}, "data": {"a": "b"}})
    await api.post(maps, {"metadata": {"name": "gone"}})
    await api.delete(f"{maps}/gone")

    await getattr(own, end)()
    await own.start()

    assert {"a": "b"} == (await api.get(f"{maps}/kept"))["data"]
    assert 404 == (await api.get(f"{maps}/gone")).status


async def test_custom_resources_are_served_again_after_a_restart(own, api, widgets):
    await widgets.create(size=4)

    await _restart(own)

    assert 4 == (await api.get(f"{widgets.path}/one"))["spec"]["size"]
    refused = await api.post(widgets.path, widgets.make("two", size=0))
    assert 422 == refused.status


async def test_versions_never_go_back(own, api, maps):
    made = await api.post(maps, {"metadata": {"name": "a"}})
    await api.delete(f"{maps}/a")

    await _restart(own)

    again = await api.post(maps, {"metadata": {"name": "a"}})
    before, after = (int(one["metadata"]["resourceVersion"]) for one in (made, again))
    assert after > before + 1


async def test_the_address_stays_the_same(own):
    before = own.url

    await _restart(own)

    assert before == own.url


async def test_a_torn_last_line_of_the_journal_is_as_if_never_written(
    tmp_path, own, api, maps
):
    await api.post(maps, {"metadata": {"name": "kept"}})
    await own.kill()
    journal = tmp_path / "kube.journal"
    with journal.open("a") as file:
        file.write('{"version":99,"resource":"configmaps","put":{"meta')

    await own.start()

    assert 200 == (await api.get(f"{maps}/kept")).status


async def test_a_new_server_on_the_same_folder_goes_on(tmp_path, own, api, maps):
    await api.post(maps, {"metadata": {"name": "kept"}})
    await own.stop()

    async with (
        KubeServer(tmp_path) as other,
        aiohttp.ClientSession() as session,
        session.get(other.url + maps + "/kept") as response,
    ):
        assert 200 == response.status
    await own.start()


async def test_a_kill_cuts_running_watches(own, api, maps):
    async with api.watch(maps) as watch:
        await own.kill()

        assert await watch.ended()
    await own.start()


async def test_a_stop_ends_running_watches(own, api, maps):
    async with api.watch(maps) as watch:
        await own.stop()

        assert await watch.ended()
    await own.start()


async def test_versions_from_before_a_restart_are_too_old_to_watch(own, api, maps):
    version = (await api.get(maps))["metadata"]["resourceVersion"]

    await _restart(own)

    async with api.watch(maps, resourceVersion=version) as watch:
        kind, status = await watch.next()
    assert ("ERROR", 410, "Expired") == (kind, status["code"], status["reason"])
    assert "too old resource version" in status["message"]


async def test_a_compaction_ends_running_watches_with_gone(own, api, maps):
    version = (await api.get(maps))["metadata"]["resourceVersion"]
    async with api.watch(maps, resourceVersion=version) as watch:
        own.expire()

        kind, status = await watch.next()
        assert ("ERROR", 410) == (kind, status["code"])
        assert await watch.ended()
    async with api.watch(maps, resourceVersion=version) as watch:
        assert "ERROR" == (await watch.next())[0]


async def test_after_a_compaction_a_fresh_list_can_be_watched_from(own, api, maps):
    own.expire()
    version = (await api.get(maps))["metadata"]["resourceVersion"]

    async with api.watch(maps, resourceVersion=version) as watch:
        await api.post(maps, {"metadata": {"name": "a"}})

        assert [("ADDED", "a")] == await watch.names(1)


async def test_watches_can_be_cut_without_a_word(own, api, maps):
    async with api.watch(maps) as watch:
        own.cut_watches()

        assert await watch.ended()


async def test_an_unknown_page_token_is_gone(own, api, maps):
    answer = await api.get(maps, limit=1, **{"continue": "e30="})

    assert (410, "Expired") == (answer.status, answer["reason"])


async def test_the_kubeconfig_is_for_its_owner_alone(tmp_path, own):
    path = own.write_kubeconfig(tmp_path / "config")

    assert 0o600 == path.stat().st_mode & 0o777
    assert own.url == json.loads(path.read_text())["clusters"][0]["cluster"]["server"]


async def test_many_writers_never_share_a_version(own, api, maps):
    made = await asyncio.gather(
        *(api.post(maps, {"metadata": {"name": f"n{n}"}}) for n in range(50))
    )

    versions = {one["metadata"]["resourceVersion"] for one in made}
    assert 50 == len(versions)


async def test_of_many_writers_of_one_object_only_one_wins(own, api, maps):
    first = await api.post(maps, {"metadata": {"name": "a"}})
    bodies = [{**first.body, "data": {"by": str(number)}} for number in range(20)]

    answers = await asyncio.gather(*(api.put(f"{maps}/a", body) for body in bodies))

    assert [200, *[409] * 19] == sorted(one.status for one in answers)


async def test_health_is_answered(own, api):
    found = await until(lambda: api.get("/readyz"), lambda one: 200 == one.status)

    assert "ok" == found.body
