"""The whole program as a process: what a pod, a person and the operator see of it."""

import hashlib
import json
import signal

import pytest

from mnist_trainer.errors import ExitCode
from mnist_trainer.parameters import read_parameters
from trainer.buckets import COMMIT, SOURCE, TARGET
from trainer.programs import DEADLINE, ROOT, run, start
from trainer.s3_server import serve
from trainer.samples import arrays, pack

SCRIPT = ROOT / "trainer" / "tfjob.py"
GIVEN = {"epochs": 3, "batchSize": 64, "seed": 7}
TOKEN = "a-token-from-a-secret"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _last_words(folder):
    return json.loads((folder / "last-words").read_text())


def _in_cluster(s3, **more):
    """What the operator sets for an attempt."""
    return {
        "S3_ENDPOINT": s3.endpoint,
        "S3_USE_HTTPS": "0",
        "INPUT_BUCKET": SOURCE,
        "OUTPUT_BUCKET": TARGET,
        "AWS_ACCESS_KEY_ID": TOKEN,
        "AWS_SECRET_ACCESS_KEY": TOKEN,
        "AWS_MAX_ATTEMPTS": "2",
    } | more


@pytest.fixture(scope="module")
def attempt(tmp_path_factory, digits):
    """One run against buckets, all of whose traces several tests look at."""
    folder = tmp_path_factory.mktemp("attempt")
    with serve() as s3:
        s3.objects[f"/{SOURCE}/data/mnist.npz"] = digits
        code, out, err = run(
            folder,
            program=(str(SCRIPT),),
            TRAINER_PARAMETERS=json.dumps(GIVEN),
            SOURCE_REVISION="f" * 40,
            SOURCE_URL="https://example.org/mnist-operator",
            TRACEPARENT=PARENT,
            **_in_cluster(s3),
        )
        yield folder, s3, code, out, err


def _object(s3, path):
    return s3.objects[f"/{TARGET}/{path}"]


def test_an_attempt_succeeds_by_the_classic_command(attempt):
    folder, _, code, out, err = attempt

    assert (0, "") == (code, err)
    assert "Completed" == _last_words(folder)["reason"]
    assert out.splitlines()[-1] == f"Completed: {_last_words(folder)['message']}"


def test_the_manifest_is_uploaded_last_and_every_file_once(attempt):
    _, s3, *_ = attempt
    uploaded = [path.removeprefix(f"/{TARGET}/") for path in s3.uploaded()]

    assert "my_model.h5" == uploaded[0]
    assert "run.json" == uploaded[-1]
    assert {
        "my_model.h5",
        "metrics.json",
        "training.log",
        "report/index.html",
        "report/training_curve.png",
        "report/confusion_matrix.png",
        "report/worst_mistakes.png",
        "run.json",
    } == set(uploaded)
    assert len(set(uploaded)) == len(uploaded)


def test_the_manifest_names_the_input_and_every_file_by_its_digest(attempt, digits):
    _, s3, *_ = attempt
    manifest = json.loads(_object(s3, "run.json"))
    described = {
        "path": "/data/mnist.npz",
        "sha256": hashlib.sha256(digits).hexdigest(),
        "bytes": len(digits),
    }

    assert 1 == manifest["version"]
    assert [described] == manifest["input"]
    assert {f"/{TARGET}{file['path']}" for file in manifest["files"]} == set(
        s3.uploaded()[:-1]
    )
    for file in manifest["files"]:
        content = _object(s3, file["path"].lstrip("/"))
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert len(content) == file["bytes"]


def test_the_manifest_says_how_and_with_what_it_was_trained(attempt):
    _, s3, *_ = attempt
    manifest = json.loads(_object(s3, "run.json"))
    used = manifest["parameters"]

    assert GIVEN == {name: used[name] for name in GIVEN}
    assert used == read_parameters(json.dumps(used), seed=0).describe()
    assert "f" * 40 == manifest["environment"]["sourceRevision"]
    assert "https://example.org/mnist-operator" == manifest["environment"]["sourceUrl"]
    assert manifest["startedAt"] < manifest["finishedAt"]
    assert manifest["finishedAt"].endswith("Z")


def test_the_manifest_names_the_packages_and_the_kind_of_machine(attempt):
    _, s3, *_ = attempt
    told = json.loads(_object(s3, "run.json"))["environment"]
    versions = ["python", "tensorflow", "keras", "numpy"]

    assert [] == [name for name in versions if not told[name][0].isdigit()]
    assert {"machine", "threads", "workers", "processor"} <= told.keys()
    assert ("CPU", None) == (told["device"], told["requirementsSha256"])
    assert 64 == len(told["installedSha256"])


def test_the_page_about_the_record_has_all_that_is_told_of_the_machine(attempt):
    _, s3, *_ = attempt
    told = json.loads(_object(s3, "run.json"))["environment"]
    schema = json.loads((ROOT / "docs" / "lineage.schema.json").read_text())
    place = schema["$defs"]["environment"]["properties"]["annotations"]

    assert set() == told.keys() - place["properties"].keys()


