"""What a run leaves behind: files, and the manifest that names them all."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mnist_trainer import publish
from mnist_trainer.findings import Findings, compose_metrics
from mnist_trainer.folder import FolderStorage
from mnist_trainer.history import History, Point
from mnist_trainer.metrics import measure
from mnist_trainer.publish import Layout
from mnist_trainer.storage import StoredFile
from mnist_trainer.uploads import Uploader
from trainer.networks import NAMES, a_network, some_images

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
EVERYTHING = ["Keras", "SavedModel", "Report", "Log", "TensorBoard"]


@pytest.fixture(scope="module")
def network(_tensorflow):
    return a_network()


def _findings(network):
    images = some_images(network)
    labels = np.arange(len(images), dtype=np.int32) % len(NAMES)
    probabilities = network(images).numpy()
    history = History(epochs=1)
    history.add(Point(steps=1, at=1.0, loss=0.5, accuracy=0.5))
    history.close_epoch(1.0)
    found = compose_metrics(
        measure(probabilities, labels, NAMES),
        history=history,
        images={"train": 60, "test": len(images)},
        image_shape=network.input_shape[1:],
        model_parameters=network.count_params(),
        seconds={"train": 1.5},
        data={"imagesPerClass": {"test": [3, 2, 2, 2]}},
        environment={"threads": 2},
    )
    return Findings(found, history, images, labels, probabilities, NAMES)


def _publish(network, folder, outputs, model_file="my_model.h5"):
    """Do as a run does."""
    storage = FolderStorage(folder / "in", folder / "out")
    layout = Layout(folder / "results", model_file)
    findings = _findings(network)
    with Uploader(storage, layout.folder) as uploader:
        uploader.add(publish.write_model(layout, network))
        uploader.add(*publish.write_formats(layout, network, NAMES, outputs))
        uploader.add(publish.write_metrics(layout, findings.metrics))
        if "Report" in outputs:
            uploader.add(*publish.write_report(layout, findings))
        manifest = publish.compose_manifest(
            sources=[StoredFile("/a.npz", "aa", 1), StoredFile("/b.npz", "bb", 2)],
            metrics=findings.metrics,
            parameters={"epochs": 1},
            environment={"threads": 2},
            started_at=NOON,
            finished_at=NOON,
        )
        publish.upload_manifest(storage, layout, manifest, uploader.finish())
    return folder / "out"


def _files(folder):
    return {
        str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()
    }


@pytest.mark.parametrize(
    ("outputs", "more"),
    [
        pytest.param([], set(), id="nothing-more"),
        pytest.param(["Keras"], {"my_model.keras"}, id="keras"),
        # A base path with a version in it is what TensorFlow Serving takes.
        pytest.param(["SavedModel"], {"saved_model/1/saved_model.pb"}, id="serving"),
        pytest.param(
            ["Report"],
            {
                "report/index.html",
                "report/training_curve.png",
                "report/confusion_matrix.png",
                "report/worst_mistakes.png",
            },
            id="report",
        ),
    ],
)
def test_model_metrics_and_manifest_are_always_there_and_the_rest_on_request(
    network, tmp_path, outputs, more
):
    out = _publish(network, tmp_path, outputs)

    assert {"my_model.h5", "metrics.json", "run.json"} | more == _files(out)


def test_everything_lies_beside_the_model(network, tmp_path):
    out = _publish(network, tmp_path, EVERYTHING, "models/v1/digits.h5")
    files = _files(out)

    assert {"models/v1/digits.keras", "models/v1/saved_model/1/saved_model.pb"} < files
    assert {"models/v1/report/index.html", "models/v1/run.json"} < files
    assert all(file.startswith("models/v1/") for file in files)


def test_the_manifest_names_every_other_file_by_its_digest(network, tmp_path):
    out = _publish(network, tmp_path, EVERYTHING)
    manifest = json.loads((out / "run.json").read_text())

    assert _files(out) - {"run.json"} == {
        file["path"].lstrip("/") for file in manifest["files"]
    }
    for file in manifest["files"]:
        content = (out / file["path"].lstrip("/")).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert len(content) == file["bytes"]


def test_the_manifest_says_what_was_read_and_how_good_it_became(network, tmp_path):
    out = _publish(network, tmp_path, [])
    manifest = json.loads((out / "run.json").read_text())
    metrics = json.loads((out / "metrics.json").read_text())

    assert 1 == manifest["version"]
    assert ["/a.npz", "/b.npz"] == [file["path"] for file in manifest["input"]]
    assert {key: metrics[key] for key in ("accuracy", "loss")} == manifest["metrics"]
    assert "2026-05-01T12:00:00.000Z" == manifest["startedAt"]
    assert "warmStart" not in manifest


def test_the_manifest_names_the_model_that_training_began_from():
    earlier = {"bucket": "b", "path": "/my_model.h5", "sha256": "aa", "bytes": 1}
    manifest = publish.compose_manifest(
        sources=[],
        metrics={"accuracy": 0.5, "loss": 1.0},
        parameters={},
        environment={},
        started_at=NOON,
        finished_at=NOON,
        warm_start=earlier,
    )

    assert earlier == manifest["warmStart"]


def test_metrics_keep_the_names_that_readers_know(network, tmp_path):
    metrics = json.loads((_publish(network, tmp_path, []) / "metrics.json").read_text())

    assert {"train": 60, "test": 9} == metrics["images"]
    assert [6, 5] == metrics["imageSize"]
    assert (4, network.count_params()) == (
        metrics["classes"],
        metrics["modelParameters"],
    )
    assert [1] == [epoch["epoch"] for epoch in metrics["history"]]
    assert {"train": 1.5} == metrics["seconds"]


def test_square_images_have_one_size(network):
    findings = _findings(network)
    metrics = compose_metrics(
        findings.metrics,
        history=findings.history,
        images={},
        image_shape=(28, 28, 1),
        model_parameters=1,
        seconds={},
        data={},
        environment={},
    )

    assert 28 == metrics["imageSize"]


def test_a_person_can_read_the_confusion_matrix_in_the_file(network, tmp_path):
    text = (_publish(network, tmp_path, []) / "metrics.json").read_text()
    rows = json.loads(text)["confusionMatrix"]

    assert all(f"    {json.dumps(row)}" in text for row in rows)


def test_the_page_on_outputs_explains_every_file_and_every_field(network, tmp_path):
    page = (ROOT / "docs" / "outputs.md").read_text()
    out = _publish(network, tmp_path, EVERYTHING)
    fields = {"warmStart", *_fields(out / "metrics.json"), *_fields(out / "run.json")}

    assert set() == {file for file in _files(out) if f"| `{file}` |" not in page}
    assert set() == {field for field in fields if f"`{field}`" not in page}


def _fields(file):
    """Name the fields, and those of what they hold, but not what others decide."""
    content = json.loads(file.read_text())
    for field, value in content.items():
        yield field
        if field not in {"data", "environment", "parameters", "seconds"}:
            values = value if isinstance(value, list) else [value]
            yield from (
                key for part in values if isinstance(part, dict) for key in part
            )
