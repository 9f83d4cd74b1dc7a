"""What an object is, which one it is and where: bodies that say otherwise."""


async def test_the_body_must_be_of_the_kind_of_its_path(api, maps):
    body = {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "one"}}
    answer = await api.post(maps, body)

    assert (400, "BadRequest") == (answer.status, answer["reason"])
    assert (
        'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind '
        '"ConfigMap" is registered for version "v2"'
    ) in answer["message"]


async def test_the_body_of_a_custom_resource_must_say_what_it_is(api, widgets):
    other = {**widgets.make(), "apiVersion": "v2"}
    bodies = [other, {**widgets.make(), "kind": "Gadget"}, {"metadata": {"name": "x"}}]

    answers = [await api.post(widgets.path, body) for body in bodies]

    assert [400, 422, 400] == [one.status for one in answers]
    told = [one["message"] for one in answers]
    assert "does not match the expected API version" in told[0]
    assert 'kind: Invalid value: "Gadget": must be Widget' in told[1]
    assert "Object 'Kind' is missing" in told[2]


async def test_the_body_must_be_of_the_namespace_of_its_path(api, maps):
    body = {"metadata": {"name": "one", "namespace": "other"}}
    answer = await api.post(maps, body)

    assert 400 == answer.status
    assert "namespace of the provided object does not match" in answer["message"]


async def test_an_update_under_another_uid_is_a_conflict(api, maps):
    await api.post(maps, {"metadata": {"name": "one"}})

    answer = await api.put(f"{maps}/one", {"metadata": {"name": "one", "uid": "x"}})

    assert (409, "Conflict") == (answer.status, answer["reason"])
    assert "Precondition failed: UID in precondition: x, UID" in answer["message"]


async def test_a_patch_of_the_uid_is_refused(api, maps, widgets):
    await api.post(maps, {"metadata": {"name": "one"}})
    await widgets.create()
    change = {"metadata": {"uid": "other"}}

    for path in (maps, widgets.path):
        answer = await api.patch(f"{path}/one", change)

        assert (422, "Invalid") == (answer.status, answer["reason"])
        told = 'metadata.uid: Invalid value: "other": field is immutable'
        assert answer["message"].endswith(told)


async def test_the_status_of_a_custom_resource_is_patched_whatever_the_uid(
    api, widgets
):
    await widgets.create()

    change = {"metadata": {"uid": "other"}, "status": {"ready": True}}
    answer = await api.patch(f"{widgets.path}/one/status", change)

    assert {"ready": True} == answer["status"]
