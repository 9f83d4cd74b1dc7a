"""The demo's own check of a record: a true one passes, and each lie is found."""

import hashlib
import json
from dataclasses import replace

import pytest

from demo.verify import LINEAGE, METRICS, MODEL, Evidence, find_faults

COMMIT = "1" * 32
OTHER = "2" * 32
DATA = hashlib.sha256(b"images").hexdigest()


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _statement(files, *, commit=COMMIT, data=DATA):
    material = {
        "name": "input",
        "uri": f"pachyderm://default/inputrepo@{commit}",
        "annotations": {"files": [{"path": "/data/mnist.npz", "sha256": data}]},
    }
    return {
        "subject": [
            {"name": path.lstrip("/"), "digest": {"sha256": _sha256(content)}}
            for path, content in files.items()
        ],
        "predicate": {"buildDefinition": {"resolvedDependencies": [material]}},
    }


def a_record(*, accuracy="0.9912", named=COMMIT, **statement):
    """Evidence that is true, but for what the arguments say."""
    files = {MODEL: b"weights", METRICS: b'{"accuracy": 0.99123, "loss": 0.03}'}
    lineage = json.dumps(_statement(files, **statement)).encode()
    description = {
        "inputCommit": named,
        "lineageSha256": _sha256(lineage),
        "accuracy": accuracy,
    }
    return Evidence(
        input_commit=COMMIT,
        input_sha256=DATA,
        description=json.dumps(description),
        files={**files, LINEAGE: lineage},
    )


def with_file(evidence, path, content):
    """The same record after a file was changed behind its back."""
    return replace(evidence, files={**evidence.files, path: content})


def without_file(evidence, path):
    """The same record after a file was taken away."""
    kept = {name: content for name, content in evidence.files.items() if name != path}
    return replace(evidence, files=kept)


def test_a_true_record_has_no_fault():
    assert [] == find_faults(a_record())


@pytest.mark.parametrize(
    ("evidence", "fault"),
    [
        pytest.param(
            a_record(named=OTHER),
            "the description names another input commit",
            id="description-of-another-commit",
        ),
        pytest.param(
            replace(a_record(), description="a model"),
            "the description names another input commit",
            id="description-by-hand",
        ),
        pytest.param(
            a_record(commit=OTHER),
            "lineage.json names another input commit",
            id="lineage-of-another-commit",
        ),
        pytest.param(
            a_record(data="0" * 64),
            "lineage.json holds another digest of the training data",
            id="trained-on-other-bytes",
        ),
        pytest.param(
            with_file(a_record(), MODEL, b"other weights"),
            "lineage.json and /my_model.h5 do not agree",
            id="model-exchanged",
        ),
        pytest.param(
            with_file(a_record(), "/extra.txt", b"late"),
            "lineage.json and /extra.txt do not agree",
            id="file-added-later",
        ),
        pytest.param(
            without_file(a_record(), MODEL),
            "/my_model.h5 is not there",
            id="no-model",
        ),
        pytest.param(
            without_file(a_record(), LINEAGE),
            "/lineage.json is not there",
            id="no-lineage",
        ),
        pytest.param(
            a_record(accuracy="0.9999"),
            "the record says accuracy 0.9999, metrics.json 0.99123",
            id="accuracy-embellished",
        ),
    ],
)
def test_a_lie_is_found(evidence, fault):
    assert fault in find_faults(evidence)


def test_a_record_that_was_edited_does_not_match_its_digest():
    honest = a_record()
    edited = honest.files[LINEAGE].replace(b"inputrepo", b"otherrepo")

    faults = find_faults(with_file(honest, LINEAGE, edited))

    assert ["the description holds another digest of lineage.json"] == faults
