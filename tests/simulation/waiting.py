"""Waiting in simulated time, at the least cost that asyncio allows."""

__all__ = ["pause"]


def pause(loop, seconds):
    """A future that is done after that long."""
    future = loop.create_future()
    loop.call_later(seconds, _end, future)
    return future


def _end(future):
    if not future.done():
        future.set_result(None)
