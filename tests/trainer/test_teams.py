"""Several processes on this machine that train one model, as the pods of one TFJob do.

That every image counts once is seen in the result: it is that of one process which
splits each batch in the same way.
"""

import json
import signal

import numpy as np
import pytest

from mnist_trainer.errors import ExitCode, PeerLostError
from mnist_trainer.workers import Workers
from trainer.buckets import SOURCE, TARGET
from trainer.peers import places
from trainer.programs import DEADLINE, start
from trainer.samples import a_dataset, pack

WAITING = "waiting for the others"
SMALL = {"recipe": "Fast", "epochs": 4, "batchSize": 48, "seed": 7}
SHORT = SMALL | {"epochs": 2}
"""For more than two, who sum in another order than one process does: a last bit that
is rounded in another way is seen in the third digit after four epochs.
"""


@pytest.fixture(scope="module")
def dataset():
    """Not a multiple of any batch: the last one is filled up."""
    return a_dataset(train=310, test=60)


@pytest.fixture
def launch(tmp_path, s3, dataset):
    """Start workers with the same input and output; they are gone after the test."""
    splits = {"train": dataset.train, "test": dataset.test}
    arrays = {f"x_{name}": split.images for name, split in splits.items()}
    arrays |= {f"y_{name}": split.labels for name, split in splits.items()}
    s3.objects[f"/{SOURCE}/data/mnist.npz"] = pack(arrays)
    running = []

    def begin(told, *given, **environment):
        for number, text in enumerate(told):
            folder = tmp_path / str(len(running))
            folder.mkdir()
            process = start(
                folder,
                S3_ENDPOINT=s3.endpoint,
                S3_USE_HTTPS="0",
                INPUT_BUCKET=SOURCE,
                OUTPUT_BUCKET=TARGET,
                TF_CONFIG=text,
                TRAINER_PARAMETERS=json.dumps(given[number % len(given)]),
                **environment,
            )
            running.append((folder, process))
        return running[-len(told) :]

    yield begin
    for _, process in running:
        process.kill()
        process.communicate()


def _wait_for(process, line):
    for said in process.stdout:
        if line in said:
            return
    raise AssertionError(process.stderr.read())


def _end(worker):
    """Wait for its end; returns exit code, reason and message."""
    folder, process = worker
    said, _ = process.communicate(timeout=DEADLINE)
    (folder / "said").write_text(said)
    words = json.loads((folder / "last-words").read_text())
    return process.returncode, words["reason"], words["message"]


def _assert_learned_as_one(engine, s3, tmp_path, dataset, towers, given=SMALL):
    """Compare with one process whose towers are as many as there were workers."""
    learned, history = engine.learn(dataset, towers=towers, **given)
    metrics = json.loads(s3.objects[f"/{TARGET}/metrics.json"])
    (tmp_path / "model.h5").write_bytes(s3.objects[f"/{TARGET}/my_model.h5"])
    weights = engine.keras.models.load_model(tmp_path / "model.h5").get_weights()
    plan = engine.a_plan(dataset, towers=towers, **given)
    alone = engine.build(plan.network, learned.weights, learned.statistics)

    for mine, theirs in zip(alone.get_weights(), weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5)
    for mine, theirs in zip(history.done, metrics["history"], strict=True):
        assert mine.loss == pytest.approx(theirs["loss"], abs=1e-5)
        assert mine.accuracy == pytest.approx(theirs["accuracy"], abs=1e-5)
    answers = engine.predict.predict(plan, learned, dataset.test.images)
    right = np.mean(answers.argmax(axis=1) == dataset.test.labels)
    assert right == pytest.approx(metrics["accuracy"], abs=1e-5)


def test_two_learn_what_one_learns_and_one_that_is_stopped_later_spoils_nothing(
    engine, launch, s3, tmp_path, dataset
):
    s3.taking.clear()
    chief, worker = launch(places(chief=1, worker=1), SMALL)
    assert s3.offered.wait(DEADLINE)
    worker[1].send_signal(signal.SIGTERM)

    assert (128 + signal.SIGTERM, "Stopped") == _end(worker)[:2]
    s3.taking.set()
    assert (ExitCode.DONE, "Completed") == _end(chief)[:2]
    told = [(folder / "said").read_text() for folder, _ in (chief, worker)]
    assert [True, False] == ['progress: {"epoch": 4, ' in each for each in told]
    _assert_learned_as_one(engine, s3, tmp_path, dataset, towers=2)


