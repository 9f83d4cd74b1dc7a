"""The IDs of traces and spans: the same for whoever tells of the same. Pure.

A trace is an input commit's whole way, so the commit's ID is the trace's: pachd's IDs
and those of traces are both 32 hexadecimal digits. A span's ID is a digest of what it
is about, so a restart, or a second operator, tells of the same span once more.

Source: https://www.w3.org/TR/trace-context/ (traceparent, version 00)
"""

import hashlib
import re

__all__ = ["name_span", "name_trace", "write_traceparent"]

_DIGITS = 16
_TRACE = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SAMPLED = "01"


def name_trace(commit: str) -> str:
    """The trace of an input commit; empty where its ID cannot be that of a trace."""
    return commit if _TRACE.fullmatch(commit) else ""


def name_span(trace: str, kind: str, training: str, of: str) -> str:
    """The ID of a span, 16 hexadecimal digits.

    `training`: its namespace and name, since several may follow one branch;
    `of`: the staging commit of an attempt, or the request of a run (empty: none).
    """
    told = f"{trace}\0{kind}\0{training}\0{of}".encode("utf-8", "surrogatepass")
    # None but zeros, which the standard forbids, comes once in 2**64.
    return hashlib.sha256(told).hexdigest()[:_DIGITS]


def write_traceparent(trace: str, span: str) -> str:
    """The header, or the variable TRACEPARENT, of whoever works inside a span."""
    return f"00-{trace}-{span}-{_SAMPLED}"
