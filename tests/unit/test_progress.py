"""How far a run is: what of a log is believed, and what of a status is news."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.pod_state import read_pod
from mnist_operator.pod_template import CONTAINER
from mnist_operator.progress import (
    bare,
    dress,
    read_progress,
    recall_progress,
    without_progress,
)
from mnist_operator.status import Progress
from unit.hostile import NASTY, fuzzed, texts, values

TOLD = {
    "epoch": 3,
    "epochs": 12,
    "step": 2500,
    "steps": 11256,
    "metrics": {"loss": 0.0412, "accuracy": 0.9871},
    "estimatedCompletionTime": "2026-03-31T12:00:00Z",
}
SHOWN = TOLD | {"metrics": {"loss": "0.0412", "accuracy": "0.9871"}}


def line(**said):
    return f"progress: {json.dumps(TOLD | said)}\n".encode()


def shown(log):
    found = read_progress(log)
    return found and found.to_json()


def test_what_the_trainer_says_is_shown_with_its_numbers_as_texts():
    assert SHOWN == shown(line())


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(b"epoch 3/12: loss 0.1\n", id="lines-for-people"),
        pytest.param(b'progress: {"epoch": 4, "epo', id="the-next-half-written"),
        pytest.param(b"progress: 17\nprogress: []\nprogress: null\n", id="no-object"),
        pytest.param(b"progress: {}\n", id="nothing-said"),
        pytest.param(b"\x1b[2Jprogress: {}\xff\xfe\x00\n", id="no-text-at-all"),
        pytest.param(line(epoch="4"), id="a-text-for-a-number"),
        pytest.param(line(epoch=True), id="a-truth-for-a-number"),
        pytest.param(line(step=1.5), id="half-a-step"),
        pytest.param(line(epoch=-1), id="before-the-beginning"),
        pytest.param(line(epoch=13), id="after-the-end"),
        pytest.param(line(steps=2**31), id="too-many-steps"),
        pytest.param(line(epochs=0, epoch=0, steps=0, step=0), id="of-nothing"),
        pytest.param(b"progress: " + b"[" * 4000 + b"\n", id="deeply-nested"),
        pytest.param(line(more="x" * 5000), id="a-huge-line"),
        pytest.param(
            b'progress: {"epoch": ' + b"9" * 4000 + b"}\n", id="a-huge-number"
        ),
    ],
)
def test_what_says_nothing_hides_nothing_that_was_said_before(after):
    assert SHOWN == shown(b"beginning\n" + line() + after)


def test_the_newest_line_counts():
    assert 2600 == shown(line() + line(step=2600) + b"more\n")["step"]


def test_a_bar_that_moves_may_be_before_it_in_the_same_line():
    assert SHOWN == shown(b"\r10%\r20%\r" + line())


def test_a_log_without_such_a_line_says_nothing():
    assert read_progress(b"") is None
    assert read_progress(b"the progress: {} of others\n") is None


def test_epochs_or_steps_alone_are_enough():
    epochs = shown(b'progress: {"epoch": 1, "epochs": 2}\n')

    assert {"epoch": 1, "epochs": 2, "step": 0, "steps": 0, "metrics": {}} == epochs
    assert 7 == shown(b'progress: {"step": 5, "steps": 7}\n')["steps"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(0.123456789, "0.123457", id="six-digits"),
        pytest.param(1, "1", id="a-whole-one"),
        pytest.param(1e-7, "1e-07", id="a-small-one"),
        pytest.param(-2.5, "-2.5", id="below-zero"),
        pytest.param("0.9871", "0.9871", id="a-text"),
        pytest.param("NaN", None, id="a-text-that-is-no-number"),
        pytest.param("1" * 40, None, id="a-long-text"),
        pytest.param("0.5\x1b[2J", None, id="a-text-that-steers-a-terminal"),
        pytest.param(float("nan"), None, id="no-number"),
        pytest.param(float("inf"), None, id="without-end"),
        pytest.param(10**300, None, id="beyond-all-measure"),
        pytest.param(True, None, id="a-truth"),
        pytest.param(None, None, id="null"),
        pytest.param([0.5], None, id="a-list"),
    ],
)
def test_a_metric_is_a_number_or_is_left_out(value, expected):
    metrics = shown(line(metrics={"loss": value, "kept": 1}))["metrics"]

    assert (expected, "1") == (metrics.get("loss"), metrics["kept"])


@pytest.mark.parametrize("name", ["", "two words", "\x1b[31m", "x" * 33, "1st"])
def test_a_metric_with_a_name_that_is_none_is_left_out(name):
    assert {"loss": "1"} == shown(line(metrics={name: 1, "loss": 1}))["metrics"]


def test_of_many_metrics_the_first_eight_are_shown():
    many = {f"metric{number}": number for number in range(20)}

    assert [*many][:8] == [*shown(line(metrics=many))["metrics"]]


@pytest.mark.parametrize("time", ["soon", 17, "9999-12-31T23:59:59Z", None, ""])
def test_a_time_that_is_none_is_left_out(time):
    assert "estimatedCompletionTime" not in shown(line(estimatedCompletionTime=time))


_NAMES = st.sampled_from([*TOLD, "more"])
_METRICS = st.dictionaries(st.sampled_from(["loss", "acc/top-1", *NASTY]), values)


@fuzzed
@given(st.dictionaries(_NAMES, values), _METRICS, st.binary(max_size=40))
def test_whatever_is_said_fits_the_schema_or_is_not_shown(said, metrics, junk):
    for each in (TOLD | said, TOLD | {"metrics": metrics}):
        found = read_progress(junk + b"\n" + line(**each) + junk)
        if found is None:
            continue
        assert found == Progress.model_validate(found.to_json())
        assert found.epochs or found.steps
        assert found.epoch <= found.epochs
        assert found.step <= found.steps
        told = json.dumps(found.to_json())
        assert told.isprintable()
        assert len(told) < 1000


@fuzzed
@given(st.binary())
def test_a_log_may_hold_anything(log):
    assert None is read_progress(log) or b"progress: " in log


# --- What of it is among last words --------------------------------------------------


def test_last_words_that_are_the_end_of_a_log_are_told_without_it():
    words = "epoch 1/12: loss 0.5\n" + line().decode() + "out of memory\n"

    assert "epoch 1/12: loss 0.5\nout of memory\n" == without_progress(words)


def test_where_the_end_of_a_log_begins_in_the_middle_of_a_line_that_goes_as_well():
    log = (line() * 20).decode() + "out of memory\n"

    assert "out of memory\n" == without_progress(log[-2048:])


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("", id="none"),
        pytest.param('{"reason": "DataInvalid", "message": "x_train"}', id="json"),
        pytest.param("we made progress: none\n", id="other-words"),
        pytest.param('{"a": "1"}\n' + "x" * 2000, id="long-json"),
        pytest.param("x}\n" + "x" * 2000, id="no-json"),
    ],
)
def test_other_last_words_stay_as_they_are(words):
    assert words == without_progress(words)


@fuzzed
@given(texts)
def test_of_any_last_words_nothing_else_is_changed(words):
    assert without_progress(words) in words


def test_a_pod_that_was_killed_has_no_progress_for_its_message():
    ended = {"exitCode": 137, "reason": "Error", "message": line().decode() + "killed"}
    status = {"name": CONTAINER, "state": {"terminated": ended}}
    pod = read_pod({"status": {"containerStatuses": [status]}})

    assert ("killed", "Error: killed") == (pod.last_words, pod.message)


# --- What of it is in a status ------------------------------------------------------

PROGRESS = read_progress(line())
RUNNING = {"run": "a", "state": "Running"}
STATUS = {"head": "1", "active": [RUNNING, {"run": "b", "state": "Trained"}]}


def test_a_run_is_shown_as_far_as_it_is_while_it_runs():
    dressed = dress(STATUS, {"a": PROGRESS, "b": PROGRESS, "c": PROGRESS})

    assert (
        STATUS
        | {"active": [RUNNING | {"progress": SHOWN}, {"run": "b", "state": "Trained"}]}
        == dressed
    )


def test_what_was_shown_of_a_run_goes_when_nothing_is_known_of_it():
    dressed = dress(STATUS, {"a": PROGRESS})

    assert STATUS == dress(dressed, {})


def test_progress_is_no_part_of_what_is_news():
    later = dress(STATUS, {"a": read_progress(line(step=2600))})

    assert STATUS == bare(dress(STATUS, {"a": PROGRESS})) == bare(later)


@pytest.mark.parametrize("active", [None, [], "x", 17, [None, "x"], {"a": 1}])
def test_whatever_else_a_status_holds_is_compared_as_it_is(active):
    assert {"active": active} == bare({"active": active})


def test_a_status_without_any_run_is_the_same():
    assert {"head": "1"} == bare({"head": "1"})


def test_what_an_earlier_operator_has_shown_is_known_again():
    active = dress(STATUS, {"a": PROGRESS})["active"]

    assert {"a": PROGRESS} == recall_progress(active)


@pytest.mark.parametrize(
    "active", [None, "x", [None], [{"run": "a", "progress": {"epoch": "x"}}]]
)
def test_what_somebody_else_wrote_there_is_not(active):
    assert {} == recall_progress(active)
