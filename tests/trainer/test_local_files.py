"""The program on a person's own files: the same bits each time, and archives joined."""

import hashlib
import json
import os

import pytest

from trainer.programs import DEADLINE, run, start
from trainer.samples import draw_digits, pack

FORMATS = ["Keras", "SavedModel", "Report", "TensorBoard"]


def _on_one_core(folder, *arguments):
    """Only the first of the cores that are ours."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(ours)})
    try:
        return start(folder, *arguments)
    finally:
        os.sched_setaffinity(0, ours)


def test_the_same_bits_come_out_twice_and_on_a_single_core_too(tmp_path, digits):
    (tmp_path / "mnist.npz").write_bytes(digits)
    given = json.dumps({"epochs": 1, "outputs": FORMATS})
    told = []
    for begin, out in ((start, "one"), (_on_one_core, "other")):
        process = begin(tmp_path, "--data", "mnist.npz", "--output", out, "-p", given)
        _, err = process.communicate(timeout=DEADLINE)
        assert (0, "") == (process.returncode, err)
        told.append(_digests(tmp_path / out))

    models = {"my_model.h5", "my_model.keras", "saved_model/1/saved_model.pb"}
    assert models <= told[0].keys()
    assert told[0] == told[1]


def _digests(folder):
    """Of all files but those that tell the time."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in {".json", ".html", ".v2"}
    }


def test_archives_in_a_folder_without_test_images_are_trained_on_together(
    tmp_path, digits
):
    (tmp_path / "data" / "more").mkdir(parents=True)
    x_train, y_train = draw_digits(200, seed=3)
    some = pack({"x_train": x_train, "y_train": y_train})
    for name in ("first.npz", "more/second.npz"):
        (tmp_path / "data" / name).write_bytes(some)
    given = {"epochs": 1, "validationPercent": 25, "deterministic": False}
    code, _, err = run(
        tmp_path, "--data", "data", "--output", "out", "-p", json.dumps(given)
    )
    manifest = json.loads((tmp_path / "out" / "run.json").read_text())
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())

    assert (0, "") == (code, err)
    assert ["/first.npz", "/more/second.npz"] == [
        each["path"] for each in manifest["input"]
    ]
    assert 400 == sum(metrics["images"].values())
    assert 100 == pytest.approx(metrics["images"]["test"], abs=10)
    assert manifest["parameters"]["deterministic"] is False
