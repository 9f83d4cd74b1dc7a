"""Whether a run that ended well can be believed: its files, and who wrote them."""

from dataclasses import replace

import pytest

from mnist_operator import runs
from mnist_operator.evidence import HashedFile, find_fault, is_request
from unit.builders import IMAGE, attempt, ident, training
from unit.evidence import (
    BARE,
    CURVE,
    MANIFEST_FILE,
    MODEL,
    RECORD,
    an_attempt,
    evidence,
)

_faults = pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(evidence(), "", id="all-is-well"),
        pytest.param(BARE, "", id="a-trainer-without-a-manifest"),
        pytest.param(
            evidence(facts=RECORD | {"inputBucket": f"{ident(1)}.master.inputrepo"}),
            "",
            id="a-pod-that-read-what-it-should",
        ),
        pytest.param(
            evidence(facts=RECORD | {"inputBucket": "master.other"}),
            "Its pod was given INPUT_BUCKET master.other: somebody changed the TFJob.",
            id="a-pod-that-read-another-commit",
        ),
        pytest.param(
            evidence(
                facts=RECORD | {"inputBucket": f"{ident(1)}.master.inputrepo, master.o"}
            ),
            "Its pod was given INPUT_BUCKET master.o: somebody changed the TFJob.",
            id="one-of-several-pods-that-read-another-commit",
        ),
        pytest.param(
            evidence(files=(CURVE,)),
            "The trainer ended well but wrote no /my_model.h5.",
            id="no-model",
        ),
        pytest.param(
            evidence(files=(replace(MODEL, size=0),)),
            "The trainer wrote an empty /my_model.h5.",
            id="an-empty-model",
        ),
        pytest.param(
            evidence(attempt=an_attempt(output={"path": "models/a.h5"})),
            "The trainer ended well but wrote no /models/a.h5.",
            id="the-model-under-another-name",
        ),
        pytest.param(
            evidence(files=(MODEL, HashedFile("/lineage.json", 2, "00"))),
            "The trainer wrote /lineage.json, which is the operator's to write.",
            id="a-record-of-its-own",
        ),
        pytest.param(
            evidence(files=(MODEL, HashedFile("/lineage.sigstore.json", 2, "00"))),
            "The trainer wrote /lineage.sigstore.json,"
            " which is the operator's to write.",
            id="a-signature-of-its-own",
        ),
        pytest.param(
            evidence(files=(replace(MODEL, sha256="00"), CURVE, MANIFEST_FILE)),
            "/run.json does not agree with the files: /my_model.h5",
            id="another-model-than-the-trainer-wrote",
        ),
        pytest.param(
            evidence(files=(MODEL, MANIFEST_FILE)),
            "/run.json does not agree with the files: /report/training_curve.png",
            id="a-listed-file-is-missing",
        ),
        pytest.param(
            evidence(files=(MODEL, CURVE, HashedFile("/x", 1, "00"), MANIFEST_FILE)),
            "/run.json does not agree with the files: /x",
            id="a-file-that-nobody-listed",
        ),
        pytest.param(
            evidence(manifest={}),
            "/run.json does not agree with the files:"
            " /my_model.h5, /report/training_curve.png",
            id="a-manifest-that-lists-nothing",
        ),
        pytest.param(
            evidence(manifest={"metrics": {"loss": float("nan")}}),
            "/run.json cannot go into a record:"
            " Out of range float values are not JSON compliant",
            id="a-loss-that-is-no-number",
        ),
    ],
)


@_faults
def test_a_run_with_a_fault_is_not_published_and_the_fault_is_named(of, expected):
    assert expected == find_fault(of)


def test_a_thousand_wrong_files_do_not_drown_the_message():
    files = [HashedFile(f"/file-{n}", 1, "00") for n in range(1000)]

    assert len(find_fault(evidence(files=(MODEL, MANIFEST_FILE, *files)))) < 300


_LISTED = {"path": "/a", "sha256": "00"}


@pytest.mark.parametrize(
    ("manifest", "fault"),
    [
        pytest.param({"files": "/a"}, "files must be a JSON array", id="a-string"),
        pytest.param({"metrics": [1]}, "metrics must be a JSON object", id="a-list"),
        pytest.param(
            {"environment": "linux"}, "environment must be a JSON object", id="words"
        ),
        pytest.param(
            {"files": ["/a"]},
            "files must hold objects with path and sha256",
            id="files-by-path-alone",
        ),
        pytest.param(
            {"input": [{"path": "/a"}]},
            "input must hold objects with path and sha256",
            id="an-input-without-a-digest",
        ),
        pytest.param(
            {"parameters": {"note": "\ud800"}},
            "surrogates not allowed",
            id="half-a-character",
        ),
    ],
)
def test_a_manifest_that_no_record_can_be_made_of_is_refused(manifest, fault):
    found = find_fault(evidence(manifest=manifest))

    assert found.startswith("/run.json cannot go into a record: ")
    assert fault in found


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param({"metrics": None, "input": None}, id="nulls"),
        pytest.param({"input": [_LISTED], "metrics": {"accuracy": 1}}, id="whole"),
        pytest.param({"input": {}}, id="nothing-in-another-form"),
    ],
)
def test_a_manifest_may_say_little_as_long_as_it_lists_its_files(manifest):
    files = [{"path": f.path, "sha256": f.sha256} for f in (MODEL, CURVE)]

    assert "" == find_fault(evidence(manifest=manifest | {"files": files}))


def test_the_manifest_of_a_model_in_a_folder_lies_beside_it():
    model = replace(MODEL, path="/models/a.h5")
    manifest = HashedFile("/models/run.json", 20, "cc" * 32)
    asked = an_attempt(output={"path": "models/a.h5"})

    fault = find_fault(evidence(attempt=asked, files=(model, manifest)))

    assert fault.startswith("/models/run.json does not agree with the files")


# --- what a job may have changed ------------------------------------------------------

_SPEC = runs.run_spec(training(), default_image=IMAGE)
_ATTEMPT = attempt(operator="0.1.0")
_REQUEST = runs.build_request(_ATTEMPT, _SPEC)


def test_a_request_as_the_operator_wrote_it_is_believed():
    assert is_request(_ATTEMPT, _REQUEST)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"staging": "f" * 32}, id="another-run"),
        pytest.param({"attempt": 2}, id="another-attempt"),
        pytest.param({"attempt": True}, id="a-number-that-only-compares-equal"),
        pytest.param(
            {"training": {"namespace": "other", "name": "mnist"}}, id="another-training"
        ),
        pytest.param({"input": None}, id="no-input"),
        pytest.param(
            {"input": _REQUEST["input"] | {"commit": "f" * 32}}, id="other-data"
        ),
        pytest.param({"spec": None}, id="no-spec"),
        pytest.param(
            {"spec": _SPEC | {"trainer": {"image": "other"}}}, id="another-spec"
        ),
        pytest.param({"spec": {"note": "\ud800"}}, id="half-a-character"),
        pytest.param({"operatorVersion": "9.9.9"}, id="another-operator"),
        pytest.param({"more": "words"}, id="more-than-was-asked"),
    ],
)
def test_a_request_that_the_job_changed_is_not_believed(change):
    assert not is_request(_ATTEMPT, _REQUEST | change)


@pytest.mark.parametrize("found", [{}, {"spec": "x"}], ids=["none", "words"])
def test_a_request_that_the_job_replaced_is_not_believed(found):
    assert not is_request(_ATTEMPT, found)
