"""The report as a person meets it: pictures that show what is there, and one page."""

import io
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from mnist_trainer import metrics
from mnist_trainer.curve import draw_curve
from mnist_trainer.findings import Findings, compose_metrics
from mnist_trainer.history import History, Point
from mnist_trainer.matrix import draw_matrix
from mnist_trainer.mistakes import Mistake, draw_mistakes, find_mistakes
from mnist_trainer.report import compose_report
from trainer.samples import draw_digits

BLUE = (0x00, 0x72, 0xB2)
ORANGE = (0xD5, 0x5E, 0x00)
DIGITS = tuple("0123456789")
FILES = {"training_curve.png", "confusion_matrix.png", "worst_mistakes.png"}
VOID = {"meta", "img"}


def _open(png):
    picture = Image.open(io.BytesIO(png))

    assert "PNG" == picture.format
    return picture.convert("RGB")


def _colours(png):
    return {colour for _, colour in _open(png).getcolors(1 << 20)}


def _history(epochs, points):
    history = History(epochs=epochs)
    for _ in range(epochs):
        for number in range(points):
            part = (number + 1) / points
            history.add(Point(steps=10, at=part, loss=1 - part / 2, accuracy=part))
        history.close_epoch(1.5)
    return history


def _answers(labels, classes, *, wrong=()):
    """Answer rightly, but for some images, of which the model is sure as well."""
    probabilities = np.full((len(labels), classes), 0.1 / classes, np.float32)
    said = labels.copy()
    for at in wrong:
        said[at] = (said[at] + 1) % classes
    probabilities[np.arange(len(labels)), said] += 0.9
    return probabilities


def _findings(*, names=DIGITS, wrong=(3, 5), notes=()):
    images, labels = draw_digits(40, seed=1)
    labels = labels.astype(np.int32)
    probabilities = _answers(labels, len(names), wrong=wrong)
    history = _history(2, 5)
    found = compose_metrics(
        metrics.measure(probabilities, labels, names),
        history=history,
        images={"train": 60, "test": 40},
        image_shape=(28, 28),
        model_parameters=29_834,
        seconds={"import": 2.1, "train": 3.4},
        data={"imagesPerClass": {"train": [6] * 10}, "notes": list(notes)},
        environment={"tensorflow": "2.21.0", "sourceRevision": None},
    )
    lineage = {"input": [{"path": "/data/mnist.npz", "sha256": "c0ffee"}]}
    parameters = {"epochs": 2, "learningRate": "0.02"}
    return Findings(
        found, history, images, labels, probabilities, names, parameters, lineage
    )


