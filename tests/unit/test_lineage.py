"""The record of a model: the statement, and what is known of a run."""

from dataclasses import replace

import pytest

from mnist_operator import lineage, runs
from unit.builders import IMAGE, ident
from unit.evidence import (
    BARE,
    MANIFEST,
    RECORD,
    REVISION,
    dependencies,
    evidence,
)


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

    def test_the_input_commit_is_a_material_with_a_digest_of_what_was_read(self):
        data = dependencies(evidence())["input"]

        assert f"pachyderm://default/inputrepo@{ident(1)}" == data["uri"]
        assert ident(1) == data["annotations"]["commit"]
        assert MANIFEST["input"] == data["annotations"]["files"]
        expected = runs.digest([["/data/mnist.npz", "dd" * 32]])
        assert {"sha256": expected} == data["digest"]

    def test_the_digest_of_the_data_does_not_depend_on_the_order_of_reading(self):
        two = [{"path": "/b", "sha256": "2"}, {"path": "/a", "sha256": "1"}]

        one, other = (
            dependencies(evidence(manifest=MANIFEST | {"input": files}))["input"]
            for files in (two, two[::-1])
        )

        assert one["digest"] == other["digest"]

    def test_the_image_is_named_by_the_digest_that_ran(self):
        image = dependencies(evidence())["image"]

        assert f"oci://{IMAGE}" == image["uri"]
        assert {"sha256": "ee" * 32} == image["digest"]

    def test_the_trainers_revision_is_a_material(self):
        source = dependencies(evidence())["source"]

        assert {"gitCommit": REVISION} == source["digest"]
        assert "uri" not in source

    def test_where_the_trainers_source_is_is_told_when_it_is_known(self):
        environment = MANIFEST["environment"] | {"sourceUrl": "git+https://git/x"}
        told = evidence(manifest=MANIFEST | {"environment": environment})

        assert "git+https://git/x" == dependencies(told)["source"]["uri"]

    def test_what_is_unknown_has_no_digest(self):
        found = dependencies(replace(BARE, facts=RECORD | {"imageID": "trainer"}))

        assert {"input", "image"} == set(found)
        assert [] == [name for name, each in found.items() if "digest" in each]
        assert [] == found["input"]["annotations"]["files"]

    def test_where_pods_ran_different_images_each_is_a_material(self):
        others = f"trainer@sha256:{'11' * 32}, mirror/trainer@sha256:{'22' * 32}"
        of = evidence(facts=RECORD | {"otherImages": others})
        definition = lineage.build_statement(of)["predicate"]["buildDefinition"]

        assert ["ee" * 32, "11" * 32, "22" * 32] == [
            each["digest"]["sha256"]
            for each in definition["resolvedDependencies"]
            if each["name"] == "image"
        ]

    def test_asked_and_effective_parameters_are_kept_apart(self):
        definition = lineage.build_statement(evidence())["predicate"]["buildDefinition"]

        asked = definition["externalParameters"]["spec"]["trainer"]["parameters"]
        assert {} == asked
        assert {"epochs": 2, "seed": 7} == definition["internalParameters"]["effective"]
        assert ident(0xF000) == definition["internalParameters"]["previousModelCommit"]

    def test_when_and_where_it_ran_is_told_by_the_trainer_or_else_by_its_pod(self):
        def metadata(of):
            details = lineage.build_statement(of)["predicate"]["runDetails"]
            return details["metadata"]["startedOn"], details["metadata"]["finishedOn"]

        assert ("2026-01-01T11:00:05Z", "2026-01-01T11:02:00Z") == metadata(evidence())
        assert ("2026-01-01T11:00:00Z", "2026-01-01T11:03:00Z") == metadata(BARE)

    def test_metrics_environment_and_pod_are_byproducts(self):
        details = lineage.build_statement(evidence())["predicate"]["runDetails"]
        facts = {each["name"]: each["annotations"] for each in details["byproducts"]}

        assert MANIFEST["metrics"] == facts["metrics"]
        assert MANIFEST["environment"] == facts["environment"]
        assert "node-1" == facts["pod"]["node"]


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        pytest.param({"accuracy": 0.98126}, "0.9813", id="four-digits"),
        pytest.param({"accuracy": 1}, "1.0000", id="a-whole-number"),
        pytest.param({"accuracy": "0.98"}, "", id="a-string-is-no-number"),
        pytest.param({"accuracy": True}, "", id="nor-is-a-yes"),
        pytest.param({}, "", id="none-reported"),
        pytest.param(None, "", id="no-metrics"),
    ],
)
def test_the_accuracy_is_a_decimal_string(metrics, expected):
    assert expected == evidence(manifest={"metrics": metrics}).accuracy


@pytest.mark.parametrize(
    ("image_id", "expected"),
    [
        ("docker.io/trainer@sha256:00ff", "00ff"),
        ("sha256:00ff", "00ff"),
        ("trainer:latest", ""),
        ("", ""),
    ],
    ids=["by-repo-and-digest", "by-digest", "by-tag", "unknown"],
)
def test_the_image_digest_is_what_the_pod_says_it_ran(image_id, expected):
    assert expected == evidence(facts={"imageID": image_id}).image_digest


def test_the_digest_of_an_image_is_unknown_without_a_pod():
    assert "" == evidence(facts={}).image_digest
