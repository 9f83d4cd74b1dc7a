"""Whether a model may take another's place: what the trainer counts, and who judges.

The judge is the operator's own, so that both sides of the contract are held together.
"""

import dataclasses
import json

import numpy as np
import pytest

from mnist_operator.gate import Bars, Ruling, judge
from mnist_operator.trial import Pinned, Trial, read_report
from mnist_trainer import held_out, trial_settings
from mnist_trainer.folder import FolderStorage
from trainer.buckets import COMMIT, SOURCE, TARGET
from trainer.programs import a_session, run
from trainer.s3_server import serve
from trainer.samples import arrays, draw_digits, pack

_HELD_OUT = Pinned("default", "held_out", "master", COMMIT, "data/test.npz")
_MODEL = Pinned("default", "outputrepo", "master", COMMIT[::-1], "my_model.h5")
_DATA = Pinned("default", "inputrepo", "master", COMMIT, "data/mnist.npz")
_OLD_DATA = Pinned("default", "inputrepo", "master", COMMIT[1:] + "0", "data/")
_FIRST = Trial(_HELD_OUT)
_ROUTINE = Trial(_HELD_OUT, _MODEL, _DATA)


def a_set(seed, train=1500, test=100, noise=0.0):
    """An archive of drawn digits, of which a part has any label at all."""
    x_train, y_train = draw_digits(train, seed=seed)
    x_test, y_test = draw_digits(test, seed=seed + 1)
    draw = np.random.default_rng(seed)
    wrong = draw.random(train) < noise
    y_train = np.where(wrong, draw.integers(0, 10, train), y_train).astype(
        y_train.dtype
    )
    return arrays(x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)


_TRAINED, _MEASURED = a_set(1), a_set(7, train=20, test=800)


def play(s3, folder, trial, *, data=_TRAINED, held_out=_MEASURED, **changed):
    """One run of the program on this data; returns its report and its log."""
    s3.objects |= {
        f"/{SOURCE}/data/mnist.npz": pack(data),
        f"/{_HELD_OUT.bucket}/{_HELD_OUT.path}": pack(held_out),
    }
    code, out, err = run(
        folder,
        "--outputs=Log",
        S3_ENDPOINT=s3.endpoint,
        S3_USE_HTTPS="0",
        INPUT_BUCKET=SOURCE,
        OUTPUT_BUCKET=TARGET,
        TRAINER_PARAMETERS='{"epochs": 2, "seed": 1}',
        **(trial.name_variables() | changed),
    )
    assert (0, "") == (code, err)
    return json.loads(s3.objects[f"/{TARGET}/report/held_out.json"]), out


def judged(trial, report):
    found = read_report(trial, report)
    return judge(found.figures, Bars()) if found.figures else found.fault


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The first model, and what was counted of it alone."""
    with serve() as server:
        report, _ = play(server, tmp_path_factory.mktemp("first"), _FIRST)
        return server.objects[f"/{TARGET}/my_model.h5"], report


@pytest.fixture
def world(s3, first):
    """A gateway where that model is in production."""
    s3.objects |= {
        f"/{_MODEL.bucket}/{_MODEL.path}": first[0],
        f"/{_DATA.bucket}/{_DATA.path}": pack(_TRAINED),
    }
    return s3


def test_the_first_model_is_measured_alone(first):
    report = first[1]
    passed = judged(_FIRST, report)

    assert 800 == report["images"]
    assert report["champion"] is None
    assert (Ruling.PASSED, "First") == (passed.ruling, passed.reason)


def test_the_same_training_makes_an_equal_model_which_passes(tmp_path, world, first):
    report, out = play(world, tmp_path, _ROUTINE)
    right = first[1]["table"]["onlyChallenger"]

    assert {
        "bothRight": right,
        "onlyChampion": 0,
        "onlyChallenger": 0,
        "bothWrong": 800 - right,
    } == report["table"]
    assert {"challenger": 0, "champion": 0} == report["leaked"]
    assert Ruling.PASSED == judged(_ROUTINE, report).ruling
    assert f"held-out: {right} of 800 images right, in production {right}" in out
    assert _is_listed(world.objects)
    assert 64 == len(report["heldOut"]["sha256"]) == len(report["champion"]["sha256"])


def _is_listed(objects):
    manifest = json.loads(objects[f"/{TARGET}/run.json"])
    return "/report/held_out.json" in {each["path"] for each in manifest["files"]}


def test_a_truly_worse_model_is_refused(tmp_path, world):
    poor = a_set(3, train=60, noise=0.8)
    report, _ = play(world, tmp_path, _ROUTINE, data=poor)
    word = judged(_ROUTINE, report)

    assert (Ruling.REFUSED, "Worse") == (word.ruling, word.reason)


def test_images_that_either_model_was_trained_on_are_found(tmp_path, world):
    """The old one's data are a folder of two files, one of which has decimals."""
    leaked = dict(_TRAINED)
    leaked["x_train"] = np.concatenate([_TRAINED["x_train"], _MEASURED["x_test"][:5]])
    leaked["y_train"] = np.concatenate([_TRAINED["y_train"], _MEASURED["y_test"][:5]])
    seen = {
        "x_train": _MEASURED["x_test"][5:8].astype("f4"),
        "y_train": _MEASURED["y_test"][5:8],
    }
    world.objects |= {
        f"/{_OLD_DATA.bucket}/data/1.npz": pack(_TRAINED),
        f"/{_OLD_DATA.bucket}/data/2.npz": pack(seen),
    }
    trial = Trial(_HELD_OUT, _MODEL, _OLD_DATA)
    report, _ = play(world, tmp_path, trial, data=leaked)
    word = judged(trial, report)

    assert {"challenger": 5, "champion": 3} == report["leaked"]
    assert (Ruling.REFUSED, "Leaked") == (word.ruling, word.reason)


