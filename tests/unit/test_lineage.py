"""The record of a model: the statement, and what is known of a run."""

from dataclasses import replace

import pytest

from mnist_operator import lineage
from unit.builders import ident, staging_id
from unit.evidence import (
    BARE,
    CURVE,
    MANIFEST,
    MODEL,
    RECORD,
    an_attempt,
    byproducts,
    evidence,
)

_STAGING = f"pachyderm://default/outputrepo_runs@{staging_id()}"


class TestStatement:
    @pytest.mark.parametrize("of", [evidence(), BARE], ids=["whole", "bare"])
    def test_is_an_in_toto_statement_with_an_slsa_predicate(self, of):
        statement = lineage.build_statement(of)

        assert {"_type", "subject", "predicateType", "predicate"} == set(statement)
        assert "https://in-toto.io/Statement/v1" == statement["_type"]
        assert "https://slsa.dev/provenance/v1" == statement["predicateType"]
        definition = statement["predicate"]["buildDefinition"]
        assert {
            "buildType",
            "externalParameters",
            "internalParameters",
            "resolvedDependencies",
        } == set(definition)
        details = statement["predicate"]["runDetails"]
        assert {"builder", "metadata", "byproducts"} == set(details)
        assert {"invocationId", "startedOn", "finishedOn"} == set(details["metadata"])
        assert details["builder"]["id"].startswith("https://")
        assert definition["buildType"].startswith("https://")

    def test_every_published_file_is_a_subject_with_its_digest(self):
        subjects = lineage.build_statement(evidence())["subject"]

        assert [
            {"name": "my_model.h5", "digest": {"sha256": "aa" * 32}},
            {"name": "report/training_curve.png", "digest": {"sha256": "bb" * 32}},
            {"name": "run.json", "digest": {"sha256": "cc" * 32}},
        ] == subjects

    def test_it_says_which_version_it_has(self):
        definition = lineage.build_statement(BARE)["predicate"]["buildDefinition"]

        assert 1 == definition["internalParameters"]["recordVersion"]

    def test_parameters_that_nobody_told_are_left_out(self):
        definition = lineage.build_statement(BARE)["predicate"]["buildDefinition"]

        assert "effective" not in definition["internalParameters"]
        assert "" == definition["internalParameters"]["previousModelCommit"]

    def test_asked_and_effective_parameters_are_kept_apart(self):
        definition = lineage.build_statement(evidence())["predicate"]["buildDefinition"]

        asked = definition["externalParameters"]["spec"]["trainer"]["parameters"]
        assert {} == asked
        assert {"epochs": 2, "seed": 7} == definition["internalParameters"]["effective"]
        assert ident(0xF000) == definition["internalParameters"]["previousModelCommit"]

    @pytest.mark.parametrize(
        ("of", "expected"),
        [
            pytest.param(
                evidence(), ("2026-01-01T11:00:05Z", "2026-01-01T11:02:00Z"), id="told"
            ),
            pytest.param(
                BARE, ("2026-01-01T11:00:00Z", "2026-01-01T11:03:00Z"), id="not-told"
            ),
            pytest.param(
                evidence(manifest={"startedAt": "2026-01-01T11:00:05.123Z"}),
                ("2026-01-01T11:00:05.123Z", "2026-01-01T11:03:00Z"),
                id="half-of-it",
            ),
            *(
                pytest.param(
                    evidence(manifest={"startedAt": words, "finishedAt": words}),
                    ("2026-01-01T11:00:00Z", "2026-01-01T11:03:00Z"),
                    id=f"{words}",
                )
                for words in (
                    "yesterday",
                    17,
                    "2026-06-31T11:00:05Z",
                    "2026-01-01T11:00:05+01:00",
                    "2026-01-01",
                )
            ),
        ],
    )
    def test_when_it_ran_is_told_by_the_trainer_or_else_by_its_pod(self, of, expected):
        metadata = lineage.build_statement(of)["predicate"]["runDetails"]["metadata"]

        assert expected == (metadata["startedOn"], metadata["finishedOn"])
        assert "team/mnist-a011a011a011" == metadata["invocationId"]

    def test_metrics_environment_and_pod_are_byproducts(self):
        facts = byproducts(evidence())

        assert MANIFEST["metrics"] == facts["metrics"]["annotations"]
        assert MANIFEST["environment"] == facts["environment"]["annotations"]
        assert {
            "tfjob": "mnist-a011a011a011",
            "tfjobUid": "j1",
            "pod": "mnist-a011a011a011-worker-0",
            "node": "node-1",
            "imageID": RECORD["imageID"],
            "startedAt": "2026-01-01T11:00:00Z",
            "endedAt": "2026-01-01T11:03:00Z",
        } == facts["pod"]["annotations"]

    def test_a_fact_says_where_it_is_written_down(self):
        facts = byproducts(evidence())

        assert f"{_STAGING}:/run.json" == facts["metrics"]["uri"]
        assert facts["metrics"]["uri"] == facts["environment"]["uri"]
        assert {"sha256": "cc" * 32} == facts["metrics"]["digest"]
        assert _STAGING == facts["pod"]["uri"]

    def test_a_run_repo_and_a_folder_of_ones_own_are_named(self):
        asked = an_attempt(output={"runRepo": "mine", "path": "models/a.h5"})
        model = replace(MODEL, path="/models/a.h5")

        found = byproducts(evidence(attempt=asked, files=(model, CURVE)))["metrics"]

        assert found["uri"].endswith(f"default/mine@{staging_id()}:/models/run.json")
        assert "digest" not in found

    def test_what_nobody_said_is_no_byproduct(self):
        gone = {"pod": "", "node": "", "imageID": "", "tfjobUid": ""}

        facts = byproducts(replace(BARE, facts=RECORD | gone))

        assert ["pod"] == list(facts)
        assert {"tfjob", "startedAt", "endedAt"} == facts["pod"]["annotations"].keys()


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        pytest.param({"accuracy": 0.98126}, "0.9813", id="four-digits"),
        pytest.param({"accuracy": 1}, "1.0000", id="a-whole-number"),
        pytest.param({"accuracy": "0.98"}, "", id="a-string-is-no-number"),
        pytest.param({"accuracy": True}, "", id="nor-is-a-yes"),
        pytest.param({"accuracy": 98.13}, "98.1300", id="in-percent"),
        pytest.param({"accuracy": 10**400}, "", id="nor-what-takes-a-page"),
        pytest.param({}, "", id="none-reported"),
        pytest.param(None, "", id="no-metrics"),
    ],
)
def test_the_accuracy_is_a_decimal_string(metrics, expected):
    assert expected == evidence(manifest={"metrics": metrics}).accuracy


@pytest.mark.parametrize(
    ("image_id", "expected"),
    [
        (f"docker.io/trainer@sha256:{'0f' * 32}", "0f" * 32),
        (f"sha256:{'0f' * 32}", "0f" * 32),
        ("trainer@sha256:00ff", ""),
        ("trainer:latest", ""),
        ("", ""),
    ],
    ids=["by-repo-and-digest", "by-digest", "half-of-it", "by-tag", "unknown"],
)
def test_the_image_digest_is_what_the_pod_says_it_ran(image_id, expected):
    assert expected == evidence(facts={"imageID": image_id}).image_digest


def test_the_digest_of_an_image_is_unknown_without_a_pod():
    assert "" == evidence(facts={}).image_digest
