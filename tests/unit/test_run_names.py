"""What a run is called, and what of a spec belongs to it."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import places, runs
from mnist_operator.commits import Branch
from unit.builders import IMAGE, INPUT, OUTPUT, RUNS, examples, spec_digest, training

_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_PFS_NAME = re.compile(r"[a-zA-Z0-9_-]+")

_names = st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True)
_namespaces = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
_ids = st.from_regex(r"[0-9a-f]{32}", fullmatch=True)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=10,
)


def shuffled(value):
    """An equal value whose objects were filled in the other order."""
    if isinstance(value, dict):
        return {name: shuffled(value[name]) for name in reversed(value)}
    return [shuffled(each) for each in value] if isinstance(value, list) else value


@examples
@given(_names, _ids)
def test_a_tfjob_is_called_what_its_controller_can_start(name, staging):
    called = runs.job_name(name, staging)

    assert _DNS_1035.fullmatch(called)
    assert len(called) <= 53


@examples
@given(_names, _ids, _ids)
def test_each_staging_commit_has_a_tfjob_of_its_own(name, one, other):
    same = runs.job_name(name, one) == runs.job_name(name, other)

    assert same is (one[:12] == other[:12])


@examples
@given(_namespaces, _names)
def test_branches_in_the_run_repo_have_names_that_pachd_takes(namespace, name):
    of = training(namespace=namespace, name=name)

    for branch in (places.slot_branch(of), places.ledger_branch(of)):
        assert RUNS == branch.repo
        assert _PFS_NAME.fullmatch(branch.name)


@examples
@given(st.tuples(_namespaces, _names), st.tuples(_namespaces, _names))
def test_two_trainings_never_share_a_branch(one, other):
    first, second = (training(namespace=ns, name=name) for ns, name in (one, other))
    used = {places.slot_branch(first).name, places.ledger_branch(first).name}
    also = {places.slot_branch(second).name, places.ledger_branch(second).name}

    assert (one == other) is bool(used & also)


def test_branches_are_those_of_the_classic_recipe():
    assert Branch(INPUT, "master") == places.input_branch(training())
    assert Branch(OUTPUT, "master") == places.output_branch(training())
    assert "team_mnist_0" == places.slot_branch(training()).name
    assert "team_mnist_ledger" == places.ledger_branch(training()).name


def test_attempts_are_in_the_project_of_the_models():
    of = training(output={"project": "vision", "repo": "models", "runRepo": "tries"})

    assert "vision/tries" == str(places.run_repo(of))
    assert "vision/models@master" == str(places.output_branch(of))


@examples
@given(_json)
def test_equal_values_have_equal_bytes_and_digests(value):
    assert runs.canonical(value) == runs.canonical(shuffled(value))
    assert runs.digest(value) == runs.digest(shuffled(value))
    assert value == json.loads(runs.canonical(value))


def test_canonical_json_has_no_spaces_and_keeps_letters_as_they_are():
    assert '{"a":[1,"é"],"b":{}}'.encode() == runs.canonical({"b": {}, "a": [1, "é"]})


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"pachyderm": {"address": "grpcs://other:443"}}, id="the-address"),
        pytest.param({"pachyderm": {"secretRef": {"name": "other"}}}, id="the-secret"),
        pytest.param({"suspend": True}, id="being-suspended"),
        pytest.param({"attempts": {"limit": 1}}, id="the-number-of-attempts"),
        pytest.param({"activeDeadlineSeconds": 1}, id="a-deadline"),
        pytest.param({"trainer": {"image": IMAGE}}, id="the-default-image-by-name"),
    ],
)
def test_what_does_not_change_a_model_does_not_change_the_run(spec):
    assert spec_digest() == spec_digest(**spec)


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"input": {"path": "other.npz"}}, id="the-data-file"),
        pytest.param({"output": {"path": "other.h5"}}, id="the-model-file"),
        pytest.param({"trainer": {"image": "other"}}, id="the-image"),
        pytest.param({"trainer": {"parameters": {"seed": 0}}}, id="the-seed"),
        pytest.param(
            {"trainer": {"env": [{"name": "A", "value": "1"}]}}, id="a-variable"
        ),
    ],
)
def test_what_changes_a_model_changes_the_run(spec):
    assert spec_digest() != spec_digest(**spec)


def test_a_run_names_only_what_was_asked_for():
    asked = {"trainer": {"parameters": {"epochs": 2}, "image": "mine"}}

    trainer = runs.run_spec(training(**asked), default_image=IMAGE)["trainer"]

    assert {"epochs": 2} == trainer["parameters"]
    assert "mine" == trainer["image"]