def compared(folder, open_bucket, trial=_ROUTINE):
    """The report of a new model that calls every image a three."""
    session = a_session(folder, "--output", "out")
    config = dataclasses.replace(session.config, trial=trial)
    session = dataclasses.replace(session, config=config)

    def ask(images):
        return np.eye(10)[np.full(len(images), 3)]

    gathering = held_out.start_gathering(session, open_bucket)
    train = _TRAINED["x_train"], _TRAINED["y_train"]
    return held_out.compare(session, gathering, ask, train), session.narrator.story()


def a_bucket(folder, **files):
    """Every bucket of a gateway: the same files."""
    for name, content in files.items():
        (folder / "bucket").mkdir(exist_ok=True)
        (folder / "bucket" / name).write_bytes(content)
    return lambda name: FolderStorage(folder / "bucket", None)


def located(champion="champion.h5", images="images.npz"):
    places = ((images, "images"), (champion, "models"), ("seen.npz", "data"))
    return trial_settings.Trial(*(trial_settings.Located(b, p) for p, b in places))


_SMALL = {k: v[:, ::2, ::2] if k[0] == "x" else v for k, v in _MEASURED.items()}
_FAULTS = {
    "images that are gone": ({"images": "other.npz"}, "InputMissing"),
    "images of 14 x 14": (
        {"images": "small.npz"},
        "InvalidConfiguration: CHAMPION_MODEL names a model of images of",
    ),
    "a file that is no model": ({"champion": "seen.npz"}, "CHAMPION_MODEL is"),
}


@pytest.mark.parametrize(("changed", "told"), _FAULTS.values(), ids=_FAULTS)
def test_what_cannot_be_compared_is_told(tmp_path, first, engine, changed, told):
    bucket = a_bucket(
        tmp_path,
        **{
            "images.npz": pack(_MEASURED),
            "small.npz": pack(_SMALL),
            "champion.h5": first[0],
            "seen.npz": pack(_TRAINED),
        },
    )
    report, story = compared(tmp_path, bucket, located(**changed))

    assert {"version", "error"} == set(report)
    assert told in report["error"]
    assert "not compared on held-out images" in story


def test_an_archive_without_a_test_split_is_held_out_whole(tmp_path):
    whole = {k: v for k, v in _MEASURED.items() if k.endswith("train")}
    bucket = a_bucket(tmp_path, **{"images.npz": pack(whole)})
    alone = trial_settings.Trial(located().held_out)
    report, _ = compared(tmp_path, bucket, alone)
    threes = int((whole["y_train"] == 3).sum())

    assert 20 == report["images"]
    assert threes == report["table"]["onlyChallenger"]


def test_half_of_a_pair_of_variables_is_refused(tmp_path):
    code, out, _ = run(
        tmp_path,
        S3_ENDPOINT="gateway:30600",
        INPUT_BUCKET=SOURCE,
        OUTPUT_BUCKET=TARGET,
        HELD_OUT_BUCKET=_HELD_OUT.bucket,
    )

    assert 2 == code
    assert "HELD_OUT_DATA is missing while HELD_OUT_BUCKET is set: set both" in out
