"""A training that begins from an earlier model, and one that cannot."""

import dataclasses
import hashlib
import json

import h5py
import numpy as np
import pytest

from mnist_trainer import warm_start
from mnist_trainer.config import Earlier
from mnist_trainer.errors import InputMissingError, UnreachableError
from mnist_trainer.folder import FolderStorage
from mnist_trainer.formats import save_h5
from trainer.buckets import SOURCE, TARGET, UNWELL, Storage
from trainer.plans import a_plan, some_data
from trainer.programs import DEADLINE, a_session, run
from trainer.samples import arrays, pack, some_of

EARLIER = "c1.master.outputrepo"
DATA = some_data(60, 8, 8)


@pytest.fixture(scope="module", params=["Fast", "Best", "Classic"])
def recipe(request):
    return request.param


def _save(engine, folder, plan):
    """Save a model of this plan's network; returns its weights and statistics."""
    weights, statistics = engine.draw(plan.network)
    path = folder / "earlier.h5"
    save_h5(engine.build(plan.network, weights, statistics), path)
    return path, weights, statistics


def _read(folder, path, plan):
    session = a_session(folder, "--output", "out", "--warm-start", str(path))
    storage = FolderStorage(path.parent, flag="--warm-start")
    found = warm_start.start_fetching(session, storage).result(DEADLINE)
    return warm_start.read_beginning(session, plan, found), session.narrator.story()


def test_all_that_was_learned_is_read_again(tmp_path, engine, recipe):
    plan = a_plan(DATA, recipe=recipe)
    path, weights, statistics = _save(engine, tmp_path, plan)
    begin, _ = _read(tmp_path, path, plan)

    np.testing.assert_array_equal(weights, begin.weights)
    np.testing.assert_array_equal(statistics, begin.statistics)
    assert {
        "path": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
    } == begin.source


def test_training_begins_where_the_earlier_model_was(tmp_path, engine):
    """With a rate of next to nothing the weights stay where they were."""
    plan = a_plan(DATA, epochs=1, learningRate="1e-8")
    _, weights, statistics = _save(engine, tmp_path, plan)
    learned, _ = engine.train.train(
        DATA,
        plan,
        narrator=a_session(tmp_path, "--output", "out").narrator,
        seconds=lambda: 0.0,
        begin=engine.train.Learned(weights, statistics),
    )

    np.testing.assert_allclose(weights, learned.weights, atol=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda: a_plan(DATA, recipe="Classic"), id="another-recipe"),
        pytest.param(lambda: a_plan(some_data(60, 8, 8, classes=3)), id="classes"),
        pytest.param(lambda: a_plan(some_data(60, 28, 28)), id="another-size"),
        pytest.param(lambda: a_plan(some_data(60, 8, 8, 3)), id="channels"),
    ],
)
def test_a_model_that_does_not_fit_is_told_and_left(tmp_path, engine, other):
    path, *_ = _save(engine, tmp_path, a_plan(DATA))
    begin, told = _read(tmp_path, path, other())

    assert begin is None
    assert f"beginning anew: {path} does not fit the recipe and the data" in told


def _write_something(path):
    path.write_bytes(b"no model")


def _write_h5_without_weights(path):
    with h5py.File(path, "w") as file:
        file["numbers"] = [1, 2, 3]


def _write_words(path):
    with h5py.File(path, "w") as file:
        layer = file.create_group("model_weights/dense")
        file["model_weights"].attrs["layer_names"] = ["dense"]
        layer.attrs["weight_names"] = ["kernel"]
        layer["kernel"] = np.array([b"word"])


def _write_more_than_there_is_memory(path):
    """A terabyte of zeros, which takes no place in the file."""
    with h5py.File(path, "w") as file:
        layer = file.create_group("model_weights/dense")
        file["model_weights"].attrs["layer_names"] = ["dense"]
        layer.attrs["weight_names"] = ["kernel"]
        layer.create_dataset("kernel", shape=(1 << 38,), dtype="f4", chunks=True)


@pytest.mark.parametrize(
    "write",
    [
        _write_something,
        _write_h5_without_weights,
        _write_words,
        _write_more_than_there_is_memory,
    ],
)
def test_a_file_that_is_no_model_is_told_and_left(tmp_path, engine, write):
    path = tmp_path / "earlier.h5"
    write(path)
    begin, told = _read(tmp_path, path, a_plan(DATA))

    assert begin is None
    assert "is no model of Keras's" in told


def test_a_model_that_holds_nan_is_left(tmp_path, engine):
    plan = a_plan(DATA)
    path, weights, statistics = _save(engine, tmp_path, plan)
    weights[3] = np.nan
    save_h5(engine.build(plan.network, weights, statistics), path)

    assert _read(tmp_path, path, plan)[0] is None


def test_a_file_that_a_person_names_must_be_there(tmp_path):
    with pytest.raises(InputMissingError, match="check --warm-start"):
        _read(tmp_path, tmp_path / "missing.h5", None)


def test_a_run_on_buckets_joins_a_folder_and_begins_from_a_model(tmp_path, s3, engine):
    """Everything that an attempt with warmStart and a folder does, in one process."""
    dataset = some_data(60, 28, 28)
    path, *_ = _save(engine, tmp_path, a_plan(dataset))
    content = arrays()
    s3.objects = {
        f"/{SOURCE}/data/1.npz": pack(content),
        f"/{SOURCE}/data/2.npz": pack(some_of(content, "x_train", "y_train")),
        f"/{SOURCE}/data/readme.txt": b"not for us",
        f"/{EARLIER}/models/my_model.h5": path.read_bytes(),
    }
    code, out, err = run(
        tmp_path,
        "--outputs=TensorBoard",
        S3_ENDPOINT=s3.endpoint,
        S3_USE_HTTPS="0",
        INPUT_BUCKET=SOURCE,
        OUTPUT_BUCKET=TARGET,
        TRAINING_DATA="data/",
        TRAINER_PARAMETERS='{"epochs": 1}',
        WARM_START_BUCKET=EARLIER,
        WARM_START_FILE="models/my_model.h5",
    )
    manifest = json.loads(s3.objects.get(f"/{TARGET}/run.json", b"{}"))

    assert (0, "") == (code, err)
    assert "beginning from /models/my_model.h5" in out
    assert EARLIER == manifest["warmStart"]["bucket"]
    assert "/models/my_model.h5" == manifest["warmStart"]["path"]
    assert ["/data/1.npz", "/data/2.npz"] == [
        source["path"] for source in manifest["input"]
    ]
    assert [
        "/my_model.h5",
        "/metrics.json",
        "/tensorboard/events.out.tfevents.0.training",
    ] == [file["path"] for file in manifest["files"]]


def test_a_model_that_is_gone_from_its_bucket_is_told_and_left(tmp_path, s3):
    session = a_session(tmp_path, "--output", "out")
    config = dataclasses.replace(
        session.config, earlier=Earlier(EARLIER, "models/my_model.h5")
    )
    session = dataclasses.replace(session, config=config)
    storage = Storage(s3.endpoint)
    found = warm_start.start_fetching(session, storage).result(DEADLINE)

    assert found is None
    assert "beginning anew, not from an earlier model" in session.narrator.story()


def test_a_bucket_that_does_not_answer_is_worth_another_attempt(tmp_path, s3):
    s3.answers = [UNWELL] * 9
    session = a_session(tmp_path, "--output", "out", "--warm-start", "m.h5")
    storage = Storage(s3.endpoint, AWS_MAX_ATTEMPTS="2")

    with pytest.raises(UnreachableError):
        warm_start.start_fetching(session, storage).result(DEADLINE)
