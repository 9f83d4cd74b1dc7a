"""Every edit that the schema allows is really allowed, and no field is forgotten."""

import re
from collections import defaultdict

import pytest

from simulation.walks.admission import admit, stored
from simulation.walks.edits import edits, leaves, merge, read_schema
from simulation.walks.mistakes import is_named, mistakes, rules, tables
from simulation.walks.values import SAMPLES, pattern_of, samples_of

_PLAIN = stored({})
_FIXED = ("spec.input must not change", "spec.output must not change")


def of_fields(some):
    found = defaultdict(list)
    for each in some:
        found[each.field].append(each)
    return found


def patterns(node):
    """All that the schema has, with the greatest length."""
    if pattern_of(node) is not None:
        yield pattern_of(node), node["maxLength"]
    inside = [*node.get("properties", {}).values(), node.get("items")]
    for inner in (*inside, node.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from patterns(inner)


def tried(edit):
    """What the API server says of it: made where nothing else was said."""
    if edit.fresh:
        return admit(merge({}, edit.patch))
    return admit(merge(_PLAIN, edit.patch), _PLAIN)


def test_every_field_of_the_schema_is_edited():
    found = of_fields(edits())

    assert [] == [path for path, _ in leaves() if path not in found]


def test_every_value_of_an_enum_and_both_bounds_of_a_number_are_tried():
    found = of_fields(edits())
    for path, node in leaves():
        tried_here = [each.value for each in found[path]]
        if path == "spec.trainer.replicas.ps":
            continue  # Its rule allows none but 0: there are no such pods.
        wanted = node.get("enum") or [
            node[bound] for bound in ("minimum", "maximum") if bound in node
        ]

        assert [] == [each for each in wanted if each not in tried_here], path


def test_every_field_that_may_be_left_out_is_left_out_once():
    found = of_fields(each for each in edits() if each.value is None)

    assert {"spec.trigger.mode", "spec.trainer", "spec.pachyderm.secretRef"} <= set(
        found
    )


def test_every_edit_is_accepted_by_the_schema_its_rules_and_the_models():
    refused = {str(each): told for each in edits() if (told := tried(each))}

    assert {} == refused


def test_the_samples_of_every_pattern_match_it():
    spec = read_schema()["properties"]["spec"]
    for pattern, limit in patterns(spec):
        for each in samples_of(pattern, limit):
            assert isinstance(each, int) or re.search(pattern, each), (pattern, each)
    assert set(SAMPLES) == {pattern for pattern, _ in patterns(spec)}


@pytest.fixture(name="refusals", scope="module")
def _refusals():
    """Each mistake, and what is said against it."""
    return [(each, tried(each)) for each in mistakes()]


def test_every_field_is_refused_in_each_way_it_can_be_wrong_and_named(refusals):
    silent = [str(each) for each, told in refusals if not is_named(each.field, told)]

    assert [] == silent
    assert {path for path, _ in leaves()} <= {each.field for each, _ in refusals}


def test_every_rule_refuses_something_and_says_so(refusals):
    said = {text for _, told in refusals for text in told}
    said |= {text for _, spec in tables() for text in admit(spec)}
    moved = {"input": {"repo": "a"}, "output": {"repo": "b"}}
    said |= set(admit(merge(_PLAIN, moved), _PLAIN))

    assert [] == [rule for rule in rules() if not any(rule in each for each in said)]


@pytest.mark.parametrize("part", ["input", "output"])
def test_what_must_not_change_is_refused_in_every_field(part):
    fixed = [
        each
        for each in edits()
        if each.fresh and each.field.startswith(f"spec.{part}.") and each.value
    ]
    told = [(each, admit(merge(_PLAIN, each.patch), _PLAIN)) for each in fixed]
    changed = [(e, t) for e, t in told if stored(merge(_PLAIN, e.patch)) != _PLAIN]

    assert changed
    assert [] == [
        str(each)
        for each, said in changed
        if not any(f"spec.{part} must not change" in one for one in said)
    ]
