"""Each of the four kinds of patch does what its media type says."""

import pytest


@pytest.fixture
async def one(api, maps):
    body = {
        "metadata": {"name": "one", "labels": {"a": "1"}},
        "data": {"x": "1", "y": "2"},
    }
    await api.post(maps, body)
    return f"{maps}/one"


async def test_a_merge_patch_sets_what_it_names_and_null_removes(api, one):
    after = await api.patch(one, {"data": {"x": None, "z": "3"}})

    assert {"y": "2", "z": "3"} == after["data"]


async def test_a_json_patch_is_carried_out_step_by_step(api, one):
    steps = [
        {"op": "test", "path": "/data/x", "value": "1"},
        {"op": "replace", "path": "/data/x", "value": "9"},
        {"op": "remove", "path": "/data/y"},
        {"op": "add", "path": "/metadata/annotations", "value": {"k": "v"}},
    ]

    after = await api.patch(one, steps, "json")

    assert {"x": "9"} == after["data"]
    assert {"k": "v"} == after["metadata"]["annotations"]


async def test_a_json_patch_whose_test_fails_changes_nothing(api, one):
    steps = [
        {"op": "replace", "path": "/data/x", "value": "9"},
        {"op": "test", "path": "/metadata/resourceVersion", "value": "1"},
    ]

    answer = await api.patch(one, steps, "json")

    assert (422, "Invalid") == (answer.status, answer["reason"])
    assert {"x": "1", "y": "2"} == (await api.get(one))["data"]


async def test_a_strategic_patch_merges_lists_by_their_keys(api, namespace):
    path = f"/api/v1/namespaces/{namespace}/pods"
    containers = [
        {"name": "a", "image": "i:1", "env": [{"name": "X", "value": "1"}]},
        {"name": "b", "image": "i:1"},
    ]
    spec = {"containers": containers, "schedulerName": "nobody"}
    await api.post(path, {"metadata": {"name": "p"}, "spec": spec})

    change = {"spec": {"containers": [{"name": "b", "image": "i:2"}]}}
    after = await api.patch(f"{path}/p", change, "strategic-merge")

    assert 200 == after.status, after.body
    images = [one["image"] for one in after["spec"]["containers"]]
    assert ["i:1", "i:2"] == images
    await api.delete(f"{path}/p", gracePeriodSeconds=0)


async def test_a_strategic_patch_can_take_items_out(api, maps):
    finalizers = ["a.dev/x", "a.dev/y"]
    await api.post(maps, {"metadata": {"name": "f", "finalizers": finalizers}})

    change = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a.dev/x"]}}
    after = await api.patch(f"{maps}/f", change, "strategic-merge")

    assert ["a.dev/y"] == after["metadata"]["finalizers"]
    await api.patch(f"{maps}/f", {"metadata": {"finalizers": None}})


async def test_custom_resources_take_no_strategic_patch(api, widgets):
    await widgets.create()

    answer = await api.patch(f"{widgets.path}/one", {"spec": {}}, "strategic-merge")

    assert 415 == answer.status
    assert "application/merge-patch+json" in answer["message"]


async def test_an_apply_patch_makes_what_is_not_there(api, widgets):
    made = await api.patch(f"{widgets.path}/new", widgets.make("new", size=5), "apply")

    assert 201 == made.status
    assert 5 == made["spec"]["size"]


async def test_an_apply_patch_removes_what_its_manager_no_longer_says(api, widgets):
    path = f"{widgets.path}/one"
    first = widgets.make("one", name="abc", tags={"a": "1", "b": "2"})
    await api.patch(path, first, "apply")
    await api.patch(path, {"spec": {"tags": {"other": "3"}}})

    after = await api.patch(path, widgets.make("one", tags={"a": "1"}), "apply")

    assert "name" not in after["spec"]
    assert {"a": "1", "other": "3"} == after["spec"]["tags"]


async def test_an_apply_patch_merges_keyed_lists(api, widgets):
    path = f"{widgets.path}/one"
    await widgets.create(env=[{"name": "A", "value": "1"}])

    wanted = widgets.make("one", env=[{"name": "B", "value": "2"}])
    after = await api.patch(path, wanted, "apply")

    assert ["A", "B"] == [one["name"] for one in after["spec"]["env"]]


async def test_an_apply_patch_must_say_who_applies(api, widgets):
    path = f"{widgets.path}/one"
    answer = await api.patch(path, widgets.make(), "apply", fieldManager="")

    assert answer.status in {400, 422}
    assert "fieldManager" in answer["message"]


async def test_a_patch_under_a_stale_version_is_a_conflict(api, one):
    change = {"metadata": {"resourceVersion": "1"}, "data": {"x": "2"}}

    assert 409 == (await api.patch(one, change)).status
