"""Held-out images that a model was trained on are found, however they were saved.

Input: held-out images, and training data that have some of them. Output: how many are
counted as leaked, of either model, and what the operator's gate makes of it. What is
not found stands here as well, as it stands in docs/promotion.md.
"""

import dataclasses

import numpy as np
import pytest

from mnist_operator.gate import Bars, Ruling, judge
from mnist_operator.trial import Pinned, Trial, read_report
from mnist_trainer import held_out
from mnist_trainer.folder import FolderStorage
from mnist_trainer.trial_settings import Located
from mnist_trainer.trial_settings import Trial as Wanted
from trainer.programs import a_session
from trainer.samples import arrays, draw_digits, pack, read

_IMAGES, _LABELS = draw_digits(30, seed=70)
_HELD_OUT = {"x_test": _IMAGES, "y_test": _LABELS}
_LEAKED = 4


def leaking(change=lambda images: images, labels=lambda known: known, part="train"):
    """Sound data, and a few of the held-out images among them, changed in a way."""
    found = arrays()
    x, y = f"x_{part}", f"y_{part}"
    found[x] = np.concatenate([found[x], change(_IMAGES[:_LEAKED])])
    found[y] = np.concatenate([found[y], labels(_LABELS[:_LEAKED])])
    return found


def saved(kind):
    """All training images of another type of number."""
    data = leaking()
    return data | {"x_train": data["x_train"].astype(kind)}


def compared(folder, *, data, images=None, files=None):
    """What the trainer reports of a model trained on this data, as the champion was."""
    bucket = folder / "bucket"
    for name, content in (files or {"seen/mnist.npz": pack(data)}).items():
        place = bucket / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (bucket / "images.npz").write_bytes(pack(_HELD_OUT if images is None else images))
    (folder / "data.npz").write_bytes(pack(data))
    session = a_session(folder, "--output", "out")
    wanted = Wanted(Located("images", "images.npz"), None, Located("data", "seen/"))
    config = dataclasses.replace(session.config, trial=wanted)
    session = dataclasses.replace(session, config=config)
    gathering = held_out.start_gathering(
        session, lambda name: FolderStorage(bucket, None)
    )
    train = read(folder / "data.npz").train
    return held_out.compare(
        session,
        gathering,
        lambda found: np.eye(10)[np.zeros(len(found), int)],
        (train.images, train.labels),
    )


_FOUND = {
    "as they are": leaking(),
    "with other labels": leaking(labels=lambda known: (known + 1) % 10),
    "as 16 bits, the largest first": saved(">u2"),
    "as 64 bits": saved("<i8"),
    "as floats": saved("<f4"),
    "as long floats, the largest byte first": saved(">f8"),
    "with decimals that are none of brightness": leaking(
        lambda images: images.astype("f4") + np.float32(0.3) * (images < 255)
    ),
    "in Fortran's order": leaking() | {"x_train": np.asfortranarray(
        leaking()["x_train"])},
}  # fmt: skip


@pytest.mark.parametrize("data", _FOUND.values(), ids=_FOUND)
def test_leaked_images_are_found_however_they_were_saved(tmp_path, data):
    report = compared(tmp_path, data=data)

    assert {"challenger": _LEAKED, "champion": _LEAKED} == report["leaked"]


@pytest.mark.parametrize("kind", ["<f4", ">f8", ">u2"])
def test_it_does_not_matter_how_the_held_out_images_were_saved(tmp_path, kind):
    images = {"x_train": _IMAGES.astype(kind), "y_train": _LABELS}
    report = compared(tmp_path, data=leaking(), images=images)

    assert {"challenger": _LEAKED, "champion": _LEAKED} == report["leaked"]


def test_they_are_found_in_any_file_of_a_folder(tmp_path):
    files = {"seen/a.npz": pack(arrays()), "seen/b/c.npz": pack(leaking())}
    report = compared(tmp_path, data=arrays(), files=files)

    assert {"challenger": 0, "champion": _LEAKED} == report["leaked"]


def test_the_training_data_themselves_are_no_held_out_images(tmp_path):
    """Somebody names the input commit, which has no test split."""
    data = {key: found for key, found in arrays().items() if key.endswith("train")}
    report = compared(tmp_path, data=data, images=data)

    assert 60 == report["leaked"]["champion"] == report["images"]
    assert 50 <= report["leaked"]["challenger"] < 60  # What is held back is not seen.


def test_the_test_split_of_the_training_data_was_not_trained_on(tmp_path):
    data = leaking(part="test")
    report = compared(tmp_path, data=data, images=data)

    assert {"challenger": 0, "champion": 0} == report["leaked"]


def brighter(images):
    return np.where(images < 255, images + 1, images)


_MISSED = {
    "moved by a pixel": leaking(lambda images: np.roll(images, 1, axis=2)),
    "brighter by one": leaking(brighter),
    "mirrored": leaking(lambda images: images[:, :, ::-1]),
    "inverted": leaking(lambda images: 255 - images),
}


@pytest.mark.parametrize("data", _MISSED.values(), ids=_MISSED)
def test_what_is_another_image_to_a_pixel_is_not_found(tmp_path, data):
    report = compared(tmp_path, data=data)

    assert {"challenger": 0, "champion": 0} == report["leaked"]


@pytest.mark.parametrize(
    ("images", "told"),
    [
        ({"y_test": _LABELS}, "x_test.npy is missing, the archive holds y_test"),
        ({"words": np.arange(3)}, "x_train.npy is missing, the archive holds words"),
    ],
    ids=["labels alone", "something else"],
)
def test_a_file_without_images_is_told_and_no_model_passes_by_it(
    tmp_path, images, told
):
    report = compared(tmp_path, data=arrays(), images=images)

    assert {"version", "error"} == set(report)
    assert told in report["error"]


def test_the_gate_refuses_a_leak_whatever_the_accuracy(tmp_path):
    report = compared(tmp_path, data=leaking())
    trial = Trial(
        Pinned("default", "held_out", "master", "1" * 32, "images.npz"),
        None,
        Pinned("default", "inputrepo", "master", "2" * 32, "seen"),
    )
    report["heldOut"]["bucket"] = trial.held_out.bucket
    report["championData"]["bucket"] = trial.champion_data.bucket
    word = judge(read_report(trial, report).figures, Bars())

    assert (Ruling.REFUSED, "Leaked") == (word.ruling, word.reason)
    assert word.message.startswith(
        "4 of 30 held-out images are among those that the new model was trained on, so"
        " they measure nothing: name other images in spec.promotion.heldOut."
    )
