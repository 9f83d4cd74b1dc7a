"""The rules that names and labels must follow."""

import re
import secrets

from local_cluster.kube.failures import Cause
from local_cluster.kube.values import Json

__all__ = ["check_labels", "check_name", "generate"]

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_MAX_GENERATED_BASE = 58

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"

_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
    "'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
    "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
    "with an alphabetic character, and end with an alphanumeric character (e.g. "
    "'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters"
    ", '-' or '.', and must start and end with an alphanumeric character (e.g. "
    "'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_RULES = {
    "label": (63, re.compile(_LABEL), _LABEL_WORDS),
    "label1035": (63, re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?"), _LABEL1035_WORDS),
    "subdomain": (253, re.compile(rf"{_LABEL}(\.{_LABEL})*"), _SUBDOMAIN_WORDS),
    "path": (253, re.compile(r"[^/%]+"), "may not contain '/' or '%'"),
}

_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_LABEL_LIMIT = 63


def generate(base: str) -> str:
    """Complete a `generateName`."""
    tail = "".join(secrets.choice(_LETTERS) for _ in range(5))
    return base[:_MAX_GENERATED_BASE] + tail


def check_name(rule: str, name: str) -> list[Cause]:
    """Return what is wrong with an object's name."""
    limit, pattern, explanation = _RULES[rule]
    if pattern.fullmatch(name) is None:
        return [Cause("metadata.name", f'Invalid value: "{name}": {explanation}')]
    if len(name) > limit:
        told = f"must be no more than {limit} characters"
        return [Cause("metadata.name", f'Invalid value: "{name}": {told}')]
    return []


def check_labels(labels: Json, field: str = "metadata.labels") -> list[Cause]:
    """Return what is wrong with label values."""
    causes = []
    for value in labels.values():
        if not isinstance(value, str) or _LABEL_VALUE.fullmatch(value) is None:
            told = "a valid label must be an empty string or consist of alphanumeric"
            causes.append(Cause(field, f'Invalid value: "{value}": {told} characters'))
        elif len(value) > _LABEL_LIMIT:
            told = f"must be no more than {_LABEL_LIMIT} bytes"
            causes.append(Cause(field, f'Invalid value: "{value}": {told}'))
    return causes
