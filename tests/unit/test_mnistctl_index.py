"""The ledgers as an index: what is found in them, and what is no line of ours."""

from datetime import timedelta

from mnist_operator.cli.index import parse_ledgers
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import Decision, Entry, Start, to_lines
from unit import mnistctl_records as records

LEDGER = Branch(Repo("default", "outputrepo_runs"), "team_mnist_ledger")
OTHER = "6" * 32


def an_index(*entries):
    return parse_ledgers({LEDGER: to_lines(entries) + b"no line of ours\n"})


def an_entry(output, *, commit=records.INPUT_COMMIT, minutes=0, **values):
    time = records.NOON + timedelta(minutes=minutes)
    return Entry(time, Decision.PUBLISHED, commit=commit, output=output, **values)


def test_models_are_found_by_output_input_and_time():
    first, second = "a1" * 16, "a2" * 16
    index = an_index(an_entry(second, minutes=5), an_entry(first, commit=OTHER))

    assert [first, second] == index.outputs_like("a")
    assert [OTHER] == index.inputs_like("66")
    assert [second] == [
        row.entry.output for row in index.learned_from(records.INPUT_COMMIT)
    ]
    assert [second] == [row.entry.output for row in index.after(records.NOON)]
    assert [first] == [row.entry.output for row in index.until(records.NOON)]


def test_a_line_with_something_else_for_a_commit_is_no_model():
    assert () == an_index(an_entry("../etc"), an_entry("z" * 32)).models


def test_the_branch_that_a_training_follows_is_remembered():
    start = Start("Latest", source="default/inputrepo@master")
    index = an_index(Entry(records.NOON, Decision.STARTED, start=start))

    assert {LEDGER: "default/inputrepo@master"} == index.sources
    assert () == index.rows
