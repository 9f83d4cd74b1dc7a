"""The trainer against the classic recipe: `python -m bench.trainer`.

All of it in one run and taking turns, so that a busy machine slows each of them: read
the ratios. Each start is a process of its own, which reads MNIST from the file that
MNIST_NPZ names, and writes a folder. The last line is JSON.
Where TensorFlow finds a GPU, ever longer trainings follow, and tell in how many seconds
an accuracy is reached.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.tables import circumstances, show
from bench.trainer import figures
from bench.trainer.contenders import CONTENDERS, LADDER, Contender, Run, race

__all__ = ["main", "plan_rounds"]

_ROUNDS = 5
_FULL = 2
"""The naive full training takes long, and always as long."""

_CLIMBS = 3


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the rounds, and print what came of them."""
    asked = _read_arguments(arguments)
    archive = Path(environment.get("MNIST_NPZ") or "-")
    if not archive.is_file():
        print(
            f"MNIST_NPZ is {environment.get('MNIST_NPZ', '')!r}: set it to the path of "
            "MNIST's mnist.npz (11 MB, with x_train, y_train, x_test and y_test)",
            file=sys.stderr,
        )
        return 2
    rounds = plan_rounds(asked.only, rounds=asked.rounds, full=asked.full)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        _warm_up()
        runs = _race(rounds, archive, Path(folder))
        on_gpu = any(run.device == "GPU" for done in runs.values() for run in done)
        show(figures.comparison(runs, CONTENDERS))
        parts = figures.breakdown(runs)
        show(parts)
        told = {**figures.summarise(runs), "parts": parts.figures}
        if asked.climb or on_gpu:
            climbing = [list(LADDER)] * min(asked.rounds, _CLIMBS)
            climbs = _race(climbing, archive, Path(folder))
            ladder = {each.name: each for each in LADDER}
            show(figures.comparison(climbs, ladder))
            reached = figures.climb(climbs, ladder)
            show(reached)
            told["secondsTo"] = dict(reached.figures)
    where = circumstances("")
    where.pop("servers")
    print(json.dumps({**told, **where, "device": "GPU" if on_gpu else "CPU"}))
    return 0


def plan_rounds(
    only: Sequence[str], *, rounds: int, full: int
) -> list[list[Contender]]:
    """Decide who starts when: each round begins with another one."""
    planned = []
    for number in range(rounds):
        names = [name for name in only if name != "full" or number < full]
        first = number % len(names) if names else 0
        planned.append([CONTENDERS[n] for n in names[first:] + names[:first]])
    return planned


def _race(
    rounds: Sequence[Sequence[Contender]], archive: Path, folder: Path
) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = defaultdict(list)
    for number, contenders in enumerate(rounds):
        for contender in contenders:
            run = race(contender, archive, folder, seed=number)
            runs[contender.name].append(run)
            print(
                f"round {number + 1}/{len(rounds)}: {contender.what}: "
                f"{run.accuracy:.2%} in {run.wall:.2f} s",
                flush=True,
            )
    print()
    return dict(runs)


def _warm_up() -> None:
    """Let the disk give away TensorFlow once: nobody shall be the first."""
    command = [sys.executable, "-c", "import keras"]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run(command, check=True, capture_output=True, env=quiet)


def _read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.trainer", description="Measure it.")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="a seed each")
    parser.add_argument(
        "--full", type=int, default=_FULL, help="rounds with the classic on all images"
    )
    parser.add_argument(
        "--only", type=_names, default=list(CONTENDERS), help=", ".join(CONTENDERS)
    )
    parser.add_argument(
        "--climb", action="store_true", help="seconds to an accuracy, without a GPU too"
    )
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - CONTENDERS.keys():
        raise argparse.ArgumentTypeError(
            f"no such contender: {', '.join(sorted(unknown))}; take some of "
            f"{','.join(CONTENDERS)}"
        )
    return [name for name in CONTENDERS if name in names]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
