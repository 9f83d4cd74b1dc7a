"""Promotions that cannot work: what each gets wrong, and what the server says of it."""

from unit.builders import ident
from unit.wrong_rows import row

__all__ = ["PROMOTIONS"]

_HELD_OUT = {"repo": "held_out", "branch": "master"}
_GATE = "spec.promotion"
_SHARE = "a number from 0 to 1, such as 0.97"


def _row(name, field, told, **promotion):
    return row(name, field, told, promotion={"heldOut": _HELD_OUT} | promotion)


PROMOTIONS = [
    row(
        "a-promotion-without-images",
        _GATE,
        "spec.promotion.heldOut must name the images to compare models with",
        promotion={},
    ),
    row(
        "images-without-a-repo",
        f"{_GATE}.heldOut.repo",
        "Required value",
        promotion={"heldOut": {"branch": "master"}},
    ),
    row(
        "images-of-a-branch-and-a-commit",
        f"{_GATE}.heldOut",
        "spec.promotion.heldOut must have either branch or commit",
        promotion={"heldOut": _HELD_OUT | {"commit": ident(1)}},
    ),
    row(
        "images-of-neither",
        f"{_GATE}.heldOut",
        "spec.promotion.heldOut must have either branch or commit",
        promotion={"heldOut": {"repo": "held_out"}},
    ),
    row(
        "half-a-commit",
        f"{_GATE}.heldOut.commit",
        "must be the ID of a commit",
        promotion={"heldOut": {"repo": "held_out", "commit": "abc"}},
    ),
    row(
        "a-folder-of-images",
        f"{_GATE}.heldOut.path",
        "must be a relative path",
        promotion={"heldOut": _HELD_OUT | {"path": "data/"}},
    ),
    _row(
        "production-where-models-are-published",
        "spec",
        "spec.promotion.branch must differ from spec.output.branch",
        branch="master",
    ),
    _row("another-mode", f"{_GATE}.mode", 'Unsupported value: "Auto"', mode="Auto"),
    _row(
        "percents-of-accuracy",
        f"{_GATE}.minAccuracy",
        f"spec.promotion.minAccuracy must be {_SHARE}",
        minAccuracy="97",
    ),
    _row(
        "a-number-of-accuracy",
        f"{_GATE}.minAccuracy",
        "must be of type string",
        minAccuracy=0.97,
    ),
    _row(
        "a-rise-for-a-drop",
        f"{_GATE}.maxRegression",
        f"spec.promotion.maxRegression must be {_SHARE}",
        maxRegression="-0.01",
    ),
]
