"""What an attempt is told to compare, and what is believed of its trainer's report."""

import json

import pytest

from mnist_operator.gate import Mark
from mnist_operator.trial import Trial, read_report, read_trial
from unit.builders import ident
from unit.trials import CHAMPION, SHA256, figures, told, trial


@pytest.mark.parametrize(
    "of",
    [
        trial(),
        trial(champion=""),
        trial(min_accuracy="0.97", max_regression="0.01"),
        trial(mark=Mark(ident(3), 98, 100)),
        Trial(trial().held_out, trial().champion),
    ],
)
def test_a_trial_is_read_back_as_it_was_written(of):
    assert of == read_trial(json.loads(json.dumps(of.to_json())))


@pytest.mark.parametrize("value", [None, {}, [], "images", {"images": 1}])
def test_where_nothing_is_to_be_compared_there_is_none(value):
    assert read_trial(value) is None


@pytest.mark.parametrize("value", ["nan", "1/3", "-1", "1e3", "x"])
def test_a_bar_that_is_no_decimal_was_written_by_nobody_of_ours(value):
    with pytest.raises(ValueError, match="no decimal"):
        read_trial(trial().to_json() | {"minAccuracy": value})


@pytest.mark.parametrize(
    "mark",
    [{"right": 3, "count": 2}, {"right": 0, "count": 0}, {"right": -1, "count": 2}],
)
def test_a_mark_that_counts_nothing_was_written_by_nobody_of_ours(mark):
    with pytest.raises(ValueError, match=r"no mark|counts nothing"):
        read_trial(trial().to_json() | {"mark": mark})


def test_the_trainer_is_told_by_pinned_buckets():
    assert {
        "HELD_OUT_BUCKET": f"{ident(0xE001)}.master.held_out",
        "HELD_OUT_DATA": "data/test.npz",
        "CHAMPION_BUCKET": f"{CHAMPION}.master.outputrepo",
        "CHAMPION_MODEL": "my_model.h5",
        "CHAMPION_DATA_BUCKET": f"{ident(1)}.master.inputrepo",
        "CHAMPION_DATA": "data/mnist.npz",
    } == trial().name_variables()


def test_the_first_model_has_no_champion_to_be_told_of():
    names = trial(champion="").name_variables()

    assert {"HELD_OUT_BUCKET", "HELD_OUT_DATA"} == set(names)


def test_a_report_of_what_was_asked_is_believed():
    report = read_report(trial(), told(trial(), seen=4, before=5))

    assert figures(seen=4, before=5) == report.figures
    assert (SHA256, SHA256) == (report.held_out_sha256, report.champion_sha256)


def test_the_first_models_report_is_believed():
    of = trial(champion="")
    report = read_report(of, told(of, both=0, champion=0, challenger=95))

    assert figures(0, 0, 95, has_champion=False) == report.figures


def changed(**parts):
    return told(trial()) | parts


_OTHER = {"bucket": f"{ident(0xE002)}.master.held_out", "path": "/data/test.npz"}
_TABLE = told(trial())["table"]
_FAULTS = {
    "missing": (None, "left no report/held_out.json"),
    "no object": ([1], "left no report/held_out.json"),
    "an error": (
        {"error": "no such\x1b file"},
        "could not compare: no such\ufffd file",
    ),
    "other images": (changed(heldOut=_OTHER), "as its heldOut, and was given"),
    "other champion": (changed(champion=_OTHER), "as its champion, and was given"),
    "no champion": (changed(champion=None), "names none as its champion"),
    "other data": (changed(championData=_OTHER), "as its championData"),
    "no table": (changed(table=None), "must hold a table of counts"),
    "a text": (changed(table=_TABLE | {"bothRight": "90"}), "must hold a table"),
    "a fraction": (changed(table=_TABLE | {"bothRight": 0.5}), "must hold a table"),
    "less than none": (changed(table=_TABLE | {"bothWrong": -1}), "must hold a table"),
    "very many": (changed(table=_TABLE | {"bothWrong": 2**40}), "must hold a table"),
    "no images": (changed(table=dict.fromkeys(_TABLE, 0)), "must hold a table"),
    "no leak check": (changed(leaked={"challenger": 0}), "how many images are known"),
}


@pytest.mark.parametrize(("value", "fault"), _FAULTS.values(), ids=_FAULTS)
def test_a_report_of_something_else_is_not_believed(value, fault):
    report = read_report(trial(), value)

    assert report.figures is None
    assert fault in report.fault


def test_a_first_model_cannot_have_been_compared():
    of = trial(champion="")

    assert read_report(of, told(of)).figures is None


def test_without_the_champions_data_its_leaks_are_unknown():
    of = Trial(trial().held_out, trial().champion)

    fault = read_report(of, told(of)).fault

    assert "What the model in production was trained on is not known." == fault


def test_a_digest_that_is_none_is_left_out():
    said = told(trial())
    said["heldOut"]["sha256"] = "none"

    assert "" == read_report(trial(), said).held_out_sha256
