"""The operator ends in peace, whatever becomes of the calls that were under way."""

import kopf
import pytest

from mnist_operator.__main__ import _Program
from mnist_operator.errors import DeniedError
from mnist_operator.settings import Settings


async def run_kopf(monkeypatch, error):
    """Stop the operator while kopf runs, which then raises this."""
    program = _Program(Settings())

    async def operator(**_):
        program.stop()
        raise error

    monkeypatch.setattr(kopf, "operator", operator)
    await program._run_kopf(kopf.OperatorRegistry(), None)


async def test_a_call_that_fails_at_the_very_end_is_nobodys_fault(monkeypatch):
    await run_kopf(monkeypatch, DeniedError("pachd", "InspectBranch", "no token"))


async def test_whatever_else_ends_kopf_ends_the_operator(monkeypatch):
    with pytest.raises(RuntimeError, match="a bug"):
        await run_kopf(monkeypatch, RuntimeError("a bug"))
