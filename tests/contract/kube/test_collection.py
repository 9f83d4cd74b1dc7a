"""What the local server does for a controller manager: collecting what is left."""

import pytest

pytestmark = pytest.mark.own_server


def _owned(name, *owners, **more):
    references = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            **more,
        }
        for owner in owners
    ]
    return {"metadata": {"name": name, "ownerReferences": references}}


def _gone(answer):
    return 404 == answer.status


async def test_what_is_owned_goes_after_its_owner(own, api, maps):
    owner = await api.post(maps, {"metadata": {"name": "owner"}})
    child = await api.post(maps, _owned("child", owner))
    await api.post(maps, _owned("grandchild", child))

    await api.delete(f"{maps}/owner")

    await api.until(f"{maps}/child", _gone)
    await api.until(f"{maps}/grandchild", _gone)


async def test_what_has_another_owner_stays(own, api, maps):
    first = await api.post(maps, {"metadata": {"name": "first"}})
    second = await api.post(maps, {"metadata": {"name": "second"}})
    await api.post(maps, _owned("both", first, second))
    await api.post(maps, _owned("one", first))

    await api.delete(f"{maps}/first")

    await api.until(f"{maps}/one", _gone)
    assert 200 == (await api.get(f"{maps}/both")).status


async def test_an_owner_of_the_same_name_is_another_owner(own, api, maps):
    await api.post(maps, {"metadata": {"name": "owner"}})
    stranger = {"metadata": {"name": "owner", "uid": "0-0-0"}}
    await api.post(maps, _owned("child", stranger))

    await api.until(f"{maps}/child", _gone)


async def test_orphaning_lets_the_owned_go_free(own, api, maps):
    owner = await api.post(maps, {"metadata": {"name": "owner"}})
    await api.post(maps, _owned("child", owner))

    await api.delete(f"{maps}/owner", propagationPolicy="Orphan")

    await api.until(f"{maps}/owner", _gone)
    child = await api.get(f"{maps}/child")
    assert 200 == child.status
    assert (
        "ownerReferences" not in child["metadata"]
        or not child["metadata"]["ownerReferences"]
    )


async def test_foreground_deletion_waits_for_the_owned(own, api, maps):
    owner = await api.post(maps, {"metadata": {"name": "owner"}})
    child = _owned("child", owner, blockOwnerDeletion=True)
    child["metadata"]["finalizers"] = ["a.dev/x"]
    await api.post(maps, child)

    await api.delete(f"{maps}/owner", propagationPolicy="Foreground")
    held = await api.until(
        f"{maps}/child", lambda one: one["metadata"].get("deletionTimestamp")
    )
    assert 200 == (await api.get(f"{maps}/owner")).status

    rest = [one for one in held["metadata"]["finalizers"] if one != "a.dev/x"]
    await api.patch(f"{maps}/child", {"metadata": {"finalizers": rest}})
    await api.until(f"{maps}/owner", _gone)


async def test_a_namespace_goes_with_all_that_it_holds(own, api, widgets, namespace):
    await widgets.create()
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    body = {"metadata": {"name": "held", "finalizers": ["a.dev/x"]}}
    await api.post(maps, body)

    going = await api.delete(f"/api/v1/namespaces/{namespace}")

    assert "Terminating" == going["status"]["phase"]
    refused = await api.post(maps, {"metadata": {"name": "late"}})
    assert (403, "Forbidden") == (refused.status, refused["reason"])
    await api.until(f"{widgets.path}/one", _gone)
    await api.patch(f"{maps}/held", {"metadata": {"finalizers": None}})
    await api.until(f"/api/v1/namespaces/{namespace}", _gone)


async def test_what_was_due_before_a_kill_is_collected_after_it(own, api, maps):
    owner = await api.post(maps, {"metadata": {"name": "owner"}})
    await api.post(maps, _owned("child", owner))
    await own.stop()
    own._store.open()
    own._store.remove("configmaps", (maps.split("/")[4], "owner"))
    own._store.close()

    await own.start()

    await api.until(f"{maps}/child", _gone)
