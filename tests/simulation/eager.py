"""Coroutines that begin at once, as Python 3.12 offers with its eager task factory.

Most simulated calls take no time; run so, those that are gathered need neither tasks
nor futures. It leaves out no order of calls: whoever waits within one goes on as a
task.
"""

import asyncio
import types
from contextlib import contextmanager

__all__ = ["eager_gather"]

_gather = asyncio.gather


class _Done:
    """What all of them returned; to be awaited, as a future is."""

    __slots__ = ("_results",)

    def __init__(self, results) -> None:
        self._results = results

    def __await__(self):
        return self._results
        yield  # It never waits.


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
    done = loop.create_future()
    try:
        waited = coroutine.send(None)
    except StopIteration as end:
        done.set_result(end.value)
    except asyncio.CancelledError:
        done.cancel()
    except Exception as error:  # noqa: BLE001 (whoever gathers has it then)
        done.set_exception(error)
    else:
        return loop.create_task(_go_on(coroutine, waited))
    return done


def _eager(*things, return_exceptions=False):
    results = []
    for place, each in enumerate(things):
        try:
            waited = each.send(None)
        except StopIteration as end:
            results.append(end.value)
            continue
        except asyncio.CancelledError:
            loop = asyncio.get_running_loop()
            begun = loop.create_future()
            begun.cancel()
        except AttributeError:  # A future or a task.
            if asyncio.iscoroutine(each):
                raise
            loop, begun = asyncio.get_running_loop(), each
        except Exception as error:  # noqa: BLE001 (whoever gathers has it then)
            loop = asyncio.get_running_loop()
            begun = loop.create_future()
            begun.set_exception(error)
        else:
            loop = asyncio.get_running_loop()
            begun = loop.create_task(_go_on(each, waited))
        rest = [_begin(loop, one) for one in things[place + 1 :]]
        before = [_done(loop, one) for one in results]
        return _gather(*before, begun, *rest, return_exceptions=return_exceptions)
    return _Done(results)


def _done(loop, result):
    done = loop.create_future()
    done.set_result(result)
    return done


@contextmanager
def eager_gather():
    """For the length of a block, `asyncio.gather` begins what it gathers at once."""
    asyncio.gather = _eager
    try:
        yield
    finally:
        asyncio.gather = _gather
