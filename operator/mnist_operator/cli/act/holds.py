"""Let a commit that spec.dataGate holds be trained, or never be.

An annotation says it; the operator writes it down at its next look. Those that were
named before and are still held stay named, so that nobody's word is lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from mnist_operator.cli.clusters import Cluster, Place, ask
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.get.trainings import split_name
from mnist_operator.cli.statements import dig
from mnist_operator.foreign import rows, word
from mnist_operator.gate_answers import DISCARD_COMMIT, RELEASE_COMMIT, named_in

__all__ = ["answer_hold", "find_held"]

_ID_DIGITS = 32
_SHOWN = 10
"""The status names no more."""


def answer_hold(
    *,
    name: str,
    namespace: str | None,
    commit: str,
    discard: bool,
    kubeconfig: str | None,
    context: str | None,
) -> None:
    """Name one of the commits that are held in the annotation for it."""
    before, last = split_name(name)
    annotation = DISCARD_COMMIT if discard else RELEASE_COMMIT

    async def act(cluster: Cluster) -> str:
        where = before or cluster.namespace
        body = await cluster.find(where, last)
        found = find_held(body, commit)
        told = dig(body, "metadata", "annotations") or {}
        known = [each for each in named_in(told, annotation) if each in _held(body)]
        names = ",".join(dict.fromkeys([*known, found]))
        patch = {"metadata": {"annotations": {annotation: names}}}
        await cluster.change(where, last, patch)
        if discard:
            return (
                f"Discarded input commit {found} of {where}/{last}: it is not trained"
            )
        return (
            f"Released input commit {found} of {where}/{last}; see what comes of it:"
            f" mnistctl watch {where}/{last}"
        )

    click.echo(ask(Place(kubeconfig, context, namespace), act))


def find_held(body: Mapping[str, Any], wanted: str) -> str:
    """The ID of the one commit that is held and begins so.

    Raises:
        NotThereError: None is, or several are.
    """
    held = _held(body)
    found = [each for each in held if each.startswith(wanted.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        line = f"{wanted} is the beginning of {len(found)} commits: give more digits"
        raise NotThereError(f"{line} ({', '.join(found)})")
    if len(wanted) == _ID_DIGITS and len(held) == _SHOWN:
        return wanted.lower()  # There may be more, and the operator knows.
    shown = f"held are {', '.join(held)}" if held else "none is held"
    raise NotThereError(f"input commit {wanted} is not held by spec.dataGate: {shown}")


def _held(body: Mapping[str, Any]) -> Sequence[str]:
    """Newest first."""
    told = rows(dig(body, "status", "held"))
    return [commit for each in told if (commit := word(each.get("commit")))]
