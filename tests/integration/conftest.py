"""What makes tests with servers start and run faster, and changes nothing else."""

import gc
import os

import pytest


@pytest.fixture(autouse=True, scope="session")
def _no_public_authorities():
    """Each client would read 150 public CAs at its start, for servers without TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.devnull)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_search_through_imports():
    """What was imported stays for ever, so the collector need not look through it."""
    gc.collect()
    gc.freeze()
