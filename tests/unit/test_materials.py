"""What went into a model, as its record names it: data, images, source, packages."""

from dataclasses import replace

import pytest

from mnist_operator import lineage, runs
from unit.builders import IMAGE, ident
from unit.evidence import (
    BARE,
    MANIFEST,
    RECORD,
    REVISION,
    an_attempt,
    dependencies,
    evidence,
    said,
)


def test_the_input_commit_is_a_material_with_a_digest_of_what_was_read():
    data = dependencies(evidence())["input"]

    assert f"pachyderm://default/inputrepo@{ident(1)}" == data["uri"]
    assert ident(1) == data["annotations"]["commit"]
    assert MANIFEST["input"] == data["annotations"]["files"]
    expected = runs.digest([["/data/mnist.npz", "dd" * 32]])
    assert {"sha256": expected} == data["digest"]


def test_the_digest_of_the_data_does_not_depend_on_the_order_of_reading():
    two = [
        {"path": "/b", "sha256": "22" * 32},
        {"path": "/a", "sha256": "11" * 32},
    ]

    one, other = (
        dependencies(evidence(manifest=MANIFEST | {"input": files}))["input"]
        for files in (two, two[::-1])
    )

    assert one["digest"] == other["digest"]


def test_a_digest_over_what_has_none_is_not_made():
    files = [{"path": "/a", "sha256": "11" * 32}, {"path": "/b", "sha256": "?"}]

    data = dependencies(evidence(manifest=MANIFEST | {"input": files}))["input"]

    assert "digest" not in data
    assert files == data["annotations"]["files"]


def test_the_image_is_named_by_the_digest_that_ran():
    image = dependencies(evidence())["image"]

    assert f"oci://{IMAGE}" == image["uri"]
    assert {"sha256": "ee" * 32} == image["digest"]


def test_the_trainers_revision_is_a_material():
    source = dependencies(evidence())["source"]

    assert {"gitCommit": REVISION} == source["digest"]
    assert "uri" not in source


def test_where_the_trainers_source_is_is_told_when_it_is_known():
    told = evidence(manifest=said(sourceUrl="git+https://git/x"))

    assert "git+https://git/x" == dependencies(told)["source"]["uri"]


@pytest.mark.parametrize(
    "revision",
    [
        pytest.param(f"{REVISION}-dirty", id="a-checkout-with-changes"),
        pytest.param("unknown", id="an-image-that-does-not-know"),
        pytest.param(REVISION.upper(), id="not-as-git-writes-it"),
        pytest.param(17, id="a-number"),
    ],
)
def test_a_revision_that_is_no_commit_is_told_in_words_alone(revision):
    told = evidence(manifest=said(sourceRevision=revision, sourceUrl="https://x"))

    assert {
        "name": "source",
        "uri": "https://x",
        "annotations": {"revision": revision},
    } == dependencies(told)["source"]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"sourceRevision": "unknown"}, id="a-word-for-nothing"),
        pytest.param({"sourceRevision": None, "sourceUrl": None}, id="nulls"),
        pytest.param({"sourceRevision": "", "sourceUrl": 17}, id="a-number"),
    ],
)
def test_a_source_that_nobody_could_find_is_left_out(facts):
    assert "source" not in dependencies(evidence(manifest=said(**facts)))


@pytest.mark.parametrize(
    ("facts", "kind", "sha256"),
    [
        pytest.param(
            {"requirementsSha256": "ab" * 32}, "requirements", "ab" * 32, id="list"
        ),
        pytest.param(
            {"requirementsSha256": None, "installedSha256": "cd" * 32},
            "installed",
            "cd" * 32,
            id="what-is-installed",
        ),
        pytest.param(
            {"requirementsSha256": "ab" * 32, "installedSha256": "cd" * 32},
            "requirements",
            "ab" * 32,
            id="the-list-is-better",
        ),
    ],
)
def test_the_trainers_packages_are_a_material(facts, kind, sha256):
    found = dependencies(evidence(manifest=said(**facts)))["packages"]

    assert {"sha256": sha256} == found["digest"]
    assert {"from": kind} == found["annotations"]


@pytest.mark.parametrize("value", [None, "", "latest", 17, "AB" * 32], ids=str)
def test_packages_without_a_digest_are_left_out(value):
    told = evidence(manifest=said(requirementsSha256=value))

    assert "packages" not in dependencies(told)


def test_what_is_unknown_has_no_digest():
    found = dependencies(replace(BARE, facts=RECORD | {"imageID": "trainer"}))

    assert {"input", "image"} == set(found)
    assert [] == [name for name, each in found.items() if "digest" in each]
    assert [] == found["input"]["annotations"]["files"]


def test_where_pods_ran_different_images_each_is_a_material():
    others = f"trainer@sha256:{'11' * 32}, mirror/trainer@sha256:{'22' * 32}"
    of = evidence(facts=RECORD | {"otherImages": others})
    definition = lineage.build_statement(of)["predicate"]["buildDefinition"]

    assert ["ee" * 32, "11" * 32, "22" * 32] == [
        each["digest"]["sha256"]
        for each in definition["resolvedDependencies"]
        if each["name"] == "image"
    ]


def test_a_model_to_begin_from_is_named_without_a_digest_that_is_none():
    offered = {
        "project": "default",
        "repo": "outputrepo",
        "branch": "master",
        "path": "my_model.h5",
        "commit": ident(5),
    }
    asked = an_attempt(trainer={"warmStart": True}) | {"warmStart": offered}
    of = evidence(attempt=asked, manifest=MANIFEST | {"warmStart": {"sha256": ""}})

    found = dependencies(of)["warmStart"]

    assert f"pachyderm://default/outputrepo@{ident(5)}" == found["uri"]
    assert "digest" not in found


def test_an_image_without_a_digest_stays_beside_one_that_has_it():
    facts = RECORD | {"imageID": "latest", "otherImages": "t@sha256:" + "11" * 32}
    definition = lineage.build_statement(evidence(facts=facts))["predicate"]

    assert [None, {"sha256": "11" * 32}] == [
        each.get("digest")
        for each in definition["buildDefinition"]["resolvedDependencies"]
        if each["name"] == "image"
    ]
