"""What the operator's pure functions said to the same question, for one schedule long.

Several processes, and whoever looks on, read the same lines, heads and names again and
again; to compute each once makes the simulator a third faster. Only what is a function
of its arguments alone is here, and it is put around whatever is there when a schedule
begins: so a mistake that is made on purpose is found, wherever it is.
"""

from contextlib import contextmanager
from functools import lru_cache

from mnist_operator import (
    familiar,
    ledger,
    neighbours,
    places,
    resource,
    runs,
    status,
)
from mnist_operator.commits import Branch, Repo
from simulation.thaw import thaw
from unit import model_world

__all__ = ["remembering"]


def _keep(function):
    return lru_cache(maxsize=None)(function)


def _keep_static(function):
    return staticmethod(_keep(function))


def _keep_by_spec(function):
    """Of a function that asks a training for its name and its spec, and no more."""
    known = {}

    def asked(training, *arguments):
        key = id(training.spec), training.namespace, training.name, arguments
        found = known.get(key)
        if found is None:  # The spec is held, so its id is nobody else's.
            found = known[key] = training.spec, function(training, *arguments)
        return found[1]

    return asked


def _keep_specs(parse):
    """Objects of the API server are never changed in place: see `api`."""
    known = {}

    def asked(body):
        written = body.get("spec")
        found = known.get(id(written))
        if found is None:
            read = parse(body)
            known[id(written)] = written, read.spec
            return read
        return resource.bare_training(body, spec=found[1])

    return asked


def _keep_jobs(read):
    known = {}

    def asked(body, pods):
        held = body, *pods
        key = tuple(map(id, held))
        found = known.get(key)
        if found is None:
            found = known[key] = held, read(body, pods)
        return found[1]

    return asked


_KEPT = (
    *((places, name, _keep_by_spec) for name in places.__all__),
    (ledger, "read_line", _keep),
    (model_world, "read_line", _keep),
    (ledger.Ledger, "parse", _keep_static),
    (runs, "read_attempt", _keep),
    (status, "Condition", _keep),
    (familiar, "parse_training", _keep_specs),
    (neighbours, "parse_training", _keep_specs),
    (familiar, "read_job", _keep_jobs),
)


@contextmanager
def remembering():
    """For the length of a block, whatever is asked twice is computed once."""
    before = [getattr(owner, name) for owner, name, _ in _KEPT]
    for (owner, name, keep), function in zip(_KEPT, before, strict=True):
        setattr(owner, name, keep(function))
    try:
        yield
    finally:
        for (owner, name, keep), function in zip(_KEPT, before, strict=True):
            static = keep is _keep_static
            setattr(owner, name, staticmethod(function) if static else function)


def _hash_by_name(thing):
    """Of a branch or repo: what is equal has the same, and it takes one call."""
    return hash(thing.name)


Branch.__hash__ = Repo.__hash__ = _hash_by_name
thaw()
