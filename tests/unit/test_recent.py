"""What is used again is kept, and nothing else for long."""

from mnist_operator.pachyderm.recent import Recent

SECONDS, MOST = 600.0, 100


class Clock:
    """Goes on when told."""

    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


def kept(clock, *numbers):
    recent = Recent(SECONDS, MOST, clock)
    for number in numbers:
        recent.keep(number, str(number))
    return recent


def test_what_was_kept_is_found_and_nothing_else():
    recent = kept(Clock(), 1, 2)

    assert "1" == recent.get(1)
    assert None is recent.get(3)


def test_the_newest_of_a_key_is_kept_also_where_the_older_one_has_grown_old():
    clock = Clock()
    recent = kept(clock, 1)
    clock.time = SECONDS
    recent.keep(2, "2")
    recent.keep(1, "new")

    assert "new" == recent.get(1)
    assert 2 == len(recent)


def test_what_is_asked_for_is_kept_for_as_long_as_it_is():
    clock = Clock()
    recent = kept(clock, 1, 2)
    for number in range(3, 30):
        clock.time += SECONDS / 2
        recent.keep(number, str(number))

        assert "1" == recent.get(1)

    assert None is recent.get(2)


def test_a_stream_of_things_that_nobody_asks_for_takes_no_more_and_no_more():
    clock = Clock()
    recent = kept(clock)
    held = set()
    for number in range(5000):
        clock.time += 60.0
        recent.keep(number, str(number))
        held.add(len(recent))

    assert 2 * SECONDS / 60.0 >= max(held)


def test_there_are_never_more_than_twice_as_many_as_may_be():
    recent = kept(Clock(), *range(10 * MOST))

    assert 2 * MOST >= len(recent)
    assert "999" == recent.get(999)