def test_metrics_tell_the_result_its_history_and_the_time_it_took(attempt):
    _, s3, *_ = attempt
    metrics = json.loads(_object(s3, "metrics.json"))
    manifest = json.loads(_object(s3, "run.json"))

    assert metrics["accuracy"] > 0.8
    assert {key: metrics[key] for key in ("accuracy", "loss")} == manifest["metrics"]
    assert [1, 2, 3] == [epoch["epoch"] for epoch in metrics["history"]]
    assert {"train": 2000, "test": 300} == metrics["images"]
    spent = dict(metrics["seconds"])
    assert {"download", "validate"} <= spent.pop("beside").keys()
    assert {"import", "train", "evaluate"} <= spent.keys()
    assert spent.pop("total") == pytest.approx(sum(spent.values()), abs=0.05)


def test_a_pods_log_has_a_plain_line_per_epoch_and_no_credentials(attempt):
    _, _, _, out, err = attempt
    epochs = [line for line in out.splitlines() if line.startswith("epoch ")]

    assert 3 == len(epochs)
    assert "\r" not in out
    assert TOKEN not in out + err


def test_the_log_names_the_trace_that_it_is_part_of(attempt):
    _, _, _, out, _ = attempt

    assert [f"traceparent {PARENT}"] == [e for e in out.splitlines() if "trace" in e]


def test_nothing_is_left_in_the_scratch_folder(attempt):
    folder, *_ = attempt

    assert [] == list((folder / "scratch").iterdir())


def test_bad_data_ends_with_a_reason_and_uploads_nothing(tmp_path, s3):
    s3.objects[f"/{SOURCE}/data/mnist.npz"] = pack(arrays(y_train=[11] * 60))
    code, _, _ = run(tmp_path, **_in_cluster(s3))

    assert ExitCode.DATA == code
    assert "InvalidData" == _last_words(tmp_path)["reason"]
    assert "/data/mnist.npz: y_train" in _last_words(tmp_path)["message"]
    assert [] == s3.uploaded()


def test_an_output_that_is_closed_meanwhile_gets_no_manifest(tmp_path, s3):
    """The fence: the operator has finished the commit of an attempt it gave up."""
    finished = f"commit default/runs@{COMMIT} has already finished"
    s3.refused_puts = [(500, "InternalError", finished)]
    s3.objects[f"/{SOURCE}/data/mnist.npz"] = pack(arrays())
    code, _, _ = run(tmp_path, **_in_cluster(s3))

    assert ExitCode.OUTPUT_REFUSED == code
    assert "OutputRefused" == _last_words(tmp_path)["reason"]
    assert f"/{TARGET}/run.json" not in s3.uploaded()


def test_a_missing_input_is_permanent(tmp_path, s3):
    code, _, _ = run(tmp_path, **_in_cluster(s3))

    assert ExitCode.INPUT_MISSING == code
    assert "InputMissing" == _last_words(tmp_path)["reason"]


def test_an_unreachable_gateway_is_worth_another_attempt(tmp_path, s3):
    code, out, _ = run(tmp_path, **_in_cluster(s3) | {"S3_ENDPOINT": "127.0.0.1:9"})

    assert ExitCode.UNREACHABLE == code
    assert "StorageUnreachable" == _last_words(tmp_path)["reason"]
    assert "trying again in 0.5 s" in out


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"TRAINER_PARAMETERS": '{"epochs": -1}'}, id="a-parameter"),
        pytest.param(
            {"TF_CONFIG": '{"task": {"type": "ps", "index": 0}}'}, id="a-role"
        ),
        pytest.param({"S3_USE_HTTPS": "perhaps"}, id="a-variable"),
    ],
)
def test_a_configuration_error_is_told_before_tensorflow_starts(
    tmp_path, s3, environment
):
    code, out, err = run(tmp_path, **_in_cluster(s3) | environment)

    assert (ExitCode.CONFIG, "") == (code, err)
    assert "InvalidConfiguration" == _last_words(tmp_path)["reason"]
    assert next(iter(environment)) in out
    assert [] == s3.requests


def test_an_unwritable_scratch_folder_is_the_disks_fault(tmp_path, s3):
    (tmp_path / "scratch").write_text("no folder")
    code, _, _ = run(tmp_path, **_in_cluster(s3))

    assert ExitCode.DISK == code
    assert "DiskUnusable" == _last_words(tmp_path)["reason"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_training_at_once_with_last_words(tmp_path, s3, digits, number):
    s3.objects[f"/{SOURCE}/data/mnist.npz"] = digits
    endless = {"TRAINER_PARAMETERS": '{"epochs": 1000}'}
    process = start(tmp_path, **_in_cluster(s3, **endless))
    for line in process.stdout:
        if line.startswith("epoch 1/1000"):
            process.send_signal(number)
            break
    process.communicate(timeout=DEADLINE)

    assert 128 + number == process.returncode
    assert "Stopped" == _last_words(tmp_path)["reason"]
    assert (
        f"by {number.name} while training, epoch" in (_last_words(tmp_path)["message"])
    )
    assert [] == s3.uploaded()
    assert [] == list((tmp_path / "scratch").iterdir())


def test_a_signal_during_the_download_is_heard_as_well(tmp_path, s3):
    """The answer never comes, and TensorFlow is being imported."""
    s3.speaking.clear()
    process = start(tmp_path, **_in_cluster(s3))
    assert s3.asked.wait(DEADLINE)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=DEADLINE)

    assert 143 == process.returncode
    assert "while downloading" in _last_words(tmp_path)["message"]
