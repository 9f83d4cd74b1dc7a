"""What the API server makes of a spec: the schema, its defaults, and its rules.

The local cluster's own code, which is held to a real API server's answers by
tests/contract and tests/cluster; and the operator's models, which read what is stored.
"""

from functools import lru_cache

from local_cluster.kube.schemas import compile_schema
from local_cluster.kube.values import clone
from mnist_operator.errors import InvalidSpecError
from mnist_operator.resource import parse_training
from simulation.walks.edits import read_schema

__all__ = ["admit", "stored"]


@lru_cache
def _server():
    return compile_schema(read_schema())


def _body(spec):
    return {
        "metadata": {"name": "mnist", "namespace": "team", "uid": "1"},
        "spec": spec,
    }


def stored(spec):
    """A spec as it is kept: with all defaults."""
    body = clone(_body(spec))
    _server().default(body)
    return body["spec"]


def admit(spec, before=None):
    """Everything that is said against it; before: the spec as it was stored."""
    kept, dropped = _server().prune(clone(_body(spec)))
    _server().default(kept)
    old = None if before is None else _body(before)
    told = [f'unknown field "{each}"' for each in dropped]
    told += [str(cause) for cause in _server().validate(kept, old)]
    return told or _read(kept)


def _read(body):
    """What the operator says that has to live with it."""
    try:
        parse_training(body)
    except InvalidSpecError as error:
        return [f"the models refuse it: {error}"]
    return []
