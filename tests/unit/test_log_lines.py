"""The log's way out: every line in its order, and nobody waits for who reads it."""

import logging
import os
import sys
from contextlib import contextmanager
from pathlib import Path

from mnist_operator.log_lines import LineHandler, hand_over


@contextmanager
def pipe():
    """Both ends of a pipe; the reader's, and the one to write to."""
    reader, writer = os.pipe()
    try:
        yield reader, writer
    finally:
        os.close(writer)
        os.close(reader)


@contextmanager
def logging_to(writer, **options):
    """A logger of the test's own."""
    logger = logging.getLogger("mnist-operator-test")
    handler = LineHandler(writer, **options)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield logger, handler
    finally:
        logger.removeHandler(handler)


def fill(writer):
    os.set_blocking(writer, False)
    written = 0
    try:
        while True:
            written += os.write(writer, b"x" * 4096)
    except BlockingIOError:
        return written
    finally:
        os.set_blocking(writer, True)


def read(reader, count):
    found = b""
    while len(found) < count:
        found += os.read(reader, count - len(found))
    return found


def test_lines_come_in_their_order_and_whole():
    with pipe() as (reader, writer), logging_to(writer) as (logger, handler):
        for number in range(100):
            logger.warning("line %d: %s", number, "ä")
        handler.flush()
        wanted = "".join(f"line {number}: ä\n" for number in range(100)).encode()

        assert wanted == read(reader, len(wanted))


def test_a_line_that_cannot_be_encoded_is_told_all_the_same():
    with pipe() as (reader, writer), logging_to(writer) as (logger, handler):
        logger.warning("half of a pair: \ud800")
        handler.flush()

        assert b"half of a pair: \\ud800\n" == os.read(reader, 100)


def test_what_is_too_much_for_a_reader_that_stands_still_is_left_out_and_counted():
    with pipe() as (reader, writer):
        before = fill(writer)
        with logging_to(writer, lines=5) as (logger, handler):
            for number in range(1000):
                logger.warning("line %03d", number)
            read(reader, before)
            handler.flush()
            logger.warning("the reader is back")
            handler.flush()
            told = os.read(reader, 4096).decode().splitlines()

    numbers = [int(line[5:]) for line in told if line.startswith("line ")]
    left_out = [int(line.split()[0]) for line in told if line.endswith("out here.")]
    assert sorted(set(numbers)) == numbers
    assert 1000 == len(numbers) + sum(left_out)
    assert 5 <= len(numbers) < 20
    assert "the reader is back" == told[-1]


def test_an_output_without_room_loses_its_lines_and_nothing_else():
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        logging_to(full.fileno()) as (logger, handler),
    ):
        logger.warning("nobody will know")
        handler.flush()

        assert handler.is_empty


def test_a_handler_of_the_stream_is_replaced_and_keeps_its_form(capfd):
    logger = logging.getLogger("mnist-operator-handed-over")
    logger.propagate = False
    stream = logging.StreamHandler(sys.__stderr__)
    stream.setFormatter(logging.Formatter("said: %(message)s"))
    logger.addHandler(stream)
    hand_over(logger, sys.__stderr__)
    (handler,) = logger.handlers
    logger.warning("hello")
    handler.flush()

    assert "said: hello\n" == capfd.readouterr().err
