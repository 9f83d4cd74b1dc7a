"""A busy machine, on which things happen in one turn of the loop that seldom do."""

__all__ = ["make_busy"]


def make_busy(draw, lives, accidents):
    """A schedule: one of so many lives, slowed down, in which something goes wrong.

    `accidents`: draws what else happens, and when.
    """
    found = [(0.0, "stage", draw.randrange(lives), draw.randrange(100))]
    found.append((0.0, "join"))
    if draw.random() < 0.5:
        began = round(3.0 * draw.random(), 3)
        turn = draw.choice((0.01, 0.05, 0.2))
        found.append((began, "slow", draw.choice((10, 40)), turn))
        return found + accidents(draw)
    # Somebody is told to end just as their calls fail.
    found.append((0.0, "outage", "pachd", 40))
    found.append((0.0, "slow", 30, round(0.1 + 0.1 * draw.random(), 3)))
    times = [round(20.0 * draw.random(), 3) for _ in range(draw.randrange(2, 7))]
    return found + [(at, "recreate", True, True) for at in times]
