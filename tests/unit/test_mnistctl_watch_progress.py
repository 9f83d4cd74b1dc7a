"""How far runs are, as mnistctl watch tells it: in lines, in JSON and as bars."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from mnist_operator.cli.get.happenings import tell
from mnist_operator.cli.watch import progress
from mnist_operator.cli.watch.changes import Change
from mnist_operator.cli.watch.news import Memory
from mnist_operator.cli.watch.tellers import Json, Lines, Screen
from unit.hostile import fuzzed, values
from unit.mnistctl_records import status_of

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ONE, TWO = "1" * 32, "2" * 32
TOLD = {
    "epoch": 2,
    "epochs": 4,
    "step": 150,
    "steps": 400,
    "metrics": {"loss": "0.0412", "accuracy": "0.9871"},
    "estimatedCompletionTime": "2026-03-31T12:01:15Z",
}


def run(commit=ONE, **values):
    known = {"commit": commit, "attempt": 1, "run": commit, "state": "Running"}
    return known | {"since": "2026-03-31T11:58:00Z"} | values


def under_way(*told):
    """The status of a training with a run for each of these."""
    commits = [f"{number:032x}" for number in range(1, 1 + len(told))]
    runs = [run(c, progress=p) for c, p in zip(commits, told, strict=True)]
    return status_of("Training", "Unknown", active=runs)


def lines(found):
    return [tell(*each) for each in found]


def test_a_line_says_all_that_is_known():
    (line,) = lines(progress.steps({}, {"active": [run(progress=TOLD)]}))

    assert (
        f"Progress        {ONE} attempt 1, epoch 2/4, step 150/400, loss 0.0412,"
        " accuracy 0.9871, until 2026-03-31T12:01:15Z" == line
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(TOLD, TOLD, False, id="nothing"),
        pytest.param(TOLD, TOLD | {"step": 151}, False, id="a-step"),
        pytest.param(TOLD, TOLD | {"step": 201, "epoch": 3}, True, id="an-epoch"),
        pytest.param(None, TOLD, True, id="the-first-one"),
        pytest.param(TOLD, None, False, id="the-end"),
        pytest.param(
            TOLD | {"epoch": 1, "epochs": 1},
            TOLD | {"epoch": 1, "epochs": 1, "step": 160},
            True,
            id="a-tenth-of-a-single-epoch",
        ),
        pytest.param(
            TOLD | {"epoch": 1, "epochs": 1},
            TOLD | {"epoch": 1, "epochs": 1, "step": 159},
            False,
            id="less-than-a-tenth",
        ),
    ],
)
def test_for_people_an_epoch_is_news_and_a_step_is_not(before, after, told):
    found = [*progress.milestones(under_way(before), under_way(after))]

    assert told is bool(found)


def test_for_programs_every_step_is_news():
    before, after = under_way(TOLD, TOLD), under_way(TOLD, TOLD | {"step": 151})

    (found,) = lines(progress.steps(before, after))

    assert "step 151/400" in found


def drawn(status, width=100, height=10, name="team/mnist"):
    shown = progress.bars({name: status}, now=NOW, width=width, height=height)
    return [line.plain for line in shown]


def test_a_bar_says_what_is_left_and_how_good_it_is():
    title, bar = drawn(under_way(TOLD))

    assert f"team/mnist  {f'{1:032x}'[:12]}  Running" == title
    assert (
        f"  {'━' * 9}{'─' * 16}  37 %  1m15s left  epoch 2/4  loss 0.0412"
        "  accuracy 0.9871" == bar
    )


def test_at_sixty_columns_what_is_wanted_least_is_left_out():
    _, bar = drawn(under_way(TOLD), width=60)

    assert f"  {'━' * 5}{'─' * 10}  37 %  1m15s left  epoch 2/4  loss 0.0412" == bar


def test_a_run_that_says_nothing_has_its_age():
    assert "  for 2m" == drawn({"active": [run()]})[1].replace("2m0s", "2m")


def test_a_further_attempt_is_named():
    active = [run(attempt=2, state="Created", since=None)]

    assert [f"team/mnist  {ONE[:12]}, attempt 2  Created", ""] == drawn(
        {"active": active}
    )


def test_of_more_runs_than_there_are_rows_the_rest_is_counted():
    shown = drawn(under_way(*[TOLD] * 9), height=6)

    assert (5, "and 7 more") == (len(shown), shown[-1])


def test_a_time_that_is_over_says_nothing():
    late = TOLD | {"estimatedCompletionTime": "2026-03-31T11:59:00Z"}

    assert "left" not in drawn(under_way(late))[1]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("x", id="no-object"),
        pytest.param({"epoch": "1", "epochs": [2]}, id="no-numbers"),
        pytest.param({"step": 9, "steps": 3}, id="more-than-all"),
        pytest.param({"step": -1, "steps": 3}, id="less-than-nothing"),
        pytest.param({"steps": 0, "epochs": 0}, id="of-nothing"),
    ],
)
def test_what_is_no_progress_has_no_bar(told):
    assert "━" not in "".join(drawn(under_way(told)))
    assert "─" not in "".join(drawn(under_way(told)))


_KEYS = st.sampled_from([*TOLD, *run(), "x"])
_RUNS = st.dictionaries(_KEYS, values | st.just(TOLD), max_size=6)


@fuzzed
@given(_RUNS, st.dictionaries(_KEYS, values), st.integers(1, 200), st.integers(-3, 50))
def test_no_line_is_longer_than_the_screen_is_wide_whatever_a_status_holds(
    other, told, width, height
):
    status = {"active": [run(progress=told), run(progress=TOLD | told), other]}
    shown = drawn(status, width, height)

    assert len(shown) <= max(height, 0)
    assert all(len(line) <= width for line in shown)
    assert all(line.isprintable() for line in shown)


# --- How it is told ------------------------------------------------------------------


def change(status, name="mnist"):
    body = {"metadata": {"namespace": "team", "name": name}, "status": status}
    return Change("team", name, None if status is None else body)


def say(teller, *changes):
    for each in changes:
        teller.tell(each, teller.memory.hear(each))


def test_lines_name_the_training_where_there_are_several(capsys):
    say(Lines(named=True), change({}), change(under_way(TOLD), "other"), change(None))
    told = [line.split(maxsplit=2)[1:] for line in capsys.readouterr().out.splitlines()]

    assert ["team/mnist", "team/other", "team/other", "team/mnist"] == [
        name for name, _ in told
    ]
    assert ["Unknown", "Running", "Progress", "Deleted"] == [
        rest.split()[0] for _, rest in told
    ]


def test_json_has_a_line_for_each_change_with_the_status_in_it(capsys):
    first, second = under_way(TOLD), under_way(TOLD | {"step": 160})
    say(Json(), change(first), change(first), change(second), change(None))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [first, second, None] == [each["status"] for each in told]
    assert [["Running", "Progress"], ["Progress"], ["Deleted"]] == [
        [happened["what"] for happened in each["happened"]] for each in told
    ]
    assert {("team", "mnist")} == {(each["namespace"], each["name"]) for each in told}
    assert all(datetime.fromisoformat(each["time"]) for each in told)


def test_a_screen_has_what_happened_above_and_the_bars_below():
    stream = io.StringIO()
    console = Console(
        file=stream, force_terminal=True, width=60, height=20, color_system=None
    )
    screen = Screen(console, named=False)
    soon = datetime.now(UTC) + timedelta(hours=1, minutes=1)
    told = TOLD | {"estimatedCompletionTime": soon.isoformat()}
    with screen.showing() as live:
        say(screen, change(under_way(told)))
        live.refresh()
    said = stream.getvalue()

    assert "Running " in said
    assert "Progress" not in said
    assert " 37 %  1h" in said
    # In the end the bars are taken away.
    assert said.rstrip().endswith("\x1b[2K")


def test_a_terminal_obeys_nothing_that_a_status_holds():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=60, color_system=None)
    screen = Screen(console, named=True)
    evil = status_of(
        "Training",
        "Unknown",
        active=[
            run(progress=TOLD | {"metrics": {"\x1b[31m": "\x07"}}, state="[red]\x1b]0;")
        ],
    )
    say(screen, change(evil))
    console.print(*screen._bars(NOW))

    assert "[red]" in stream.getvalue()
    assert not {"\x1b", "\x07"} & set(stream.getvalue())


def test_what_was_told_of_one_is_news_of_another():
    memory = Memory()
    status = under_way(TOLD)

    first, again, other = (memory.hear(change(status, name)) for name in "aab")

    assert (first, []) == (other, again)
