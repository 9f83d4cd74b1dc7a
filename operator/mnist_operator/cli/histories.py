"""The answer to "what became of every commit?", as one object. Pure.

The ledger is an index: where the output branch has a model that it misses, the
output branch is right. The shape is documented in docs/mnistctl.md.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from mnist_operator.cli.models import published
from mnist_operator.commits import Branch, Commit
from mnist_operator.decisions import Entry
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import publication_of
from mnist_operator.status import timestamp

__all__ = ["build_history", "read_entries"]


def read_entries(content: bytes) -> list[Entry]:
    """Every decision about a commit, oldest first; the first one about a run counts.

    Lines that another version or a person wrote are passed over.
    """
    entries: list[Entry] = []
    runs: set[str] = set()
    for line in content.splitlines():
        # The ledger folds to its last ten; one line at a time, none is dropped.
        for entry in Ledger.parse(line).recent:
            if not (entry.run and entry.run in runs):
                entries.append(entry)
                runs.add(entry.run)
    return entries


def build_history(
    training: str,
    content: bytes,
    commits: Iterable[Commit],
    *,
    ledger: Branch,
    output: Branch,
    limit: int,
) -> dict[str, Any]:
    """All decisions, newest first, at most ``limit`` of them."""
    entries = read_entries(content)
    missed = _missed(training, entries, commits)
    rows = [(e, "ledger") for e in reversed(entries)]
    rows += [(e, "output") for e in missed]
    rows.sort(key=lambda row: row[0].time, reverse=True)
    start = Ledger.parse(content).start
    return {
        "kind": "mnistctl/history",
        "version": 1,
        "training": training,
        "ledger": str(ledger),
        "output": str(output),
        "start": {
            "asked": start.asked,
            "commit": start.commit or None,
            "inclusive": start.inclusive,
        }
        if start
        else None,
        "total": len(rows),
        "decisions": [_decision(entry, source) for entry, source in rows[:limit]],
        "notes": _notes(missed, output),
    }


def _missed(
    training: str, entries: Sequence[Entry], commits: Iterable[Commit]
) -> list[Entry]:
    known = {entry.output for entry in entries} | {entry.run for entry in entries}
    found = []
    for commit in commits:
        model = published(commit)
        if model is None or model.training != training:
            continue
        if commit.id in known or model.run in known:
            continue
        found.append(publication_of(commit, model))
    return found


def _decision(entry: Entry, source: str) -> dict[str, Any]:
    return {
        "time": timestamp(entry.time),
        "decision": entry.decision.value,
        "reason": entry.reason or None,
        "message": entry.message or None,
        "inputCommit": entry.commit,
        "modelCommit": entry.output or None,
        "accuracy": entry.accuracy or None,
        "attempt": entry.attempt or None,
        "run": entry.run or None,
        "tfjob": entry.tfjob or None,
        "specSha256": entry.spec or None,
        "request": entry.request or None,
        "source": source,
    }


def _notes(missed: Sequence[Entry], output: Branch) -> list[str]:
    if not missed:
        return []
    count = "1 model is" if len(missed) == 1 else f"{len(missed)} models are"
    remedy = "the operator writes a missing line the next time that it looks"
    return [f"{count} on {output} but not in the ledger; {remedy}"]
