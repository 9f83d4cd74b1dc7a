"""A ledger made anew, whatever was lost of it; and how that is told."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.ledger.rebuild import rebuild
from mnist_operator.cli.ledger.report import (
    build_rebuild,
    find_reopened,
    rebuild_lines,
)
from mnist_operator.decisions import to_lines
from mnist_operator.ledger import Ledger
from unit.builders import examples
from unit.rebuilds import (
    GOOD,
    INVALID,
    KILLED,
    LEDGER,
    START,
    attempt,
    failure,
    line,
    lines_of,
    model,
    name,
    outputs,
    parse,
    skipped,
    truth,
)


@st.composite
def histories(draw):
    """A training's commits one after the other, and which lines were lost."""
    ends = draw(st.lists(st.sampled_from([GOOD, KILLED, INVALID, None]), min_size=1))
    attempts, models, lines = [], [], [START]
    for hour, end in enumerate(ends, 1):
        if end is None:
            lines.append(skipped(hour, hour))
            continue
        one = attempt(hour, hour, end)
        attempts.append(one)
        if end is GOOD:
            models.append(model(one))
            lines.append(line(models[-1]))
        else:
            lines.append(failure(one))
    lost = draw(st.sets(st.integers(1, len(lines))))
    return attempts, models, lines, lost


class TestProperties:
    @examples
    @given(histories())
    def test_every_decision_about_a_run_comes_back_but_the_newest(self, history):
        attempts, models, lines, lost = history
        left = [each for n, each in enumerate(lines) if n not in lost or not each.run]
        known = truth(*attempts, models=models)

        plan = rebuild(to_lines(left), known)

        found, whole = Ledger.parse(plan.content), Ledger().extended(lines)
        newest = {attempts[-1].commit} if attempts else set()
        assert whole.decided - newest <= found.decided <= whole.decided
        assert {each.id for each in models} == outputs(plan)
        times = [each["time"] for each in map(parse, lines_of(plan))]
        assert all(a <= b for a, b in pairwise(times))

    @examples
    @given(histories())
    def test_what_was_rebuilt_needs_nothing_more(self, history):
        attempts, models, lines, lost = history
        left = [each for n, each in enumerate(lines) if n not in lost]
        known = truth(*attempts, models=models, start=START.start)

        again = rebuild(rebuild(to_lines(left), known).content, known)

        assert not again.is_needed


class TestScreen:
    def text(self, plan, *, before=b"", **done):
        report = build_rebuild(
            "team/mnist",
            plan,
            ledger=LEDGER,
            before="9" * 32,
            reopened=find_reopened(before, plan),
        )
        return "\n".join(line.plain for line in rebuild_lines(report | done))

    def test_every_line_that_changes_is_told_with_its_reason(self):
        one, newest = attempt(1, 1), attempt(2, 2, INVALID)
        plan = rebuild(b"what?\n", truth(one, newest, models=[model(one)]))

        shown = self.text(plan)

        assert f"add     2026-03-31T01:35:00Z  Published  {name(1)}" in shown
        assert f"output commit {model(one).id} says so" in shown
        assert "unreadable  1" in shown
        assert f"Left to the operator: attempt 1 on {name(2)}" in shown
        assert shown.endswith("Nothing is written yet: ask again with --yes")

    def test_what_was_written_is_told(self):
        plan = rebuild(to_lines([START]), truth(start=START.start))

        assert "It is as it should be" in self.text(plan)
        assert self.text(plan, written="8" * 32, appendedAgain=1).endswith(
            "1 line, written meanwhile, was added again\n"
            f"Written as {'8' * 32}, after {'9' * 32}"
        )

    def test_a_commit_that_is_open_again_is_warned_of(self):
        forged = replace(line(model(attempt(1, 1))), run="f" * 32)
        content = to_lines([START, forged])

        shown = self.text(rebuild(content, truth()), before=content)

        assert "1 commit will not count as decided any more: restart" in shown

    def test_every_key_is_documented(self):
        root = Path(__file__).resolve().parents[2]
        docs = (root / "docs" / "mnistctl" / "ledger.md").read_text()
        newest = attempt(2, 2, INVALID)
        plan = rebuild(to_lines([START, START]), truth(newest))
        report = build_rebuild("t", plan, ledger=LEDGER, before=None, reopened=0)
        keys = {*report, *report["changes"][0], *report["undecided"][0]}

        assert set() == {key for key in keys if f"`{key}`" not in docs}
