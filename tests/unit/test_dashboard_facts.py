"""What the page reads off ledgers, metrics and records, whoever wrote them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.dashboard import charts, decisions, matrices, records
from mnist_operator.cli.dashboard.trees import Branch
from mnist_operator.cli.statements import read_statement
from mnist_operator.decisions import Decision, Entry
from mnist_operator.runs import canonical
from unit import mnistctl_records
from unit.builders import examples

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def _entry(n, **values):
    told = {
        "time": NOON + timedelta(minutes=n),
        "decision": Decision.PUBLISHED,
        "commit": f"c{n}",
        "run": f"r{n}",
        "output": f"m{n}",
        "accuracy": "0.9",
        "spec": "s",
    }
    return Entry(**(told | values))


def _failed(n):
    return _entry(n, decision=Decision.FAILED, output="", accuracy="")


def _skipped(n):
    return _entry(n, decision=Decision.SKIPPED, output="", accuracy="", run="")


def test_pages_of_decisions_begin_with_the_newest_and_know_the_model_before():
    entries = [_entry(0), _failed(1), _entry(2), _skipped(3), _entry(4)]

    first, last = decisions.cut(entries, 1, 3), decisions.cut(entries, 2, 3)

    assert ["c4", "c3", "c2"] == [row.entry.commit for row in first.rows]
    assert ["m2", None, "m0"] == [
        row.before.output if row.before else None for row in first.rows
    ]
    assert ["c1", "c0"] == [row.entry.commit for row in last.rows]
    assert (2, 2, 5) == (last.number, last.pages, last.total)


@pytest.mark.parametrize("number", [-5, 0, 1])
def test_before_the_first_page_is_the_first(number):
    assert 1 == decisions.cut([_entry(0)], number, 20).number


def test_beyond_the_last_page_is_the_last_and_nothing_is_one_empty_page():
    assert 3 == decisions.cut([_entry(n) for n in range(60)], 99, 20).number
    assert ((), 1, 1) == (
        (empty := decisions.cut([], 7, 20)).rows,
        empty.number,
        empty.pages,
    )


def test_points_say_what_was_new():
    entries = [
        _entry(0),
        _failed(1),
        _skipped(2),
        _entry(3, commit="c0"),
        _entry(4, spec="t"),
        _entry(5, commit="c4", spec="u"),
        _entry(6, accuracy="no number"),
    ]

    told = [
        (each.place, each.accuracy is None, each.data, each.code)
        for each in decisions.list_points(entries)
    ]

    assert [
        (0, False, True, False),
        (1, True, True, False),
        (2, False, False, False),
        (3, False, True, True),
        (4, False, False, True),
    ] == told


def test_changes_are_told_in_few_words():
    changes = [
        {"part": "data", "key": "commit", "before": "a", "after": "b"},
        *(
            {"part": "parameters", "key": f"p{n}", "before": n, "after": None}
            for n in range(6)
        ),
    ]

    told = decisions.tell_change({"dataEqual": False, "changes": changes})
    unread = decisions.tell_change({"dataEqual": None, "changes": changes[:1]})

    assert ["data", "parameters.p0: 0 → none"] == told[:2]
    assert "and 2 more" == told[-1]
    assert ["data"] == unread
    assert [] == decisions.tell_change({"dataEqual": None, "changes": None})


def test_a_parameter_that_is_given_for_the_first_time_is_told_once():
    given = [
        {"part": "parameters", "key": "batchSize", "before": 128, "after": 64},
        {"part": "spec", "key": "trainer.parameters.batchSize", "after": 64},
        {"part": "spec", "key": "trainer.args", "after": ["-x"]},
    ]

    told = decisions.tell_change({"dataEqual": True, "changes": given})

    asked = [{"part": "spec", "key": "trainer.parameters.epochs", "after": 1}]

    batch, args = (
        "parameters.batchSize: 128 → 64",
        "spec.trainer.args: default → ['-x']",
    )
    assert ["same data", batch, args] == told
    assert ["same data", "spec.trainer.parameters.epochs: default → 1"] == (
        decisions.tell_change({"dataEqual": True, "changes": asked})
    )


def test_the_family_of_a_run_is_its_data_its_beginning_and_what_began_from_it():
    entries = [_entry(0), _entry(1), _failed(2), _entry(3)]
    own = Branch("c1", "r1", "Succeeded", "m1", begins_from="m0")
    child = Branch("c3", "r3", "Succeeded", "m3", begins_from="m1")
    retried = Branch("c1", "r9", "Failed")

    told = charts.family(own, entries, [child, retried])

    assert ["r0", "r9", "r3", "r1"] == [each.run for each in told]
    assert [False, False, False, True] == [each.here for each in told]


METRICS = {
    "confusionMatrix": [[97, 3], [0, 100]],
    "perClass": [{"class": 0, "name": "<i>zero"}, {"class": 1, "name": "one"}],
    "mostConfused": [{"true": 0, "predicted": 1, "count": 3}, {"count": "x"}],
}


def test_a_confusion_matrix_is_read_with_the_names_of_its_classes():
    matrix = matrices.read_matrix(METRICS)

    assert ("<i>zero", "one") == matrix.names
    assert [(97, 8, True), (3, 1, False)] == [
        (each.count, each.level, each.right) for each in matrix.rows[0]
    ]
    assert [("<i>zero", "one", 3)] == [
        (each.true, each.predicted, each.count)
        for each in matrices.read_mistakes(METRICS)
    ]


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        "matrix",
        [[1]],
        [[1, 2], [3]],
        [[1, 2], [3, "4"]],
        [[1, -2], [3, 4]],
        [[0] * 50] * 50,
    ],
)
def test_what_is_no_matrix_is_none(told):
    assert matrices.read_matrix({"confusionMatrix": told}) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*METRICS, "class", "name", "history"]), inner
        )
    ),
    max_leaves=9,
)


@examples
@given(_JSON)
def test_whatever_is_in_metrics_json_is_read_or_left_out(metrics):
    matrices.read_matrix(metrics)
    matrices.read_mistakes(metrics)
    records.read_figures(metrics)


def test_a_record_is_told_fact_by_fact():
    _, content, _ = mnistctl_records.record()
    statement = read_statement(content)

    told = {each.label: each.value for each in records.read_record(statement)}
    parameters = {e.label: e.value for e in records.read_parameters(statement)}

    assert mnistctl_records.INPUT_COMMIT == told["Data commit"]
    assert "data/mnist.npz" == told["Data files"]
    assert mnistctl_records.IMAGE == told["Image"]
    assert mnistctl_records.IMAGE_SHA256 == told["Image digest"]
    assert mnistctl_records.REVISION == told["Code revision"]
    assert "Began from" not in told
    assert {"epochs": "1", "batchSize": "128", "learningRate": "0.02"} == parameters


def test_a_run_without_a_model_is_told_by_what_it_was_asked():
    content = canonical(mnistctl_records.asked())

    told = {each.label: each.value for each in records.read_asked(content)}

    assert mnistctl_records.IMAGE == told["Image"]
    assert "data/mnist.npz" == told["Data path"]
    assert [] == records.read_asked(b"no json")
    assert [] == records.read_asked(None)


@examples
@given(_JSON)
def test_whatever_a_record_holds_is_told_or_left_out(value):
    statement = read_statement(canonical({"predicate": value}))

    assert all(each.value for each in records.read_record(statement))
    records.read_parameters(statement)
