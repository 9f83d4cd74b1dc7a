"""Which commits are models, and the history that ledger and output branch tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mnist_operator.cli import screen
from mnist_operator.cli.histories import build_history, read_entries
from mnist_operator.cli.models import (
    explain_refusal,
    is_current,
    published,
    tell_passed,
)
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import Decision, Entry, Start, to_lines
from mnist_operator.runs import describe_attempt, new_attempt
from unit import mnistctl_records as records

LEDGER = Branch(Repo("default", "outputrepo_runs"), "team_mnist_ledger")
MASTER = Branch(records.OUTPUT, "master")
DAY = datetime(2026, 3, 31, tzinfo=UTC)
ATTEMPT = describe_attempt(
    new_attempt(records.TRAINING, records.INPUT_COMMIT, 1, "spec", opened=DAY)
)


def text(lines):
    return "\n".join(line.plain for line in lines)


class TestModels:
    def test_only_a_finished_commit_of_ours_is_one(self):
        commit, *_ = records.record()

        assert commit.id == published(commit).commit
        assert published(replace(commit, finished=None)) is None
        assert published(replace(commit, error="given up")) is None
        assert published(replace(commit, description="mine")) is None

    def test_it_is_current_from_the_second_that_is_shown(self):
        commit = records.output_commit(finished=DAY + timedelta(milliseconds=700))

        assert is_current(commit, None)
        assert is_current(commit, DAY)
        assert not is_current(commit, DAY - timedelta(seconds=1))
        assert not is_current(records.output_commit(finished=None), DAY)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            pytest.param({"description": "mine"}, "description is not mnist-operator's",
                         id="a-stranger"),
            pytest.param({"description": ATTEMPT}, "is an attempt's run", id="a-run"),
            pytest.param({"error": "abandoned"}, "it was given up (abandoned)",
                         id="given-up"),
            pytest.param({"finished": None}, "ask again in a moment", id="open"),
        ],
    )  # fmt: skip
    def test_what_is_none_is_explained(self, changes, said):
        commit, *_ = records.record()

        assert said in explain_refusal(replace(commit, **changes))

    def test_long_rows_of_strangers_are_cut(self):
        passed = [records.output_commit(n) for n in range(1, 6)]

        told = tell_passed("o@master", passed)

        assert told.startswith("5 newer commits on o@master hold no finished model: ")
        assert f"{'0001' * 8} (not mnist-operator's), " in told
        assert told.endswith(", …")


def entry(number, decision=Decision.PUBLISHED, **values):
    values = {
        "commit": f"{number:x}" * 32,
        "attempt": 1,
        "run": f"{number:x}" * 32,
        "output": f"{number:04x}" * 8 if decision is Decision.PUBLISHED else "",
        **values,
    }
    return Entry(DAY + timedelta(hours=number), decision, **values)


def history(*entries, commits=(), limit=20):
    return build_history(
        "team/mnist",
        to_lines(entries),
        commits,
        ledger=LEDGER,
        output=MASTER,
        limit=limit,
    )


class TestHistory:
    def test_more_than_the_ledger_keeps_in_memory_is_read(self):
        assert 15 == len(read_entries(to_lines(entry(n) for n in range(1, 16))))

    def test_a_second_decision_about_a_run_is_passed_over(self):
        again = entry(2, Decision.FAILED, run=entry(1).run)

        assert [entry(1)] == read_entries(to_lines([entry(1), again]))

    def test_lines_that_cannot_be_read_are_passed_over(self):
        assert [entry(1)] == read_entries(b"no json\n" + to_lines([entry(1)]))

    def test_the_newest_stands_first_and_the_rest_is_counted(self):
        found = history(entry(1), entry(2, Decision.FAILED), entry(3), limit=2)

        assert ["Published", "Failed"] == [e["decision"] for e in found["decisions"]]
        assert 3 == found["total"]
        assert "1 older ones: ask with --limit" in text(screen.history_lines(found))

    def test_the_start_is_told(self):
        start = Entry(DAY, Decision.STARTED, start=Start("Next", "c" * 32))

        found = history(start)

        assert {"asked": "Next", "commit": "c" * 32, "inclusive": True} == (
            found["start"]
        )
        assert (0, []) == (found["total"], found["decisions"])

    def test_a_model_that_the_ledger_misses_is_added_at_its_time(self):
        missed, *_ = records.record(number=2)
        foreign = replace(
            missed, description=missed.description.replace("team/mnist", "team/other")
        )
        older = entry(1, output="f" * 32)

        found = history(older, commits=[foreign, missed, records.output_commit(7)])

        assert [(missed.id, "output"), (older.output, "ledger")] == [
            (each["modelCommit"], each["source"]) for each in found["decisions"]
        ]
        assert found["notes"][0].startswith("1 model is on default/outputrepo@master")

    def test_a_model_that_the_ledger_has_is_shown_once(self):
        commit, *_ = records.record()
        known = entry(1, output=commit.id, run=records.STAGING)

        found = history(known, commits=[commit])

        assert (["ledger"], []) == (
            [each["source"] for each in found["decisions"]],
            found["notes"],
        )

    def test_the_columns_stand_below_each_other(self):
        failed = entry(2, Decision.FAILED, reason="DataInvalid", message="no x_train")

        lines = text(screen.history_lines(history(entry(1), failed))).splitlines()

        at = lines[0].index("INPUT")
        assert ["2" * 32, "1" * 32] == [lines[n][at : at + 32] for n in (1, 3)]
        assert "  DataInvalid: no x_train" == lines[2]
