"""Many seeds, a few at a time, in one process or in several."""

from concurrent.futures import ProcessPoolExecutor

__all__ = ["in_pieces"]


def in_pieces(work, seeds, jobs, *, size):
    """What `work` returns for each piece of so many seeds, in their order."""
    pieces = [seeds[start : start + size] for start in range(0, len(seeds), size)]
    if jobs == 1:
        return [work(each) for each in pieces]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(work, pieces))
