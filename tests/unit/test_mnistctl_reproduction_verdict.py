"""Is it the same model? Bytes, then answers, then accuracy; and what went in."""

from dataclasses import replace

import pytest

from mnist_operator.cli.reproduce.comparison import Made, compare
from mnist_operator.cli.reproduce.recipes import (
    read_recipe,
)
from mnist_operator.cli.reproduce.report import (
    build_report,
    is_reproduced,
    report_lines,
)
from mnist_operator.cli.reproduce.run import (
    describe_end,
    read_run,
)
from mnist_operator.runs import Outcome, Verdict
from unit import mnistctl_records as records
from unit.mnistctl_reproductions import (
    METRICS,
    MODEL,
    PARAMETERS,
    RUN_ID,
    made,
    opened,
    recipe,
    verdict,
)


class TestVerdict:
    def test_the_same_model_file_is_the_same_whatever_else_changed(self):
        found = verdict(made(metrics={"accuracy": 0.1}))

        assert ("IdenticalBytes", []) == (found["verdict"], found["differences"])

    @pytest.mark.parametrize(
        ("was", "now", "evidence"),
        [
            pytest.param(
                {"predictionsSha256": "1", "loss": 1},
                {"predictionsSha256": "1", "loss": 2},
                "the same class for every test image",
                id="digest",
            ),
            pytest.param(
                METRICS, dict(METRICS), "the same confusion matrix", id="counts"
            ),
        ],
    )
    def test_the_same_answers_are_the_next_best(self, was, now, evidence):
        found = verdict(made(b"other", metrics=now), was)

        assert "IdenticalPredictions" == found["verdict"]
        assert evidence in found["evidence"]

    @pytest.mark.parametrize(
        ("was", "now"),
        [
            pytest.param({}, {}, id="nothing-known"),
            pytest.param(METRICS, METRICS | {"loss": 0.3}, id="another-loss"),
            pytest.param(
                METRICS, METRICS | {"confusionMatrix": [[4, 1], [1, 4]]}, id="counts"
            ),
            # Equal counts may hide other answers: the digest has the last word.
            pytest.param(
                METRICS | {"predictionsSha256": "1"},
                METRICS | {"predictionsSha256": "2"},
                id="digest",
            ),
        ],
    )
    def test_other_answers_are_judged_by_accuracy(self, was, now):
        found = verdict(made(b"other", metrics=now), was)

        assert "WithinTolerance" == found["verdict"]

    @pytest.mark.parametrize(
        ("accuracy", "expected"),
        [
            pytest.param(0.9883, "WithinTolerance", id="at-the-bound"),
            pytest.param(0.9882, "Different", id="beyond"),
            pytest.param(0.9983, "WithinTolerance", id="better-at-the-bound"),
            pytest.param(0.9999, "Different", id="too-good"),
        ],
    )
    def test_the_accuracy_may_differ_by_the_tolerance(self, accuracy, expected):
        manifest = records.manifest({}, accuracy=accuracy)

        found = verdict(made(b"other", manifest=manifest))

        assert expected == found["verdict"]
        assert round(accuracy - 0.9933, 6) == found["accuracy"]["difference"]

    def test_without_an_accuracy_nothing_can_be_said(self):
        silent = verdict(made(b"other", manifest={}, metrics={"accuracy": True}))
        record = opened(metrics={})
        never = compare(
            read_recipe(record), record.statement, {}, made(b"other"), tolerance=1
        )

        assert ("Different", "Different") == (silent["verdict"], never["verdict"])
        assert "and the run tells no accuracy" in silent["evidence"]
        assert "and the record tells no accuracy" in never["evidence"]

    def test_a_run_without_a_model_is_different(self):
        found = verdict(Made({"/other.h5": MODEL}))

        assert ("Different", "the run wrote no /my_model.h5") == (
            found["verdict"],
            found["evidence"],
        )

    def test_every_file_is_compared_and_those_with_times_are_marked(self):
        one = made()
        files = {**one.files, "/run.json": "0" * 64, "/new.txt": "1" * 64}

        found = verdict(replace(one, files=files))["files"]
        without = verdict(one)["files"]

        told = {each["path"]: (each["state"], each["holdsTimes"]) for each in found}
        assert {
            "/my_model.h5": ("identical", False),
            "/new.txt": ("added", False),
            "/run.json": ("differs", True),
        } == told
        assert ["identical", "missing"] == [each["state"] for each in without]

    def test_every_recorded_input_that_differs_is_named(self):
        manifest = records.manifest({}) | {
            "input": [{"path": "/data/mnist.npz", "sha256": "0" * 64}],
            "parameters": PARAMETERS | {"seed": 43},
            "environment": {"processor": "B", "tensorflow": "2"},
            "warmStart": {"sha256": "3" * 64},
        }
        other = made(manifest=manifest, image_id="x@sha256:99", node="node-2")

        found = verdict(other, environment={"processor": "A", "tensorflow": "2"})

        assert {
            "image": (records.IMAGE_SHA256, "99"),
            "data /data/mnist.npz": (records.sha256(b"data"), "0" * 64),
            "model to begin from": (None, "3" * 64),
            "parameter seed": (42, 43),
            "environment processor": ("A", "B"),
            "node": ("node-1", "node-2"),
        } == {
            each["input"]: (each["recorded"], each["found"])
            for each in found["differences"]
        }


class TestReport:
    def report(self, compared, one=None):
        one = one or recipe()
        description = describe_end(one, "team", Outcome(Verdict.SUCCEEDED), {})
        run = read_run(records.output_commit(id=RUN_ID, description=description))
        return build_report("outputrepo@master", one, run, compared)

    def text(self, report):
        return "\n".join(line.plain for line in report_lines(report))

    @pytest.mark.parametrize(
        ("found", "plain", "exact", "words"),
        [
            pytest.param("IdenticalBytes", True, True, "identical bytes", id="bytes"),
            pytest.param(
                "IdenticalPredictions", True, False, "identical predictions",
                id="predictions",
            ),
            pytest.param(
                "WithinTolerance", True, False, "metric within tolerance", id="metric"
            ),
            pytest.param("Different", False, False, "NOT REPRODUCED", id="different"),
        ],
    )  # fmt: skip
    def test_exact_takes_nothing_but_bytes(self, found, plain, exact, words):
        report = self.report(verdict(made()) | {"verdict": found})

        assert plain is is_reproduced(report, exact=False)
        assert exact is is_reproduced(report, exact=True)
        assert self.text(report).startswith(f"Model {recipe().model}: {words}\n")

    def test_what_has_only_begun_has_no_verdict(self):
        report = self.report(None)

        assert (None, []) == (report["verdict"], report["files"])
        assert self.text(report).startswith(f"Model {recipe().model} is being made")

    def test_other_bytes_are_explained_as_far_as_they_can_be(self):
        loose = PARAMETERS | {"deterministic": False}
        manifest = records.manifest({}) | {"parameters": loose}
        compared = verdict(made(b"other", manifest=manifest), parameters=loose)

        unknown = self.report(verdict(made(b"other")))
        wanted = self.report(compared, recipe(parameters=loose))

        assert "  all that is recorded is the same" in self.text(unknown)
        assert "does not tell in run.json" in self.text(unknown)
        assert "parameter deterministic is false" in self.text(wanted)
