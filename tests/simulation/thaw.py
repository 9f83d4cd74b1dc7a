"""Values that are as quick to make as others.

To make a frozen dataclass costs a call for each of its fields, and a look at the world
makes dozens of them. What would change one is found by the types and by other tests.
"""

import importlib
from dataclasses import MISSING, fields, is_dataclass

import mnist_operator

__all__ = ["thaw"]

_PACKAGE = mnist_operator.__name__
_CORE = (
    "commits",
    "decisions",
    "ledger",
    "plan",
    "runs",
    "tfjob",
    "peers",
    "pod_state",
)
_LOCK = ("__setattr__", "__delattr__")


def thaw():
    """From now on the operator's values are made as if they were not frozen."""
    for name in _CORE:
        module = importlib.import_module(f"{_PACKAGE}.{name}")
        for each in vars(module).values():
            own = isinstance(each, type) and each.__module__ == module.__name__
            if own and is_dataclass(each) and _is_plain(each):
                _thaw(each)


def _is_plain(kind):
    frozen = kind.__dataclass_params__.frozen and "__setattr__" in vars(kind)
    whole = all(each.init and not each.kw_only for each in fields(kind))
    return frozen and whole and not hasattr(kind, "__post_init__")


def _thaw(kind):
    known, heads, lines = {"MISSING": MISSING}, [], []
    for each in fields(kind):
        name, default = each.name, f"_{each.name}"
        made = each.default_factory is not MISSING
        given = made or each.default is not MISSING
        known[default] = each.default_factory if made else each.default
        value = f"{default}() if {name} is MISSING else {name}" if made else name
        heads.append(f"{name}={'MISSING' if made else default}" if given else name)
        lines.append(f"    self.{name} = {value}\n")
    exec(f"def __init__(self, {', '.join(heads)}):\n{''.join(lines)}", known)  # noqa: S102
    for name in _LOCK:
        delattr(kind, name)
    kind.__init__ = known["__init__"]
