"""mnistctl lineage of a model that began from another: what it says and compares."""

import json
from dataclasses import replace

import pytest

from mnist_operator import warm_start
from mnist_operator.cli.comparison import find_disagreements
from mnist_operator.cli.lineage.reports import build_report
from mnist_operator.cli.lineage.screen_lines import lineage_lines
from mnist_operator.runs import canonical, digest
from unit import mnistctl_records as records

_MODEL = "3843c589ddf3452582cbd7bf45bbd189"
_SHA256 = "ab" * 32


def a_record(*, offered=_MODEL, taken=True):
    """The record of a run that was to begin from a model."""
    asked = records.asked()
    asked["spec"]["trainer"]["warmStart"] = True
    asked["specSha256"] = digest(asked["spec"])
    if offered:
        asked["warmStart"] = warm_start.offer(asked["spec"]["output"], offered)
    begun = {}
    if taken:
        bucket = f"{offered}.master.outputrepo"
        begun = {"bucket": bucket, "path": "/my_model.h5", "sha256": _SHA256}
    one = replace(records.evidence(warmStart=begun), attempt=asked)
    return records.record(one)


def report(**fields):
    commit, content, files = a_record(**fields)
    return build_report("x", records.found(commit), content, files)


def shown(found):
    return [line.plain for line in lineage_lines(found)]


def faults(change):
    """What is told of a record whose statement was changed, digests and all."""
    commit, content, files = a_record()
    value = json.loads(content)
    change(value["predicate"]["buildDefinition"]["resolvedDependencies"][1])
    changed = canonical(value)
    sha256 = records.sha256(changed)
    described = json.loads(commit.description) | {"lineageSha256": sha256}
    entries = {**commit.metadata, "lineage.sha256": sha256}
    text = canonical(described).decode()
    commit = replace(commit, description=text, metadata=entries)
    return find_disagreements(commit, changed, files)


def test_a_model_that_began_from_another_names_it():
    found = report()

    assert {
        "offered": _MODEL,
        "commit": _MODEL,
        "repo": "default/outputrepo",
        "branch": "master",
        "path": "/my_model.h5",
        "sha256": _SHA256,
    } == found["warmStart"]
    assert f"  began from  default/outputrepo@master={_MODEL}" in shown(found)
    assert f"  model       /my_model.h5, sha256:{_SHA256}" in shown(found)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (
            {"offered": "", "taken": False},
            "  began       anew, for there was no model yet",
        ),
        ({"taken": False}, f"  began       anew, though it was given {_MODEL}"),
    ],
    ids=["none-was-there", "the-trainer-did-not-take-it"],
)
def test_a_model_that_began_anew_says_why(fields, line):
    found = report(**fields)

    assert None is found["warmStart"]["commit"]
    assert line in shown(found)


def test_a_training_without_a_warm_start_says_nothing_of_it():
    commit, content, files = records.record()
    found = build_report("x", records.found(commit), content, files)

    assert None is found["warmStart"]
    assert not [line for line in shown(found) if line.startswith("  began")]


def test_the_copies_of_such_a_record_agree():
    commit, content, files = a_record()

    assert [] == find_disagreements(commit, content, files)
    assert _MODEL == json.loads(commit.description)["warmStart"]
    assert _MODEL == commit.metadata["warmStart.commit"]


def test_another_model_in_the_statement_is_told_by_both_other_copies():
    def change(material):
        material["annotations"]["commit"] = "6" * 32
        material["uri"] = f"pachyderm://default/outputrepo@{'6' * 32}"

    told = faults(change)

    assert [
        f"warmStart: the description says {_MODEL}",
        f"warmStart.commit: the metadata map, which anyone may edit, says {_MODEL}",
    ] == [each.partition(", /lineage")[0] for each in told]


def test_two_models_in_the_statement_are_told():
    [told] = faults(lambda material: material.update(uri="pachyderm://a/b@c"))

    assert "/lineage.json names two models to begin from: pachyderm://a/b@c" in told
