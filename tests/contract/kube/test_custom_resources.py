"""Custom resources: served while defined, pruned, defaulted, versioned."""

import pytest

from contract.kube.conftest import CRDS
from contract.kube.widgets import definition


async def test_a_definition_is_established_and_served(api, widgets):
    found = await api.get(f"{CRDS}/widgets.{widgets.group}")

    conditions = {one["type"]: one["status"] for one in found["status"]["conditions"]}
    assert {"NamesAccepted": "True", "Established": "True"} == conditions
    assert "WidgetList" == found["status"]["acceptedNames"]["listKind"]
    assert ["v1"] == found["status"]["storedVersions"]


async def test_discovery_tells_of_a_custom_resource(api, widgets):
    found = await api.get(f"/apis/{widgets.group}/v1")

    entries = {one["name"]: one for one in found["resources"]}
    assert {"widgets", "widgets/status"} == set(entries)
    assert ["wd"] == entries["widgets"]["shortNames"]
    assert {"get", "list", "watch", "create", "patch"} <= set(
        entries["widgets"]["verbs"]
    )


async def test_a_deleted_definition_takes_its_objects_and_paths_along(api, new_widgets):
    await new_widgets.create()

    await api.delete(f"{CRDS}/widgets.{new_widgets.group}")

    await api.until(new_widgets.path, lambda answer: 404 == answer.status)
    gone = f"{CRDS}/widgets.{new_widgets.group}"
    await api.until(gone, lambda answer: 404 == answer.status)
    made = await api.post(CRDS, definition(new_widgets.group))
    assert 201 == made.status
    fresh = await api.until(new_widgets.path, lambda answer: 200 == answer.status)
    assert [] == fresh["items"]


def _without(document, *path):
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return document


def _with(document, value, *path):
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return document


_SPEC = ("spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "spec")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param(
            lambda one: _with(one, "other.example.dev", "metadata", "name"),
            'must be spec.names.plural+"."+spec.group',
            id="a-name-that-does-not-match",
        ),
        pytest.param(
            lambda one: _without(one, "spec", "versions", 0, "schema"),
            "spec.versions[0].schema.openAPIV3Schema: Required value",
            id="no-schema",
        ),
        pytest.param(
            lambda one: _without(one, *_SPEC, "type"),
            "must not be empty for specified object fields",
            id="a-schema-without-types",
        ),
        pytest.param(
            lambda one: _with(
                one, [{"rule": "self =="}], *_SPEC, "x-kubernetes-validations"
            ),
            "compilation failed",
            id="a-rule-that-is-not-CEL",
        ),
    ],
)
async def test_a_broken_definition_is_refused(api, broken, told):
    answer = await api.post(CRDS, broken(definition("broken.example.dev")))

    assert (422, "Invalid") == (answer.status, answer["reason"])
    assert told in answer["message"]


async def test_defaults_are_filled_in_at_every_level(widgets):
    made = await widgets.create(env=[{"name": "A"}])

    assert ("Fast", 3) == (made["spec"]["mode"], made["spec"]["size"])
    assert [{"name": "A", "value": "-"}] == made["spec"]["env"]


async def test_an_object_without_a_spec_gets_the_default_one(api, widgets):
    body = widgets.make("bare")
    del body["spec"]

    made = await api.post(widgets.path, body)

    assert {"mode": "Fast", "size": 3} == made["spec"]


async def test_null_gives_way_to_the_default_unless_it_is_allowed(widgets):
    made = await widgets.create(size=None, note=None)

    assert {"mode": "Fast", "size": 3, "note": None} == made["spec"]


async def test_unknown_fields_are_pruned_except_where_they_are_kept(api, widgets):
    body = widgets.make("one", nope=1, template={"any": {"thing": 1}}, tags={"a": "b"})

    made = await api.post(widgets.path, {**body, "extra": 1})

    assert 201 == made.status
    assert "nope" not in made["spec"]
    assert "extra" not in made.body
    assert {"any": {"thing": 1}} == made["spec"]["template"]
    assert {"a": "b"} == made["spec"]["tags"]


async def test_unknown_fields_are_warned_about(api, widgets):
    made = await api.post(widgets.path, widgets.make("one", nope=1))

    assert r'299 - "unknown field \"spec.nope\""' == made.headers["Warning"]


async def test_strict_validation_refuses_unknown_fields(api, widgets):
    body = widgets.make("one", nope=1, env=[{"name": "A", "odd": 1}])
    answer = await api.post(widgets.path, body, fieldValidation="Strict")

    assert (400, "BadRequest") == (answer.status, answer["reason"])
    for path in ("spec.nope", "spec.env[0].odd"):
        assert f'unknown field "{path}"' in answer["message"]
    assert "strict decoding error" in answer["message"]


async def test_strict_validation_of_a_patch_answers_invalid(api, widgets):
    await widgets.create()

    path = f"{widgets.path}/one"
    change = {"spec": {"nope": 1}}
    answer = await api.patch(path, change, fieldValidation="Strict")

    assert 422 == answer.status
    assert 'unknown field "spec.nope"' in answer["message"]


async def test_ignored_validation_says_nothing_of_unknown_fields(api, widgets):
    body = widgets.make("one", nope=1)
    made = await api.post(widgets.path, body, fieldValidation="Ignore")

    assert 201 == made.status
    assert "Warning" not in made.headers


async def test_status_is_written_through_its_own_door_only(api, widgets):
    path = f"{widgets.path}/one"
    made = await api.post(widgets.path, {**widgets.make(), "status": {"ready": True}})
    assert "status" not in made.body

    await api.patch(path, {"status": {"ready": True}})
    assert "status" not in (await api.get(path)).body

    change = {"status": {"ready": True}, "spec": {"size": 9}}
    after = await api.patch(f"{path}/status", change)
    assert {"ready": True} == after["status"]
    assert 3 == after["spec"]["size"]


async def test_the_status_door_takes_replacements_too(api, widgets):
    made = await widgets.create()
    path = f"{widgets.path}/one/status"

    after = await api.put(path, {**made, "status": {"ready": False}})

    assert {"ready": False} == after["status"]
    assert {"ready": False} == (await api.get(path))["status"]


async def test_only_changes_of_the_spec_make_a_new_generation(api, widgets):
    path = f"{widgets.path}/one"
    made = await widgets.create()

    status = await api.patch(f"{path}/status", {"status": {"ready": True}})
    label = await api.patch(path, {"metadata": {"labels": {"a": "b"}}})
    spec = await api.patch(path, {"spec": {"size": 7}})

    found = [made, status.body, label.body, spec.body]
    assert [1, 1, 1, 2] == [one["metadata"]["generation"] for one in found]


async def test_an_update_must_say_which_version_it_replaces(api, widgets):
    made = await widgets.create()
    body = {**made, "metadata": {"name": "one"}}

    answer = await api.put(f"{widgets.path}/one", body)

    assert 422 == answer.status
    assert "must be specified for an update" in answer["message"]
