"""Take many walks, or one with its story: see --help."""

import argparse
import logging
import sys
from time import perf_counter

from simulation.pieces import in_pieces
from simulation.walks.paths import make_walk
from simulation.walks.walking import walk

_SHOWN = 3
"""Walks that are told in full, of those that found something."""
_PIECE = 10


def take(seeds):
    """Take some; how many edits were made, and what was found, by seed."""
    logging.disable(logging.WARNING)
    walks = [make_walk(seed) for seed in seeds]
    edits = sum(len(step.specs) for each in walks for step in each.steps)
    found = {each.seed: said for each in walks if (said := walk(each))}
    return edits, found


def tell(seed):
    """One walk: its first spec, its steps, what was found, and the story."""
    logging.disable(logging.WARNING)
    taken, trace = make_walk(seed), []
    said = walk(taken, trace=trace)
    steps = [f"{step.moment}: {step.told}" for step in taken.steps]
    return "\n".join([f"walk {seed}: {said or 'nothing is wrong'}", *steps, *trace])


def main():
    """Exit with 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="simulation.walks", description=__doc__)
    parser.add_argument("--walks", type=int, default=100, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first one's seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--walk", type=int, help="tell the story of this one instead")
    asked = parser.parse_args()
    if asked.walk is not None:
        print(tell(asked.walk))
        return 0
    began = perf_counter()
    seeds = range(asked.first, asked.first + asked.walks)
    parts = in_pieces(take, seeds, asked.jobs, size=_PIECE)
    found = {seed: said for _, some in parts for seed, said in some.items()}
    for seed in list(found)[:_SHOWN]:
        print(tell(seed))
    if found:
        print(f"found by walks {', '.join(map(str, found))}")
    edits = sum(each for each, _ in parts)
    rate = asked.walks / (perf_counter() - began)
    print(
        f"{asked.walks} walks, {edits} edits, {len(found)} violations"
        f" ({rate:.1f} walks a second)"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
