"""An interrupted training goes on where it stood, and ends with the very same bits."""

import importlib
import json
import signal

import numpy as np
import pytest

from mnist_trainer import fetch
from mnist_trainer.errors import ConfigError, DiskError
from mnist_trainer.history import History, Point
from mnist_trainer.plan import make_plan
from mnist_trainer.storage import StoredFile
from trainer.plans import a_plan, some_data
from trainer.programs import DEADLINE, a_session, run, start
from trainer.samples import arrays, draw_digits, pack

TRAINING = ("--epochs", "3", "--augmentation", "Shift", "--outputs", "Log")
SOURCES = (StoredFile("/data.npz", "d1", 9),)


class _InterruptedError(Exception):
    pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with data to train on."""
    folder = tmp_path_factory.mktemp("resume")
    x_train, y_train = draw_digits(300, seed=1)
    content = pack(arrays(x_train=x_train, y_train=y_train))
    (folder / "data.npz").write_bytes(content)
    return folder


@pytest.fixture
def checkpoints(engine):
    """The module, which cannot be imported before TensorFlow is started."""
    return importlib.import_module("mnist_trainer.checkpoints")


def _interrupt(folder, checkpoints, engine):
    """Train as the program does, until the second checkpoint has been kept."""
    output = str(folder / "cut")
    session = a_session(folder, "--output", output, *TRAINING)
    fetched = fetch.start_fetching(session).result(DEADLINE)
    plan = make_plan(fetched.dataset, session.config.parameters)
    keeper = checkpoints.Keeper(session, plan, fetched, None)

    def keep(checkpoint):
        keeper.keep(checkpoint)
        if len(checkpoint.history.done) == 2:
            raise _InterruptedError

    with pytest.raises(_InterruptedError):
        engine.train.train(
            fetched.dataset,
            plan,
            narrator=session.narrator,
            seconds=session.phases.clock.seconds,
            keep=keep,
        )


def test_a_run_that_is_taken_up_again_ends_with_the_same_bits(
    folder, checkpoints, engine
):
    _interrupt(folder, checkpoints, engine)
    models, told = {}, {}
    for output in ("cut", "whole"):
        code, told[output], err = run(
            folder, "--data", "data.npz", "--output", output, "--resume", *TRAINING
        )
        assert (0, "") == (code, err)
        models[output] = (folder / output / "my_model.h5").read_bytes()

    assert models["whole"] == models["cut"]
    assert "going on after epoch 2/3" in told["cut"]
    assert "epoch 2/3:" not in told["cut"]
    assert "no checkpoint in whole: beginning anew" in told["whole"]
    assert {"cut": [3], "whole": [1, 2, 3]} == {
        output: [each["epoch"] for each in _progress(text) if _ends_an_epoch(each)]
        for output, text in told.items()
    }
    assert not (folder / "cut" / "checkpoint").exists()


def _progress(text):
    lines = [each.partition("progress: ") for each in text.splitlines()]
    return [json.loads(said) for before, mark, said in lines if mark and not before]


def _ends_an_epoch(each):
    return each["step"] * each["epochs"] == each["steps"] * each["epoch"]


def test_a_run_that_is_stopped_leaves_its_log_and_where_it_stood(folder):
    process = start(
        folder, "--data", "data.npz", "--output", "stopped", "--epochs", "1000"
    )
    for line in process.stdout:
        if line.startswith("epoch 2/1000"):
            process.send_signal(signal.SIGTERM)
            break
    process.communicate(timeout=DEADLINE)
    left = folder / "stopped"

    assert 143 == process.returncode
    assert "epoch 2/1000" in (left / "failed.log").read_text()
    assert "stopped by SIGTERM while training" in (left / "failed.log").read_text()
    assert ["checkpoint", "failed.log"] == sorted(each.name for each in left.iterdir())


def test_a_training_that_was_over_learns_no_more(tmp_path, checkpoints, engine):
    dataset, kept = some_data(60, 8, 8), []
    plan = a_plan(dataset, epochs=2)

    def learn(**given):
        narrator = a_session(tmp_path, "--output", "out").narrator
        clock = {"narrator": narrator, "seconds": lambda: 0.0}
        return engine.train.train(dataset, plan, **clock, **given)

    learned, history = learn(keep=kept.append)
    again, same = learn(resume=kept[-1])

    np.testing.assert_array_equal(learned.weights, again.weights)
    assert history.done == same.done


def _keep(checkpoints, output, plan, *, sources=SOURCES, begun_from=None):
    history = History(epochs=plan.epochs)
    history.add(Point(steps=3, at=1.0, loss=0.1, accuracy=1 / 3))
    history.close_epoch(2.5)
    state = checkpoints.State(*(np.full(4, 1 / each, "f4") for each in (3, 5, 7, 9)))
    training = checkpoints.describe_training(plan, sources, begun_from)
    checkpoints.keep_checkpoint(
        output, training, checkpoints.Checkpoint(state, history)
    )
    return checkpoints.Checkpoint(state, history)


def _find(checkpoints, output, plan, *, sources=SOURCES, begun_from=None):
    training = checkpoints.describe_training(plan, sources, begun_from)
    return checkpoints.find_checkpoint(output, training)


def test_what_is_found_is_what_was_kept_to_the_last_bit(tmp_path, checkpoints):
    plan = a_plan(100, epochs=2)
    kept = _keep(checkpoints, tmp_path, plan)
    found = _find(checkpoints, tmp_path, plan)

    assert kept.history == found.history
    for one, other in zip(kept.state, found.state, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_last_checkpoint_takes_the_place_of_the_one_before(tmp_path, checkpoints):
    for _ in range(2):
        _keep(checkpoints, tmp_path, a_plan(100))

    assert 1 == len(list((tmp_path / "checkpoint").iterdir()))


def test_other_outputs_do_not_make_another_training(tmp_path, checkpoints):
    _keep(checkpoints, tmp_path, a_plan(100, outputs=["Log"]))

    assert _find(checkpoints, tmp_path, a_plan(100, outputs=["Keras"]))


@pytest.mark.parametrize(
    ("given", "other", "told"),
    [
        pytest.param({}, {"epochs": 9}, "epochs 2 there and 9 now", id="epochs"),
        pytest.param({}, {"seed": 5}, "seed 0 there and 5 now", id="seed"),
        pytest.param({}, {"towers": 1}, "towers 2 there and 1 now", id="a-gpu"),
        pytest.param(
            {"sources": (StoredFile("/data.npz", "d2", 9),)},
            {},
            'data ["d1"] there and ["d2"] now',
            id="data",
        ),
        pytest.param(
            {"begun_from": {"sha256": "e1"}},
            {},
            'begun from null there and "e1" now',
            id="an-earlier-model",
        ),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_and_told_apart(
    tmp_path, checkpoints, given, other, told
):
    _keep(checkpoints, tmp_path, a_plan(100, epochs=2))

    with pytest.raises(ConfigError, match="leave --resume out") as refused:
        _find(checkpoints, tmp_path, a_plan(100, **{"epochs": 2} | other), **given)

    assert told in str(refused.value)
    assert "last_epoch is of another training" in str(refused.value)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[:700], id="cut"),
        pytest.param(lambda content: b"no archive at all", id="something-else"),
        pytest.param(lambda content: pack(arrays()), id="another-archive"),
    ],
)
def test_a_damaged_checkpoint_is_refused(tmp_path, checkpoints, damage):
    _keep(checkpoints, tmp_path, a_plan(100))
    path = tmp_path / "checkpoint" / "last_epoch"
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(ConfigError, match="cannot be read"):
        _find(checkpoints, tmp_path, a_plan(100))


def test_a_checkpoint_that_cannot_be_written_is_the_disks_fault(tmp_path, checkpoints):
    (tmp_path / "checkpoint").write_text("no folder")

    with pytest.raises(DiskError, match="last_epoch"):
        _keep(checkpoints, tmp_path, a_plan(100))