def test_a_worker_killed_while_they_learn_ends_all_and_the_next_attempt_succeeds(
    engine, launch, s3, tmp_path, dataset
):
    first, killed, third = launch(places(worker=3), SMALL | {"epochs": 1000})
    _wait_for(killed[1], "epoch 1/1000")
    killed[1].kill()

    for survivor in (first, third):
        code, reason, message = _end(survivor)
        assert (ExitCode.PEER_LOST, "PeerLost") == (code, reason)
        assert message.startswith("another worker ended, or cannot be reached")
    assert [] == s3.uploaded()

    s3.taking.clear()
    team = launch(places(worker=3), SHORT)
    assert s3.offered.wait(DEADLINE)
    assert [None] * 3 == [process.poll() for _, process in team]
    s3.taking.set()

    assert [(0, "Completed")] * 3 == [_end(worker)[:2] for worker in team]
    assert len(set(s3.uploaded())) == len(s3.uploaded())
    assert s3.uploaded()[-1] == f"/{TARGET}/run.json"
    _assert_learned_as_one(engine, s3, tmp_path, dataset, 3, SHORT)


def test_workers_that_were_given_different_parameters_refuse_each_other(launch, s3):
    team = launch(places(worker=2), SMALL, SMALL | {"learningRate": "0.01"})

    for worker in team:
        code, reason, message = _end(worker)
        assert (ExitCode.CONFIG, "InvalidConfiguration") == (code, reason)
        assert "worker 1 and worker 0 differ in their parameters" in message
    assert [] == s3.uploaded()


def test_a_worker_whose_peer_never_comes_gives_up_and_may_be_tried_again(launch):
    told = places(worker=2)
    (worker,) = launch(told[:1], SMALL, TRAINER_PEERS_TIMEOUT_SECONDS="1")
    code, reason, message = _end(worker)

    assert (ExitCode.PEER_LOST, "PeerLost") == (code, reason)
    assert "1 of 2 workers did not come within 1 s" in message


def test_who_lost_another_stays_until_the_cause_can_have_been_told(launch):
    told = places(worker=2)
    (worker,) = launch(told[:1], SMALL, TRAINER_PEERS_TIMEOUT_SECONDS="1")
    _wait_for(worker[1], "PeerLost: ")
    folder, process = worker

    assert "PeerLost" == json.loads((folder / "last-words").read_text())["reason"]
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert 128 + signal.SIGTERM == process.wait(DEADLINE)


@pytest.mark.parametrize("lost", [0, 1], ids=["number-0", "another"])
def test_who_is_left_says_so_itself_whatever_tensorflow_does_meanwhile(launch, lost):
    team = launch(places(worker=2), SMALL | {"epochs": 1000})
    _wait_for(team[lost][1], "epoch 1/1000")
    team[lost][1].kill()

    assert (ExitCode.PEER_LOST, "PeerLost") == _end(team[1 - lost])[:2]


def test_a_worker_that_waits_for_its_peers_hears_sigterm(launch):
    told = places(worker=2)
    (worker,) = launch(told[1:], SMALL)
    _wait_for(worker[1], WAITING)
    worker[1].send_signal(signal.SIGTERM)
    code, reason, message = _end(worker)

    assert (128 + signal.SIGTERM, "Stopped") == (code, reason)
    assert "stopped by SIGTERM while waiting for the other workers" == message


@pytest.fixture
def of_two(engine):
    """One of two, as long as nothing is to be summed."""
    from mnist_trainer.team import Team  # noqa: PLC0415 (after TensorFlow's start)

    return Team(Workers(("a:1", "b:1"), number=1))


def test_what_a_peer_has_broken_is_told_in_one_line(engine, of_two):
    told = "node x: Collective ops is aborted by: Socket closed\nmore of it"
    error = engine.tf.errors.InternalError(None, None, told)

    with pytest.raises(PeerLostError, match=r"\(Socket closed\)$"), of_two.work():
        raise error


def test_what_a_process_has_broken_itself_is_no_fault_of_its_peers(engine, of_two):
    error = engine.tf.errors.ResourceExhaustedError(None, None, "no memory")

    with pytest.raises(type(error)), of_two.work():
        raise error
