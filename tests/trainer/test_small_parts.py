"""The parts that fit on a line: cores, schedule, narration, last words, curve."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from mnist_trainer import farewell, report, schedule
from mnist_trainer.cpus import count_cpus, read_limit
from mnist_trainer.history import History, Point
from mnist_trainer.narrator import Narrator


def _cgroups(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_max", ".max")
        path = path.with_name(path.name.replace("cfs_", "cpu.cfs_"))
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("expected", "files"),
    [
        pytest.param(2, {"cpu_max": "200000 100000\n"}, id="two-cores-in-version-2"),
        pytest.param(0.5, {"cpu_max": "50000 100000\n"}, id="half-a-core"),
        pytest.param(None, {"cpu_max": "max 100000\n"}, id="no-limit-in-version-2"),
        pytest.param(
            1.5,
            {"cpu__cfs_quota_us": "150000\n", "cpu__cfs_period_us": "100000\n"},
            id="one-and-a-half-in-version-1",
        ),
        pytest.param(
            None,
            {"cpu__cfs_quota_us": "-1\n", "cpu__cfs_period_us": "100000\n"},
            id="no-limit-in-version-1",
        ),
        pytest.param(None, {}, id="no-control-groups-at-all"),
    ],
)
def test_the_share_of_a_container_is_read(tmp_path, expected, files):
    assert expected == read_limit(_cgroups(tmp_path, **files))


def test_there_is_always_a_core_to_work_on():
    assert 1 <= count_cpus()


def test_the_rate_rises_to_its_peak_and_falls_to_nothing():
    rates = schedule.rates(1000, 0.02)

    assert 0.02 == pytest.approx(rates.max(), rel=0.01)
    assert 200 == pytest.approx(rates.argmax(), abs=1)
    assert rates[0] < 0.001
    assert rates[-1] < 0.001


@pytest.mark.parametrize("images", [7, 8, 9, 64])
def test_an_epoch_takes_every_image(images):
    steps = -(-images // 8)
    planned = schedule.plan_epoch(
        np.random.default_rng(1),
        images=images,
        batch=8,
        margin=1,
        rates=schedule.rates(steps, 0.1),
    )

    assert (steps, 8) == planned.rows.shape
    assert set(range(images)) == set(planned.rows.flat)
    assert {0, 1, 2} >= set(planned.shifts.flat)


def test_an_epoch_cut_into_pieces_loses_nothing():
    planned = schedule.plan_epoch(
        np.random.default_rng(1),
        images=100,
        batch=10,
        margin=0,
        rates=schedule.rates(10, 0.1),
    )
    pieces = list(schedule.cut(planned, 4))

    assert [4, 4, 2] == [piece.count for piece in pieces]
    np.testing.assert_array_equal(
        planned.rows, np.concatenate([piece.rows for piece in pieces])
    )


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_sees_a_bar_move_and_then_make_room_for_the_line():
    terminal = _Terminal()
    narrator = Narrator(terminal)
    narrator.advance("epoch 1/2", 0.5, "loss 0.3")
    narrator.say("epoch 1/2: done")

    assert "[###############...............]  50% loss 0.3" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[Kepoch 1/2: done\n")


def test_a_log_gets_plain_lines_and_no_bar():
    log = io.StringIO()
    narrator = Narrator(log)
    narrator.advance("epoch 1/2", 0.5, "loss 0.3")
    narrator.say("epoch 1/2: done")

    assert "epoch 1/2: done\n" == log.getvalue()


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("", id="nothing"),
        pytest.param("short", id="short"),
        pytest.param("x" * 5000, id="long"),
        pytest.param("é" * 5000, id="long-with-accents"),
        pytest.param("\N{DIGIT ONE}\N{SNAKE}" * 900, id="long-with-pictures"),
        pytest.param('"\\\n\t' * 900, id="long-with-all-that-json-escapes"),
    ],
)
def test_last_words_are_one_line_of_json_within_a_kibibyte(message):
    line = farewell.last_words("InvalidData", message)

    assert len(line.encode()) <= 1024
    assert 1 == line.count("\n")
    assert "InvalidData" == json.loads(line)["reason"]
    told = json.loads(line)["message"].removesuffix("…")
    assert " ".join(message.split()).startswith(told)
    assert len(message) < 100 or len(told) > 50


def test_nobody_to_hear_the_last_words_is_no_failure(tmp_path):
    farewell.leave(None, "Completed", "")
    farewell.leave(tmp_path / "missing" / "log", "Completed", "")

    assert [] == list(tmp_path.iterdir())


def _history(epochs, points):
    history = History(epochs=epochs)
    for _ in range(epochs):
        for number in range(points):
            part = (number + 1) / points
            history.add(Point(steps=10, at=part, loss=1 - part / 2, accuracy=part))
        history.close_epoch(1.5)
    return history


def test_an_epoch_is_the_mean_over_its_steps():
    history = History(epochs=1)
    history.add(Point(steps=3, at=0.75, loss=1.0, accuracy=0.0))
    history.add(Point(steps=1, at=1.0, loss=0.0, accuracy=1.0))

    assert "epoch 1/1: loss 0.7500, accuracy 25.00%, 2.0 s" == history.close_epoch(
        2.0
    ).sentence(1)


@pytest.mark.parametrize(
    ("epochs", "points"),
    [
        pytest.param(2, 15, id="a-usual-training"),
        pytest.param(1, 1, id="a-training-of-one-step"),
        pytest.param(100, 1, id="many-epochs"),
    ],
)
def test_the_curve_is_a_small_picture_with_both_colours(epochs, points):
    png = report.draw_curve(_history(epochs, points), title="Test accuracy 99 %")
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    colours = {colour for _, colour in picture.getcolors(1 << 16)}

    assert "PNG" == Image.open(io.BytesIO(png)).format
    assert len(png) < 50_000
    assert {(0xD5, 0x5E, 0x00), (0x00, 0x72, 0xB2)} <= colours


def test_the_same_training_draws_the_same_picture():
    pictures = {report.draw_curve(_history(2, 5), title="same") for _ in range(2)}

    assert 1 == len(pictures)
