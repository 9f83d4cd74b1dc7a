"""What the page draws: whole SVG, of bounded size, with nobody else's markup in it."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.dashboard import axes, curves, plots, trees
from mnist_operator.cli.dashboard.decisions import Point
from mnist_operator.cli.dashboard.thinning import thin
from mnist_operator.cli.dashboard.trees import Branch

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOSTILE = "\"><script>alert('1')</script>"
FRAMES = [pytest.param(each, id=each.name) for each in (plots.WIDE, plots.NARROW)]


def _points(count, *, failing=7, code=50):
    return [
        Point(
            n,
            NOON + timedelta(hours=n),
            f"{n:032x}",
            None if n % failing == failing - 1 else 0.9 + (n * 37 % 100) / 1000,
            code=n % code == code - 1,
        )
        for n in range(count)
    ]


def _read(svg):
    return ET.fromstring(svg)  # noqa: S314 (drawn here)


def _all(svg, tag):
    return list(_read(svg).iter(tag))


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("count", [1, 2, 30, 10_000, 100_000])
def test_a_plot_is_bounded_however_long_the_history(frame, count):
    svg = plots.draw(_points(count), frame, "/runs/")

    [line] = _all(svg, "polyline")
    assert frame.corners >= len(line.get("points").split())
    assert frame.marks + 2 >= len(_all(svg, "a"))
    assert 600 > len(list(_read(svg).iter()))
    assert 60_000 > len(svg)


def test_a_plot_can_be_read_without_seeing_it():
    points = _points(8, code=4)

    svg = plots.draw(points, plots.WIDE, "/runs/")

    root = _read(svg)
    named = {each.get("id"): each.text for each in root.iter() if each.get("id")}
    title, words = (named[each] for each in root.get("aria-labelledby").split())
    assert "Accuracy of the models, oldest first" == title
    assert "7 models, from 2026-03-31 to 2026-03-31." in words
    assert "2 changes of image, code or parameters; 1 failed run." in words
    assert all(each.get("aria-label") for each in root.iter("a"))


@pytest.mark.parametrize("frame", FRAMES)
def test_the_marks_of_a_long_history_are_passed_over_by_the_tab_key(frame):
    short, long = (plots.draw(_points(n), frame, "/runs/") for n in (12, 10_000))

    assert {None} == {each.get("tabindex") for each in _all(short, "a")}
    assert {"-1"} == {each.get("tabindex") for each in _all(long, "a")}


def test_marks_tell_apart_by_their_shape_what_was_new():
    told = [
        (Point(0, NOON, "a", 0.9), "circle", "filled"),
        (Point(1, NOON, "b", 0.9, data=False), "circle", "hollow"),
        (Point(2, NOON, "c", 0.9, code=True), "path", "mark code filled"),
        (Point(3, NOON, "d", 0.9, data=False, code=True), "path", "mark code hollow"),
        (Point(4, NOON, "e", None), "path", "failed"),
    ]

    svg = plots.draw([point for point, *_ in told], plots.WIDE, "/runs/")

    links = {each.get("href"): each[-1] for each in _all(svg, "a")}
    for point, tag, kind in told:
        mark = links[f"/runs/{point.run}"]
        assert tag == mark.tag
        assert kind in mark.get("class")


def test_a_plot_of_failures_alone_is_refused():
    with pytest.raises(ValueError, match="no model"):
        plots.draw([Point(0, NOON, "a", None)], plots.WIDE, "/runs/")

    assert "No model yet; 1 failed run." == plots.describe([Point(0, NOON, "a", None)])


def test_a_name_of_others_is_text_in_every_picture():
    point = Point(0, NOON, HOSTILE, 0.9)
    branch = Branch(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)

    drawn = [
        plots.draw([point], plots.WIDE, "/runs/"),
        trees.draw_tree([branch], trees.LARGE, "/runs/"),
    ]

    for svg in drawn:
        assert [] == _all(svg, "script")
        assert "<script" not in svg


def test_the_one_bad_model_among_thousands_is_drawn():
    values = [0.99] * 10_000
    values[6_789] = 0.5

    kept = thin(values, 800, float)

    assert 800 >= len(kept)
    assert 0.5 in kept


@given(st.lists(st.integers(0, 99), min_size=1, max_size=300), st.integers(4, 60))
def test_thinning_keeps_both_ends_the_extremes_and_the_order(values, most):
    numbered = [*enumerate(values)]

    kept = thin(numbered, most, lambda each: each[1])

    assert most >= len(kept) or kept == numbered
    assert sorted(kept) == kept
    assert (numbered[0], numbered[-1]) == (kept[0], kept[-1])
    told = [value for _, value in kept]
    assert (min(values), max(values)) == (min(told), max(told))


@given(
    st.floats(0, 1, allow_nan=False),
    st.floats(0, 1, allow_nan=False),
    st.integers(4, 8),
)
def test_a_scale_holds_its_values_and_a_few_round_numbers(one, other, most):
    low, high = sorted((one, other))

    scale = axes.fit(low, high, least=0.004, begin=200, end=0)
    told = axes.ticks(scale, most)

    assert 0 <= scale.place(high) <= scale.place(low) <= 200
    assert all(scale.low <= each <= scale.high for each in told)
    assert 1 <= len(told) <= most + 1


def test_a_curve_is_drawn_of_what_makes_sense():
    metrics = {
        "history": [
            {"epoch": 1, "loss": 0.5, "accuracy": 0.9, "seconds": 3},
            {"epoch": 2, "loss": float("nan"), "accuracy": 0.91},
            {"epoch": 3, "loss": 0.3, "accuracy": 7},
            {"epoch": None, "loss": 0.3, "accuracy": 0.95},
            "epoch 4",
            {"epoch": 5, "loss": 0.2, "accuracy": 0.95},
        ]
    }

    epochs = curves.read_epochs(metrics)

    assert [1, 5] == [each.number for each in epochs]
    for what in ("accuracy", "loss"):
        assert 2 == len(_all(curves.draw_curve(epochs, what), "circle"))


def test_a_curve_of_many_epochs_is_bounded():
    history = [{"epoch": n, "loss": n % 7, "accuracy": 0.5} for n in range(100_000)]

    epochs = curves.read_epochs({"history": history})
    svg = curves.draw_curve(epochs, "loss")

    assert 1000 == len(epochs)
    [line] = _all(svg, "polyline")
    assert 200 >= len(line.get("points").split())


def test_lineage_leads_from_data_to_run_to_model_and_on():
    first = Branch("c1", "r1", "Succeeded", "m1", "0.97")
    second = Branch("c1", "r2", "Succeeded", "m2", "0.98", begins_from="m1", here=True)
    failed = Branch("c2", "r3", "Failed")

    svg = trees.draw_tree([first, second, failed], trees.LARGE, "/runs/")

    edges = [each.get("class") for each in _all(svg, "path")]
    assert (5, 1) == (edges.count("edge"), edges.count("edge begun"))
    links = {each.get("href") for each in _all(svg, "a")}
    assert {"/runs/r1", "/runs/r3"} == links, "the run of the page links to nothing"
    boxes = [each.get("class") for each in _all(svg, "g")]
    assert 2 == boxes.count("box data"), "a commit of two runs is there once"
    words = trees.describe_tree([second, failed])
    assert (
        "Run r2 on data c1, begun from model m1: succeeded and made model m2" in words
    )
    assert "Run r3 on data c2: failed." in words
