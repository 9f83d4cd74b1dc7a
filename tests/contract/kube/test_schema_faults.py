"""What the schema of a custom resource refuses, and what may stay as it was."""

import pytest

from contract.kube.conftest import CRDS


@pytest.mark.parametrize(
    ("spec", "field", "told"),
    [
        pytest.param(
            {"mode": "Other"},
            "spec.mode",
            'Unsupported value: "Other": supported values: "Fast", "Slow"',
            id="not-in-the-enumeration",
        ),
        pytest.param(
            {"size": 0},
            "spec.size",
            "spec.size in body should be greater than or equal to 1",
            id="below-the-minimum",
        ),
        pytest.param(
            {"size": 11},
            "spec.size",
            "spec.size in body should be less than or equal to 10",
            id="above-the-maximum",
        ),
        pytest.param(
            {"size": "three"},
            "spec.size",
            'spec.size in body must be of type integer: "string"',
            id="of-the-wrong-type",
        ),
        pytest.param(
            {"size": True},
            "spec.size",
            'must be of type integer: "boolean"',
            id="a-boolean-is-no-integer",
        ),
        pytest.param({"name": "abcdefghi"}, "spec.name", "Too long", id="too-long"),
        pytest.param(
            {"name": "a"},
            "spec.name",
            "spec.name in body should be at least 2 chars long",
            id="too-short",
        ),
        pytest.param(
            {"name": "ABC"},
            "spec.name",
            "spec.name in body should match '^[a-z]+$'",
            id="against-the-pattern",
        ),
        pytest.param(
            {"paths": ["a", "b", "c"]},
            "spec.paths",
            "Too many: 3: must have at most 2 items",
            id="too-many-items",
        ),
        pytest.param(
            {"env": [{"value": "x"}]},
            "spec.env[0].name",
            "Required value",
            id="without-a-required-field",
        ),
        pytest.param(
            {"port": 1.5},
            "spec.port",
            "Invalid value",
            id="neither-integer-nor-string",
        ),
        pytest.param(
            {"mode": "Slow", "size": 1},
            "spec",
            "Slow needs a size above 1",
            id="against-a-rule-over-two-fields",
        ),
        pytest.param(
            {"ratio": 2.5},
            "spec",
            "the ratio is too much for Fast",
            id="against-a-rule-that-words-its-own-message",
        ),
    ],
)
async def test_values_against_the_schema_are_refused(api, widgets, spec, field, told):
    answer = await api.post(widgets.path, widgets.make("one", **spec))

    assert (422, "Invalid") == (answer.status, answer["reason"])
    assert answer["message"].startswith(f'Widget.{widgets.group} "one" is invalid: ')
    causes = {cause["field"]: cause["message"] for cause in answer["details"]["causes"]}
    assert told in causes[field]


@pytest.mark.parametrize("port", [80, "http"])
async def test_integers_and_strings_both_fit_where_both_may_be(widgets, port):
    made = await widgets.create(port=port)

    assert port == made["spec"]["port"]


async def test_all_faults_are_told_at_once(api, widgets):
    answer = await api.post(widgets.path, widgets.make("one", size=0, ratio=2.5))

    fields = {cause["field"] for cause in answer["details"]["causes"]}
    assert {"spec.size", "spec"} == fields


async def test_rules_wait_for_an_object_whose_types_they_can_rely_on(api, widgets):
    body = widgets.make("one", size=0, mode="Other", ratio=2.5)
    answer = await api.post(widgets.path, body)

    causes = {cause["field"]: cause["message"] for cause in answer["details"]["causes"]}
    assert {"spec.size", "spec.mode", "<nil>"} == set(causes)
    assert (
        "Invalid value: null: some validation rules were not checked because the "
        "object was invalid; correct the existing errors to complete validation"
    ) == causes["<nil>"]


async def test_an_immutable_field_can_be_set_once_and_not_changed(api, widgets):
    path = f"{widgets.path}/one"
    await widgets.create()

    first = await api.patch(path, {"spec": {"repo": "a"}})
    other = await api.patch(path, {"spec": {"size": 4}})
    changed = await api.patch(path, {"spec": {"repo": "b"}})

    assert (200, 200, 422) == (first.status, other.status, changed.status)
    assert (
        f'Widget.{widgets.group} "one" is invalid: spec.repo: Invalid value: "string": '
        "the repo cannot be changed"
    ) == changed["message"]


async def test_what_was_invalid_before_may_stay_while_others_change(api, new_widgets):
    """A schema that became stricter does not lock up what is already stored."""
    await new_widgets.create(size=9)
    crd = (await api.get(f"{CRDS}/widgets.{new_widgets.group}")).body
    tree = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    tree["properties"]["spec"]["properties"]["size"]["maximum"] = 5
    await api.put(f"{CRDS}/widgets.{new_widgets.group}", crd)
    path = f"{new_widgets.path}/one"
    await api.until(
        f"{new_widgets.path}",
        lambda _: True,
    )

    kept = await api.patch(path, {"spec": {"note": "x"}})
    worse = await api.patch(path, {"spec": {"size": 8}})

    assert (200, 422) == (kept.status, worse.status)
