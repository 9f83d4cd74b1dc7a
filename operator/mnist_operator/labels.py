"""Labels and annotations that a user may add to what the operator makes."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from mnist_operator.model import DOMAIN

__all__ = [
    "LEGAL_KEY",
    "LEGAL_PREFIX",
    "OWN_LABEL",
    "OWN_PREFIXES",
    "Annotations",
    "Labels",
    "Selector",
]

OWN_PREFIXES = (f"{DOMAIN}/", "training.kubeflow.org/")
"""Of the labels by which we and the TFJob controller find our own."""
OWN_LABEL = "app.kubernetes.io/managed-by"

# Without backslashes, which would not survive in CEL.
LEGAL_KEY = (
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
    r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
)
LEGAL_PREFIX = r"^[^/]{0,253}(/|$)"
_VALUE_PATTERN = r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"


def _have_legal_keys(values: dict[str, str]) -> dict[str, str]:
    for key in values:
        # The prefix first: it bounds what the other pattern has to look at.
        if not (re.search(LEGAL_PREFIX, key) and re.search(LEGAL_KEY, key)):
            told = f"must have keys such as team or example.com/team, not {key!r}"
            raise ValueError(told)
    return values


def _leave_ours_alone(values: dict[str, str]) -> dict[str, str]:
    for key in values:
        if key.startswith(OWN_PREFIXES) or key == OWN_LABEL:
            told = f"must not set {key}, which the operator sets: take another prefix"
            raise ValueError(told)
    return values


_Value = Annotated[str, Field(max_length=63, pattern=_VALUE_PATTERN)]
Selector = Annotated[
    dict[str, _Value], Field(max_length=64), AfterValidator(_have_legal_keys)
]
"""Labels of other objects, such as nodes: any that Kubernetes can have."""
Labels = Annotated[Selector, AfterValidator(_leave_ours_alone)]
Annotations = Annotated[
    dict[str, Annotated[str, Field(max_length=16384)]],
    Field(max_length=64),
    AfterValidator(_have_legal_keys),
    AfterValidator(_leave_ours_alone),
]