class _Reader(HTMLParser):
    """Reads a page as a browser does, and notes all that it would act on."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.words = ""
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        self.words += f" {data.strip()}"


def _read(**changed):
    return _Reader(compose_report(_findings(**changed))["index.html"])


@pytest.mark.parametrize(
    ("epochs", "points"),
    [
        pytest.param(2, 15, id="a-usual-training"),
        pytest.param(1, 1, id="a-training-of-one-step"),
        pytest.param(100, 1, id="many-epochs"),
        pytest.param(1, 0, id="a-training-that-was-resumed-at-its-end"),
    ],
)
def test_the_curve_is_a_small_picture_with_both_colours(epochs, points):
    history = _history(epochs, points) if points else History(epochs=epochs)
    png = draw_curve(history, title="Test accuracy 99 %")

    assert len(png) < 50_000
    assert {ORANGE, BLUE} <= _colours(png)


@pytest.mark.parametrize("classes", [2, 10, 26, 100, 1000])
def test_the_matrix_of_any_number_of_classes_fits_on_a_screen(classes):
    confusion = np.eye(classes, dtype=int) * 9
    confusion[0, 1] = 1
    picture = _open(draw_matrix(confusion, [str(one) for one in range(classes)]))

    assert max(picture.size) < 1200


def test_the_matrix_shows_right_answers_in_blue_and_mistakes_in_orange():
    right, wrong = np.diag([5, 7]), np.array([[0, 5], [7, 0]])

    assert BLUE in _colours(draw_matrix(right, "ab"))
    assert ORANGE not in _colours(draw_matrix(right, "ab"))
    assert ORANGE in _colours(draw_matrix(wrong, "ab"))
    assert BLUE not in _colours(draw_matrix(wrong, "ab"))


def test_the_matrix_bears_classes_without_images_and_names_of_any_kind():
    names = ["", " " * 50, "x" * 500, "四", "a\ud800b", "two\nlines", "<b>"]

    assert _open(draw_matrix(np.zeros((7, 7), int), names))


def test_the_surest_mistakes_come_first():
    labels = np.array([0, 1, 2, 0])
    probabilities = np.array(
        [[0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.9, 0.1, 0.0], [0.4, 0.3, 0.3]],
        np.float32,
    )
    found = find_mistakes(probabilities, labels)

    assert [2, 0] == [mistake.image for mistake in found]
    assert (2, 0) == (found[0].true, found[0].predicted)
    assert 0.9 == pytest.approx(found[0].sureness)
    assert found[:1] == find_mistakes(probabilities, labels, most=1)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((28, 28), id="mnist"),
        pytest.param((8, 8, 1), id="tiny-with-a-channel"),
        pytest.param((20, 31, 2), id="two-channels"),
        pytest.param((300, 200, 3), id="large-and-coloured"),
        pytest.param((16, 16, 4), id="four-channels"),
        pytest.param((1, 90), id="a-line"),
    ],
)
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_images_of_any_kind_are_shown(shape, kind):
    images = np.zeros((3, *shape), kind)
    images[1] = 255
    dark = draw_mistakes(images, [Mistake(0, 0, 1, 0.9)], "ab")
    bright = draw_mistakes(images, [Mistake(1, 0, 1, 0.9)], "ab")

    assert (0, 0, 0) in _colours(dark)
    assert (0, 0, 0) not in _colours(bright)
    assert _open(dark).size == _open(bright).size


def test_colours_stay_what_they_are():
    images = np.zeros((1, 10, 10, 3), np.uint8)
    images[..., 1] = 200

    assert (0, 200, 0) in _colours(draw_mistakes(images, [Mistake(0, 0, 1, 0.9)], "ab"))


def test_a_model_without_mistakes_gets_a_report_too():
    found = compose_report(_findings(wrong=()))

    assert FILES | {"index.html"} == set(found)
    assert "The 0 of 0 mistakes" in _Reader(found["index.html"]).words
    assert "Most confused" not in _Reader(found["index.html"]).words


def test_the_same_findings_give_the_same_bytes():
    assert compose_report(_findings()) == compose_report(_findings())


def test_the_page_tells_what_a_person_asks_first():
    page = _read(notes=["there are few images of class 3"])

    for expected in (
        "95.00% of 40 test images",
        "83.50% to 98.62%",
        "29834 parameters",
        "Note: there are few images of class 3.",
        "The 2 of 2 mistakes that the model is surest of.",
        "learningRate 0.02",
        "input.0.path /data/mnist.npz",
        "imagesPerClass.train 6, 6, 6",
        "import 2.1",
        "sourceRevision -",
    ):
        assert expected in page.words


def test_the_page_is_well_formed_and_fetches_nothing_and_runs_nothing():
    page = _read()
    addresses = [
        value for _, name, value in page.attributes if name in {"src", "href", "action"}
    ]

    assert [] == page.open
    assert 3 == len(addresses)
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    assert not {"script", "link", "iframe", "object", "base"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_every_picture_has_a_text_for_those_who_do_not_see_it():
    texts = [value for tag, name, value in _read().attributes if "alt" == name]

    assert 3 == len(texts)
    assert all(texts)


def test_the_page_is_light_or_dark_as_the_reader_likes():
    assert "prefers-color-scheme: dark" in _read().words


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b", "&lt;"],
)
def test_a_name_is_shown_as_it_is_and_does_nothing(name):
    plain = _read()
    page = _read(names=(name, *DIGITS[1:]))

    assert name in page.words
    assert sorted(plain.tags) == sorted(page.tags)


def test_a_name_that_is_no_text_does_not_keep_anybody_from_the_page():
    assert "a?b" in _read(names=("a\ud800b", *DIGITS[1:])).words


def test_of_very_many_classes_the_page_lists_those_that_go_worst():
    names = tuple(f"class {number}" for number in range(300))
    page = _read(names=names)

    assert "The 100 of 300 classes with the lowest F1." in page.words
    assert page.words.index("class 10 ") < page.words.index("class 3 ")
    assert "class 299 " not in page.words
