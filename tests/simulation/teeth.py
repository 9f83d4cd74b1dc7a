"""At which schedule is each mistake found? `python -m simulation.teeth`: see --help.

Where it was found is kept in `found.json`, for the test to try that one first: it
takes a second for all of them, and a search takes minutes.
"""

import argparse
import json
import logging
import sys
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path

import pytest

from simulation.pieces import in_pieces
from simulation.play import play
from simulation.promotion_mutations import MUTATIONS
from simulation.schedule import is_special, make_schedule
from simulation.stages import record_stages
from simulation.world import SimulatedWorld

__all__ = ["FOUND", "SEEDS", "find", "in_turn"]

SEEDS = 2000
"""So many seeds are tried."""
_FOUND = Path(__file__).with_name("found.json")
FOUND: dict[str, int] = json.loads(_FOUND.read_text()) if _FOUND.exists() else {}
"""The seed by which each was found when it was last looked for."""


def in_turn(first=0):
    """All seeds; those that are about one thing come as often as others."""
    seeds = range(first, first + SEEDS)
    special = [seed for seed in seeds if is_special(seed)]
    others = [seed for seed in seeds if not is_special(seed)]
    both = chain.from_iterable(zip_longest(others, special))
    return [seed for seed in both if seed is not None]


def find(name, seeds):
    """The first seed that shows a mistake, or None; stages are recorded without it."""
    record_stages(SimulatedWorld)
    logging.disable(logging.WARNING)
    try:
        with pytest.MonkeyPatch.context() as patch:
            MUTATIONS[name](patch)
            return next((s for s in seeds if play(make_schedule(s), s).violation), None)
    finally:
        logging.disable(logging.NOTSET)


def _find_all(names, first):
    return [(name, find(name, in_turn(first))) for name in names]


def main():
    """Exit with 1 when one is not found."""
    parser = argparse.ArgumentParser(prog="simulation.teeth", description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--keep", action="store_true", help="write found.json")
    asked = parser.parse_args()
    work = partial(_find_all, first=asked.first)
    found = dict(chain(*in_pieces(work, list(MUTATIONS), asked.jobs, size=1)))
    for name, seed in found.items():
        print(f"{name}: {f'not within {SEEDS}' if seed is None else f'seed {seed}'}")
    if asked.keep:
        kept = {name: seed for name, seed in found.items() if seed is not None}
        _FOUND.write_text(json.dumps(kept, indent=1) + "\n")
    return 1 if None in found.values() else 0


if __name__ == "__main__":
    sys.exit(main())
