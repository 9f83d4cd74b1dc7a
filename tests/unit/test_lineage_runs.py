"""A run as its record tells it, and as OpenLineage is told then."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import lineage
from mnist_operator.lineage_runs import Dataset, Run, read_moment, read_run
from unit.builders import examples, ident
from unit.evidence import BARE, evidence
from unit.openlineage_events import event, facet, tags


def recorded(of=None):
    return json.loads(json.dumps(lineage.build_statement(of or evidence())))


def test_a_record_tells_of_the_code_the_parameters_and_how_good_it_is():
    environment = {
        "tensorflow": "2.21.0",
        "sourceUrl": "git+https://example.org/mnist",
        "sourceRevision": "5" * 40,
    }
    manifest = {**evidence().manifest, "environment": environment}
    run = read_run(recorded(evidence(manifest=manifest)), commit=ident(0xF001))

    told = event(run)

    assert {
        "type": "git",
        "url": "https://example.org/mnist",
        "repoUrl": "https://example.org/mnist",
        "version": "5" * 40,
    } == facet(told, "job", "facets", "sourceCodeLocation")
    assert {
        "version": "2.21.0",
        "name": "TensorFlow",
        "openlineageAdapterVersion": "0.1.0",
    } == facet(told, "run", "facets", "processing_engine")
    assert {"epochs": "2", "seed": "7"} == {
        each["key"]: each["value"]
        for each in told["run"]["facets"]["executionParameters"]["parameters"]
    }
    assert {"accuracy": "0.9813"} == tags(told["outputs"][0]["facets"])
    assert "ee" * 32 == tags(told["run"]["facets"])["imageSha256"]
    assert {"fileCount": 1, "size": 11} == facet(
        told["inputs"][0], "inputFacets", "inputStatistics"
    )
    assert {
        "nominalStartTime": "2026-01-01T11:00:05Z",
        "nominalEndTime": "2026-01-01T11:02:00Z",
    } == facet(told, "run", "facets", "nominalTime")


def test_what_a_bare_record_does_not_say_is_not_told():
    run = read_run(recorded(BARE))

    told = event(run)

    assert {"nominalTime", "tags"} == set(told["run"]["facets"])
    assert {"jobType"} == set(told["job"]["facets"])
    assert {} == told["inputs"][0]["inputFacets"]
    assert {"datasetType"} == set(told["outputs"][0]["facets"])


def test_code_without_a_revision_and_an_engine_without_an_operator_are_told():
    run = Run("5" * 32, "a/b", source_url="https://example.org", tensorflow="2.21.0")

    told = event(run)

    assert "version" not in told["job"]["facets"]["sourceCodeLocation"]
    assert {"version": "2.21.0", "name": "TensorFlow"} == facet(
        told, "run", "facets", "processing_engine"
    )


@pytest.mark.parametrize(
    ("size", "statistics"),
    [
        pytest.param("large", {"fileCount": 1}, id="no-number"),
        pytest.param(5, {"fileCount": 1, "size": 5}, id="a-size"),
    ],
)
def test_only_sizes_that_are_known_are_added_up(size, statistics):
    files = [{"path": "a", "sha256": "0" * 64, "bytes": size}]
    run = read_run(recorded(evidence(manifest={"input": files})))

    assert statistics == facet(
        event(run)["inputs"][0], "inputFacets", "inputStatistics"
    )


def test_a_revision_that_is_no_commit_is_told_as_it_is():
    run = read_run(
        recorded(
            evidence(
                manifest={
                    "environment": {
                        "sourceRevision": "5" * 40 + "-dirty",
                        "sourceUrl": "https://example.org",
                    }
                }
            )
        )
    )

    told = event(run)["job"]["facets"]["sourceCodeLocation"]

    assert "5" * 40 + "-dirty" == told["version"]


def test_a_record_without_a_run_or_a_training_tells_of_nothing():
    whole = recorded()
    for part, key in (
        ("internalParameters", "run"),
        ("externalParameters", "training"),
    ):
        value = json.loads(json.dumps(whole))
        del value["predicate"]["buildDefinition"][part][key]

        assert read_run(value) is None


def test_a_record_without_a_place_for_the_model_has_no_output():
    value = recorded()
    del value["predicate"]["buildDefinition"]["externalParameters"]["spec"]["output"]

    assert () == read_run(value).outputs


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param("2026-01-01T11:00:05Z", "2026-01-01T11:00:05Z", id="utc"),
        pytest.param("2026-01-01T12:00:05.9+01:00", "2026-01-01T11:00:05Z", id="zone"),
        pytest.param("2026-01-01T11:00:05", "", id="no-zone"),
        pytest.param("yesterday", "", id="no-time"),
        pytest.param(17, "", id="no-text"),
        pytest.param("0001-01-01T00:00:00+01:00", "", id="before-all-times"),
    ],
)
def test_a_time_is_one_in_rfc_3339_or_none(said, told):
    assert told == read_moment(said)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@st.composite
def spoilt(draw):
    """A record with some of its parts replaced by anything."""

    def spoil(part):
        if draw(st.integers(0, 12)) == 0:
            return draw(json_values)
        if isinstance(part, dict):
            return {key: spoil(child) for key, child in part.items()}
        if isinstance(part, list):
            return [spoil(child) for child in part]
        return part

    return spoil(recorded())


@given(spoilt())
@examples
def test_whatever_a_file_of_that_name_says_there_is_an_event_or_none(value):
    run = read_run(value, commit=ident(1))

    if run is not None:
        assert json.dumps(event(run))
        assert all(isinstance(each, Dataset) for each in run.inputs)
