"""The trigger's part of a MnistTraining: which commits are trained, and when."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_operator.model import Model

__all__ = ["PathGlob", "Trigger"]

PathGlob = Annotated[
    str, Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9_+*?\[\]!./-]+$")
]
"""Relative to the commit's root; ** crosses folders, * and ? do not."""


class Trigger(Model):
    """When to train."""

    mode: Literal["EveryCommit", "LatestOnly"] = Field(
        "EveryCommit",
        description="EveryCommit: each commit in its turn, oldest first. LatestOnly:"
        " the newest finished one; those that waited before it are recorded as"
        " superseded.",
    )
    start_from: Annotated[
        str, Field(pattern="^(Latest|Next|Earliest|[0-9a-f]{32})$", max_length=32)
    ] = Field(
        "Latest",
        description="Where to begin. Latest: the branch's head as first"
        " found, and all after it. Next: only what comes after that head. Earliest:"
        " the branch's whole history. Or the ID of the first commit to train.",
    )
    paths: Annotated[list[PathGlob], Field(max_length=32)] = Field(
        default_factory=list,
        description="Globs, such as `data/**` or `*.npz`: the files that count. A"
        " commit that changes none of them since the newest model's commit is skipped,"
        " and recorded as such. Empty: every file counts.",
    )
    unchanged: Literal["Skip", "Train"] = Field(
        "Skip",
        description="What becomes of a commit whose files are those of the newest"
        " model's commit, while the trainer is the same too. Skip: it is recorded as"
        " skipped. Train: it is trained like any other.",
    )
    min_commits: Annotated[int, Field(ge=1, le=1000)] = Field(
        1,
        description="So many finished commits must have come since the last run"
        " before the newest is trained. More than 1 needs mode LatestOnly.",
    )
    debounce_seconds: Annotated[int, Field(ge=0, le=86400)] = Field(
        0,
        description="Start nothing until so long after the last push, or until ten"
        " times as long after the first of those pushes; 0: at once.",
    )
