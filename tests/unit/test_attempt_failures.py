"""What a failed TFJob says about itself, and whether that is worth another attempt.

Input: the exit code, the trainer's last words, Kubernetes' own words. Output: the
reason and the message of the record.
"""

import json

import pytest

from mnist_operator.attempts import read_failure
from mnist_operator.failures import never_started
from mnist_operator.outcomes import follow
from mnist_operator.tfjob import JobPhase
from unit.builders import NOW, attempt, job, observed, training

_LAST_WORDS = json.dumps({"reason": "DataInvalid", "message": "No labels."})


@pytest.mark.parametrize(
    ("code", "words", "listed", "expected"),
    [
        pytest.param(1, "", (), ("TrainerFailed", False), id="1 would fail again"),
        pytest.param(127, "", (), ("TrainerFailed", False), id="127 is the last such"),
        pytest.param(128, "", (), ("TrainerKilled", True), id="128 is worth a try"),
        pytest.param(137, "", (), ("TrainerKilled", True), id="137 was killed"),
        pytest.param(3, "", (3,), ("TrainerFailed", True), id="3 is listed to retry"),
        pytest.param(3, "", (4,), ("TrainerFailed", False), id="4 is listed, 3 is not"),
        pytest.param(
            2, _LAST_WORDS, (), ("DataInvalid", False), id="the trainer gave its reason"
        ),
        pytest.param(0, "", (), ("PodLost", True), id="0, and yet it failed"),
        pytest.param(None, "", (), ("PodLost", True), id="no exit code at all"),
    ],
)
def test_the_exit_code_says_whether_to_try_again(code, words, listed, expected):
    failed = job(phase=JobPhase.FAILED, exit_code=code, last_words=words)

    outcome = read_failure(failed, listed)

    assert expected == (outcome.reason, outcome.retryable)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"exit_code": 5}, "Exit code 5.", id="nobody said anything"),
        pytest.param(
            {"exit_code": 137, "message": "OOMKilled"},
            "OOMKilled (exit code 137): it needed more than its limit of memory;"
            " raise spec.trainer.resources.",
            id="Kubernetes named the cause",
        ),
        pytest.param(
            {"exit_code": 143}, "Exit code 143 (terminated).", id="it was terminated"
        ),
        pytest.param(
            {"exit_code": 2, "last_words": f"a warning\n{_LAST_WORDS}"},
            "Exit code 2. No labels.",
            id="the last line is the trainer's own",
        ),
        pytest.param(
            {"exit_code": 137, "message": "Evicted: no disk", "last_words": "epoch 1"},
            "Exit code 137 (killed, often for memory). Evicted: no disk. epoch 1",
            id="Kubernetes named the cause, and the trainer was at work",
        ),
        pytest.param(
            {"exit_code": 1, "message": "OOMKilled: epoch 1", "last_words": "epoch 1"},
            "OOMKilled (exit code 1): it needed more than its limit of memory;"
            " raise spec.trainer.resources. Last output: epoch 1",
            id="Kubernetes only repeats the trainer's words",
        ),
        pytest.param(
            {"exit_code": 1, "message": "Error: epoch 1", "last_words": "epoch 1"},
            "Exit code 1. epoch 1",
            id="Kubernetes knows no cause",
        ),
        pytest.param(
            {"exit_code": 1, "last_words": "Traceback\n  KeyError: 'x'"},
            "Exit code 1. Traceback KeyError: 'x'",
            id="another image left the tail of its log",
        ),
        pytest.param(
            {"exit_code": 1, "last_words": "[1, 2]"},
            "Exit code 1. [1, 2]",
            id="the last line is JSON of another shape",
        ),
        pytest.param(
            {"exit_code": None, "message": "Evicted"}, "Evicted", id="it was evicted"
        ),
        pytest.param(
            {"exit_code": None},
            "The pod ended without an exit code.",
            id="nobody knows anything",
        ),
        pytest.param(
            {"exit_code": 137, "message": "OOMKilled", "pods": 3, "pod": "m-worker-1"},
            "Pod m-worker-1: OOMKilled (exit code 137): it needed more than its limit"
            " of memory; raise spec.trainer.resources.",
            id="one of several pods was killed",
        ),
        pytest.param(
            {"exit_code": None, "message": "Evicted", "pods": 3, "pod": "m-worker-1"},
            "Pod m-worker-1: Evicted",
            id="one of several pods was evicted",
        ),
        pytest.param(
            {"exit_code": None, "message": "1 Worker replica(s) failed.", "pods": 3},
            "1 Worker replica(s) failed.",
            id="one of several pods is gone",
        ),
    ],
)
def test_a_failure_is_told_in_the_best_words_there_are(fields, message):
    failed = job(phase=JobPhase.FAILED, **fields)

    assert message == read_failure(failed, ()).message


def test_a_trainer_without_memory_is_told_with_the_limit_of_the_spec_that_it_ran_with():
    wanted = training(trainer={"resources": {"limits": {"memory": "512Mi"}}})
    killed = job(
        phase=JobPhase.FAILED,
        exit_code=137,
        message="OOMKilled: epoch 1/1",
        last_words="epoch 1/1",
    )
    now = observed(training=wanted, jobs=[killed])
    own, older = attempt(digest=now.spec_digest), attempt(digest="another")

    told, of_older = (
        follow(observed(training=wanted, jobs=[killed], attempt=each), NOW)
        .actions[0]
        .outcome.message
        for each in (own, older)
    )

    assert (
        "OOMKilled (exit code 137): it needed more than limits.memory 512Mi; raise"
        " spec.trainer.resources. Last output: epoch 1/1"
    ) == told
    assert "512Mi" not in of_older


_WAITS = 'ImagePullBackOff: Back-off pulling image "r/t:2"'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(
            f"{_WAITS} ErrImagePull: Error pod m container tensorflow waiting message:"
            ' failed to pull image "r/t:2": not found Failed: failed to pull image'
            ' "r/t:2": not found',
            "image r/t:2 cannot be pulled: not found. Mend spec.trainer.image.",
            id="three-times-the-same",
        ),
        pytest.param(
            'Pod m-worker-1: ErrImagePull: failed to pull image "r/t:2": r/t: 401'
            " Unauthorized",
            "Pod m-worker-1: image r/t:2 cannot be pulled: 401 Unauthorized. Mend"
            " spec.trainer.image, or its pull secret, or see to the registry.",
            id="not-allowed-to-one-of-several",
        ),
        pytest.param(
            _WAITS,
            "image r/t:2 cannot be pulled. Mend spec.trainer.image, or its pull"
            " secret, or see to the registry.",
            id="nothing-but-that-it-waits",
        ),
        pytest.param("ErrImagePull", "ErrImagePull", id="no-words"),
        pytest.param(
            'Container fetch: ErrImagePull: no image "f:1"',
            'Container fetch: ErrImagePull: no image "f:1"',
            id="of-a-container-beside-it",
        ),
        pytest.param(
            'FailedCreatePod: image "x" exceeded quota: team',
            'FailedCreatePod: image "x" exceeded quota: team',
            id="another-cause",
        ),
    ],
)
def test_what_keeps_pods_from_running_is_told_once_and_first(said, told):
    outcome = never_started("No pod", 45, said)

    begins = "No pod ran within 45 s (spec.startupDeadlineSeconds): "
    assert begins + told == outcome.message
