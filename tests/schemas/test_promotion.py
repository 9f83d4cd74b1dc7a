"""promotion.json, against what in-toto publishes: its messages, its rules."""

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

from mnist_operator.gate import Bars, Figures, Mark
from mnist_operator.test_result import build_test_result
from mnist_operator.trial import Pinned, Trial, TrialReport

_SHA256 = "ab" * 32
_IMAGES = Pinned("default", "held_out", "master", "1" * 32, "data/test.npz")
_MODEL = Pinned("default", "outputrepo", "master", "2" * 32, "my_model.h5")
_DATA = Pinned("default", "inputrepo", "master", "3" * 32, "data/mnist.npz")
_TRIALS = {
    "first": (
        Trial(_IMAGES),
        TrialReport(Figures(0, 0, 95, 5, 0, has_champion=False), "", _SHA256),
        "PASSED",
    ),
    "passed": (
        Trial(_IMAGES, _MODEL, _DATA, Bars("0.9")),
        TrialReport(Figures(90, 2, 3, 5, 0), "", _SHA256, _SHA256),
        "PASSED",
    ),
    "worse": (
        Trial(_IMAGES, _MODEL, _DATA),
        TrialReport(Figures(70, 25, 0, 5, 0), "", _SHA256, _SHA256),
        "FAILED",
    ),
    "drifted": (
        Trial(_IMAGES, _MODEL, _DATA, mark=Mark("4" * 32, 98, 100)),
        TrialReport(Figures(86, 4, 2, 8, 0), "", _SHA256, _SHA256),
        "FAILED",
    ),
    "not compared": (
        Trial(_IMAGES, _MODEL),
        TrialReport(fault="There is no report."),
        "WARNED",
    ),
}

results = pytest.mark.parametrize(
    ("trial", "report", "result"), _TRIALS.values(), ids=_TRIALS
)


def built(trial, report):
    subject = {"name": "my_model.h5", "digest": {"sha256": _SHA256}}
    return build_test_result(subject, trial, report)


@results
def test_it_is_a_valid_in_toto_statement(trial, report, result):
    parsed = json_format.ParseDict(built(trial, report), statement_pb2.Statement())

    Statement.copy_from_pb(parsed).validate()


@results
def test_its_predicate_has_the_fields_of_a_test_result_and_no_others(
    trial, report, result
):
    predicate = json_format.ParseDict(
        built(trial, report)["predicate"], test_result_pb2.TestResult()
    )

    assert result == predicate.result
    for each in predicate.configuration:
        ResourceDescriptor.copy_from_pb(each).validate()
    tests = [*predicate.passed_tests, *predicate.warned_tests, *predicate.failed_tests]
    assert len(set(tests)) == len(tests) > 0
