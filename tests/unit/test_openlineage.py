"""OpenLineage events: what is told of a run, whoever tells it."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.lineage_runs import Run, run_of_attempt, run_of_entry
from mnist_operator.openlineage import EventType, end_of, name_uuid, namespace_of
from unit.builders import (
    attempt,
    entry,
    examples,
    ident,
    observed,
    staging_id,
    training,
)
from unit.openlineage_events import PLACE, event, facet, tags

# --- who is who -----------------------------------------------------------------------


def test_a_run_has_the_uuid_that_everybody_derives():
    run = Run(staging_id(), "team/mnist")

    told = event(run)["run"]["runId"]

    url = f"https://mnist-operator.dev/runs/{staging_id()}"
    assert str(uuid.uuid5(uuid.NAMESPACE_URL, url)) == told
    assert told != event(replace(run, staging=staging_id(2)))["run"]["runId"]


@given(st.text())
@examples
def test_any_name_makes_a_uuid_of_version_5(name):
    found = uuid.UUID(name_uuid(name.encode(errors="replace").decode()))

    assert (5, uuid.RFC_4122) == (found.version, found.variant)


@pytest.mark.parametrize(
    ("address", "namespace"),
    [
        pytest.param("pachd.pachyderm:30650", "pachyderm://pachd.pachyderm", id="host"),
        pytest.param(
            "grpcs://hub.example.org", "pachyderm://hub.example.org", id="url"
        ),
        pytest.param("[::1]:30650", "pachyderm://[::1]", id="ipv6"),
        pytest.param("http://user:word@pachd:80", "pachyderm://pachd", id="password"),
        pytest.param(":30650", "pachyderm://localhost", id="no-host"),
    ],
)
def test_repos_are_named_after_their_pachd_and_not_the_way_to_it(address, namespace):
    assert namespace == namespace_of(address)


def test_a_training_is_a_job_in_its_own_namespace():
    job = event(Run(staging_id(), "team/mnist"))["job"]

    assert ("team", "mnist") == (job["namespace"], job["name"])
    assert "TRAINING" == job["facets"]["jobType"]["jobType"]


def test_in_a_namespace_of_all_trainings_none_is_taken_for_another():
    one, other = (
        event(Run(staging_id(), name), place=replace(PLACE, jobs="prod"))["job"]
        for name in ("team/mnist", "other/mnist")
    )

    assert ("prod", "team.mnist") == (one["namespace"], one["name"])
    assert "other.mnist" == other["name"]


# --- while it is under way ------------------------------------------------------------


def test_a_run_that_starts_names_its_data_and_what_it_was_asked():
    seen = observed(training=training(trainer={"parameters": {"epochs": 3}}))
    spec = {"trainer": {"image": "trainer:1", "parameters": {"epochs": 3}}}
    opened = attempt(2, operator="0.1.0", request="again")

    told = event(run_of_attempt(opened, seen.training, spec), EventType.START)

    assert "START" == told["eventType"]
    [data], [model] = told["inputs"], told["outputs"]
    assert ("pachyderm://pachd", "default/inputrepo@master") == (
        data["namespace"],
        data["name"],
    )
    assert {"datasetVersion": ident(1)} == facet(data, "facets", "version")
    assert "default/outputrepo@master" == model["name"]
    assert "version" not in model["facets"]
    facets = told["run"]["facets"]
    assert {"nominalStartTime": "2026-01-01T11:55:00Z"} == facet(facets, "nominalTime")
    assert [{"key": "epochs", "value": "3"}] == (
        facets["executionParameters"]["parameters"]
    )
    assert {
        "run": staging_id(1, 2),
        "attempt": "2",
        "tfjob": f"team/mnist-{staging_id(1, 2)[:12]}",
        "image": "trainer:1",
        "specSha256": opened.digest,
        "request": "again",
        "operator": "0.1.0",
    } == tags(facets)


def test_a_model_that_it_begins_from_goes_in_too():
    opened = attempt(begins_from=ident(0xF000))
    spec = {"trainer": {"image": "trainer:1"}}

    told = event(run_of_attempt(opened, training(), spec))

    assert [
        ("default/inputrepo@master", ident(1)),
        ("default/outputrepo@master", ident(0xF000)),
    ] == [
        (each["name"], each["facets"]["version"]["datasetVersion"])
        for each in told["inputs"]
    ]


def test_a_failure_says_why_in_one_line():
    error = end_of("OutputInvalid", "The trainer wrote\n  no model.")

    told = event(run_of_entry(entry(), training()), EventType.FAIL, error=error)

    assert {
        "message": "OutputInvalid: The trainer wrote no model.",
        "programmingLanguage": "Python",
    } == facet(told, "run", "facets", "errorMessage")


def test_the_ledgers_line_names_the_same_run_data_and_model():
    told = event(run_of_entry(entry(), training()))

    assert staging_id() == tags(told["run"]["facets"])["run"]
    assert {"datasetVersion": ident(1)} == facet(told["inputs"][0], "facets", "version")
    assert {"datasetVersion": ident(0xF001)} == facet(
        told["outputs"][0], "facets", "version"
    )
