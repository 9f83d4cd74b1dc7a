"""The same explanations for people. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from mnist_operator.cli import moments, screen
from mnist_operator.cli.explain.explaining import tell_request

__all__ = ["overview_lines", "story_lines"]

Item = Mapping[str, Any]

_COLUMNS = ("TIME", "INPUT", "OUTCOME", "SPEC", "WHY")
_STYLES = {
    "trained": "green",
    "failed": "red",
    "retrying": "red",
    "running": "cyan",
    "publishing": "cyan",
    "waiting": "",
}
_SPEC_DIGITS = 12
_UNDECIDED = {"waiting", "running", "retrying", "publishing"}


def overview_lines(report: Item) -> list[Text]:
    """A line for each commit."""
    items = report["commits"]
    rows = [
        (
            each["time"],
            each["inputCommit"] or "-",
            each["outcome"],
            (each["specSha256"] or "-")[:_SPEC_DIGITS],
            each["why"],
        )
        for each in items
    ]
    header, *told = screen.table(_COLUMNS, rows)
    lines = [screen.line(_head(report)), screen.line(header, "bold")]
    for each, row in zip(items, told, strict=True):
        lines.append(screen.line(row, _STYLES.get(each["outcome"], "yellow")))
    if report["total"] > len(items):
        more = report["total"] - len(items)
        lines.append(screen.line(f"{more} older ones: ask with --limit", "dim"))
    undecided = any(each["outcome"] in _UNDECIDED for each in items)
    return [*lines, *_rest(report, undecided=undecided)]


def _head(report: Item) -> str:
    start = report["start"]
    if start is None:
        return f"{report['training']}: no operator has written where it begins"
    began = f"{start['asked']}, commit {start['commit']}"
    told = began if start["commit"] else start["asked"]
    return f"{report['training']} follows {report['branch']}, from {told}"


def _rest(report: Item, *, undecided: bool) -> Iterator[Text]:
    if undecided:
        yield screen.line(
            "What holds it back (suspend, debounceSeconds, minCommits, a stop):"
            f" mnistctl get {report['training']}",
            "dim",
        )
    for note in report["notes"]:
        yield screen.line(f"Note: {note}", "yellow")


def story_lines(report: Item) -> list[Text]:
    """What is known of one commit, from its push to the model that came after."""
    commit = report["commit"] or {}
    events = sorted(_events(report), key=lambda each: each[0])
    undecided = report["outcome"] in _UNDECIDED
    return [
        screen.title(f"Input commit {report['inputCommit']}", "of", report["branch"]),
        *screen.facts(
            ("described", commit.get("description")),
            ("started", commit.get("started")),
            ("finished", commit.get("finished")),
            ("state", commit.get("state", "not in the repo any more")),
            ("error", commit.get("error")),
            ("outcome", report["outcome"]),
            ("waits", report["waits"]),
        ),
        screen.title("What happened"),
        *(screen.line(f"  {time}  {told}") for time, told in events),
        *([] if events else [screen.line("  nothing yet")]),
        *_after(report),
        *_rest(report, undecided=undecided),
    ]


def _events(report: Item) -> Iterator[tuple[str, str]]:
    for each in report["attempts"]:
        yield from _attempt(each)
    for each in report["decisions"]:
        spec = f", spec {each['specSha256']}" if each["specSha256"] else ""
        yield each["time"], f"decided: {each['outcome']}: {each['why']}{spec}"
    for each in report["production"]:
        yield each["time"], f"production: {_tell_move(each)}"


def _tell_move(move: Item) -> str:
    """What was decided about production, in a sentence."""
    why = f"{move['reason']}: {move['message']}"
    if move["decision"] == "Withheld":
        return f"withheld {move['modelCommit']}: {why}"
    before = move["previousModelCommit"]
    place = f", in the place of {before}" if before else ""
    return f"promoted {move['modelCommit']}{place}: {why}"


def _attempt(run: Item) -> Iterator[tuple[str, str]]:
    name = f"attempt {run['attempt']}"
    asked = tell_request(run["request"] or "")
    job = f", TFJob {run['tfjob']}" if run["tfjob"] else ""
    spec = run["specSha256"][:_SPEC_DIGITS]
    yield run["opened"], f"{name} began{asked}: run {run['run']}{job}, spec {spec}"
    if run["beginsFrom"]:
        yield run["opened"], f"{name} was offered model {run['beginsFrom']}"
    if run["closed"]:
        reason = ": ".join(filter(None, (run["reason"], run["message"])))
        took = moments.tell_duration(run["seconds"])
        state = run["state"].lower()
        yield run["closed"], f"{name} {state} after {took}{reason and f': {reason}'}"


def _after(report: Item) -> Iterator[Text]:
    told = [*_replaced(report)]
    if told:
        yield screen.title("Afterwards")
        yield from (screen.line(f"  {each}") for each in told)


def _replaced(report: Item) -> Iterator[str]:
    for each in report["models"]:
        after = each["replacedBy"]
        if after is None:
            yield f"model {each['modelCommit']} is the newest one"
        else:
            yield (
                f"{after['published']}  model {after['modelCommit']} of input commit"
                f" {after['inputCommit']} took the place of {each['modelCommit']}"
            )
    after = report["nextModel"]
    if after is not None:
        yield (
            f"{after['published']}  the next model, {after['modelCommit']}, was of"
            f" input commit {after['inputCommit']}"
        )
