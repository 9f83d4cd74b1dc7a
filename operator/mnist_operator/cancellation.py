"""A cancellation that something took for its own failure is still one.

A cancelled ``asyncio.gather`` raises what the first of its parts ends with. Where one
had failed at that moment, its error comes, and the cancellation is lost: whoever
catches the error to try again goes on for ever. The task still knows.
"""

import asyncio

__all__ = ["heed_cancellation"]


def heed_cancellation() -> None:
    """End the present task if somebody has asked it to end.

    Raises:
        asyncio.CancelledError: It was cancelled; it may have been told otherwise.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
