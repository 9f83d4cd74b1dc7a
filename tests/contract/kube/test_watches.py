"""Watches tell everything, in order, once, from the version that a client names."""

import pytest


def _about(name, **more):
    return {"metadata": {"name": name, **more}}


@pytest.fixture
def mine(maps):
    """Leaves out the config map that every real namespace gets."""
    return maps, {"labelSelector": "of=test"}


def _mine(name, **more):
    return {**_about(name, labels={"of": "test"}), **more}


async def test_a_watch_from_a_version_tells_what_came_after_it(api, mine):
    path, only = mine
    await api.post(path, _mine("before"))
    version = (await api.get(path))["metadata"]["resourceVersion"]
    await api.post(path, _mine("a"))

    async with api.watch(path, resourceVersion=version, **only) as watch:
        await api.patch(f"{path}/a", {"data": {"x": "1"}})
        await api.delete(f"{path}/a")

        told = await watch.names(3)

    assert [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")] == told


async def test_a_watch_without_a_version_begins_with_what_there_is(api, mine):
    path, only = mine
    await api.post(path, _mine("a"))
    await api.post(path, _mine("b"))

    async with api.watch(path, **only) as watch:
        told = await watch.names(2)

    assert [("ADDED", "a"), ("ADDED", "b")] == sorted(told)


async def test_a_deletion_carries_a_version_of_its_own(api, mine):
    path, only = mine
    made = await api.post(path, _mine("a"))
    version = made["metadata"]["resourceVersion"]

    async with api.watch(path, resourceVersion=version, **only) as watch:
        await api.delete(f"{path}/a")
        _, gone = await watch.next()

    assert int(gone["metadata"]["resourceVersion"]) > int(version)


async def test_other_namespaces_are_not_told_of(api, mine):
    path, only = mine
    other = await api.post("/api/v1/namespaces", {"metadata": {"generateName": "o-"}})
    elsewhere = f"/api/v1/namespaces/{other['metadata']['name']}"
    version = (await api.get(path))["metadata"]["resourceVersion"]

    async with api.watch(path, resourceVersion=version, **only) as watch:
        await api.post(f"{elsewhere}/configmaps", _mine("there"))
        await api.post(path, _mine("here"))

        assert [("ADDED", "here")] == await watch.names(1)
    await api.delete(elsewhere)


async def test_objects_come_and_go_as_they_begin_and_cease_to_match(api, maps):
    await api.post(maps, _about("a"))
    version = (await api.get(maps))["metadata"]["resourceVersion"]
    query = {"labelSelector": "on=yes", "resourceVersion": version}

    async with api.watch(maps, **query) as watch:
        await api.patch(f"{maps}/a", {"metadata": {"labels": {"on": "yes"}}})
        await api.patch(f"{maps}/a", {"data": {"x": "1"}})
        await api.patch(f"{maps}/a", {"metadata": {"labels": {"on": "no"}}})
        await api.post(maps, _about("b", labels={"on": "yes"}))

        told = await watch.names(4)

    assert [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a"), ("ADDED", "b")] == told


async def test_one_object_can_be_watched_by_its_name(api, mine):
    path, _ = mine
    version = (await api.get(path))["metadata"]["resourceVersion"]
    query = {"fieldSelector": "metadata.name=b", "resourceVersion": version}

    async with api.watch(path, **query) as watch:
        await api.post(path, _mine("a"))
        await api.post(path, _mine("b"))

        assert [("ADDED", "b")] == await watch.names(1)


async def test_initial_events_end_with_a_bookmark_that_says_so(api, mine):
    path, only = mine
    await api.post(path, _mine("a"))
    query = {
        "sendInitialEvents": "true",
        "allowWatchBookmarks": "true",
        "resourceVersionMatch": "NotOlderThan",
    }

    async with api.watch(path, **query, **only) as watch:
        first = await watch.next()
        if "ERROR" == first[0]:  # an etcd before 3.5.13, where clients list instead
            assert "RequestWatchProgress is disabled" in first[1]["message"]
            return
        bookmark = await watch.next()

    assert ("ADDED", "a") == (first[0], first[1]["metadata"]["name"])
    assert "BOOKMARK" == bookmark[0]
    about = bookmark[1]["metadata"]
    assert "true" == about["annotations"]["k8s.io/initial-events-end"]
    assert int(about["resourceVersion"]) > 0


async def test_a_watch_ends_when_its_time_is_over(api, maps):
    async with api.watch(maps, timeoutSeconds=1) as watch:
        assert await watch.ended()


async def test_custom_resources_are_watched_like_any_other(api, widgets):
    version = (await api.get(widgets.path))["metadata"]["resourceVersion"]

    async with api.watch(widgets.path, resourceVersion=version) as watch:
        await widgets.create()
        change = {"status": {"ready": True}}
        await api.patch(f"{widgets.path}/one/status", change)

        told = [await watch.next() for _ in range(2)]

    assert ["ADDED", "MODIFIED"] == [kind for kind, _ in told]
    assert [f"{widgets.group}/v1"] * 2 == [one["apiVersion"] for _, one in told]
    assert {"ready": True} == told[1][1]["status"]


async def test_a_watch_in_tables_tells_one_row_at_a_time(api, widgets):
    await widgets.create()
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io"

    answer = await api.get(widgets.path, accept=accept, watch=1, timeoutSeconds=1)

    assert "ADDED" == answer["type"]
    assert "one" == answer["object"]["rows"][0]["cells"][0]
