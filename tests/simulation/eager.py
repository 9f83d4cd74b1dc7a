"""Coroutines that begin at once, as Python 3.12 offers with its eager task factory.

Most simulated calls take no time; run so, those that are gathered need no tasks. It
makes the simulator half as fast again and leaves out no order of calls: whoever waits
within one goes on as a task.
"""

import asyncio
import types
from contextlib import contextmanager

__all__ = ["eager_gather"]

_gather = asyncio.gather


@types.coroutine
def _go_on(coroutine, waited):
    """The rest of a coroutine that has been run up to its first wait."""
    while True:
        try:
            value = yield waited
        except BaseException as error:  # noqa: BLE001 (thrown on, whatever it is)
            step, value = coroutine.throw, error
        else:
            step = coroutine.send
        try:
            waited = step(value)
        except StopIteration as end:
            return end.value


def _begin(loop, coroutine):
    """Run it up to its first wait: a future that is done, or a task for the rest."""
    if not asyncio.iscoroutine(coroutine):
        return coroutine
    try:
        waited = coroutine.send(None)
    except StopIteration as end:
        done = loop.create_future()
        done.set_result(end.value)
        return done
    except asyncio.CancelledError:
        done = loop.create_future()
        done.cancel()
        return done
    except Exception as error:  # noqa: BLE001 (whoever gathers has it then)
        done = loop.create_future()
        done.set_exception(error)
        return done
    return loop.create_task(_go_on(coroutine, waited))


def _eager(*things, return_exceptions=False):
    loop = asyncio.get_running_loop()
    begun = [_begin(loop, each) for each in things]
    whole = all(each.done() and not each.cancelled() for each in begun)
    if not whole or return_exceptions or any(each.exception() for each in begun):
        return _gather(*begun, return_exceptions=return_exceptions)
    done = loop.create_future()
    done.set_result([each.result() for each in begun])
    return done


@contextmanager
def eager_gather():
    """For the length of a block, `asyncio.gather` begins what it gathers at once."""
    asyncio.gather = _eager
    try:
        yield
    finally:
        asyncio.gather = _gather
