"""Play many schedules, or one with its story: see --help."""

import argparse
import json
import logging
import sys
from time import process_time

from simulation.pieces import in_pieces
from simulation.play import play
from simulation.schedule import make_schedule
from simulation.shrink import shrink

_SHOWN = 3
"""Violations that are told in full."""
_PIECE = 50


def _play_piece(seeds):
    """Play some: the seeds that broke something, how many faults, seconds of CPU."""
    logging.disable(logging.WARNING)
    began = process_time()
    results = [(seed, play(make_schedule(seed), seed)) for seed in seeds]
    broken = [seed for seed, result in results if result.violation]
    return broken, sum(result.faults for _, result in results), process_time() - began


def tell(seed):
    """A schedule that breaks something: the shortest one, and its story."""
    logging.disable(logging.WARNING)
    schedule = make_schedule(seed)
    if play(schedule, seed).violation:
        schedule = shrink(schedule, seed)
    result = play(schedule, seed, trace=True)
    return "\n".join(
        [
            f"seed {seed}: {result.violation or 'nothing is broken'}",
            *result.story,
            "To keep it, put this into tests/simulation/regressions:",
            json.dumps({"seed": seed, "schedule": schedule}),
        ]
    )


def main():
    """Exit with 1 when something is broken."""
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many schedules")
    parser.add_argument("--first", type=int, default=0, help="the first one's seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--seed", type=int, help="tell the story of this one instead")
    asked = parser.parse_args()
    if asked.seed is not None:
        print(tell(asked.seed))
        return 0
    seeds = range(asked.first, asked.first + asked.seeds)
    found = in_pieces(_play_piece, seeds, asked.jobs, size=_PIECE)
    broken = [seed for seeds, *_ in found for seed in seeds]
    faults = sum(each for _, each, _ in found)
    for seed in broken[:_SHOWN]:
        print(tell(seed))
    rate = asked.seeds / sum(seconds for *_, seconds in found)
    print(
        f"{asked.seeds} schedules, {faults} faults injected, {len(broken)} violations"
        f" ({rate:.0f} schedules a second of CPU)"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
