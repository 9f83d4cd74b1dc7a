"""For the place of this process among others: only a chief may train and write.

The training operator tells each pod its place in TF_CONFIG.
Several workers that each trained alone would overwrite one another's output.
"""

import json

from mnist_trainer.errors import ConfigError

__all__ = ["refuse_others_than_chief"]


def refuse_others_than_chief(text: str) -> None:
    """Raise unless this process is the only one that will write the output."""
    if not text:
        return
    kind, index, has_chief = _read_place(text)
    chief = kind in {"chief", "master"}
    if chief or (kind == "worker" and index == 0 and not has_chief):
        return
    raise ConfigError(
        f"TF_CONFIG makes this process {kind} {index}: this trainer works alone, "
        "so give the TFJob one replica, a Worker or a Chief"
    )


def _read_place(text: str) -> tuple[str, int, bool]:
    try:
        config = json.loads(text)
        task = config.get("task") or {"type": "worker", "index": 0}
        cluster = config.get("cluster") or {}
        has_chief = bool({"chief", "master"} & set(cluster))
        return str(task["type"]), int(task["index"]), has_chief
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"TF_CONFIG is {text[:80]!r}: give the JSON object that the training "
            "operator writes, or leave it out"
        ) from error
