"""Servers for all tests here, each a process; and at the end, what came of it all."""

import pytest

from crashes.servers import Servers
from crashes.stage import REPORTS


@pytest.fixture(scope="session", name="servers")
def _servers(tmp_path_factory):
    """pachd and an API server; every test has a namespace and repos of its own."""
    with Servers(tmp_path_factory.mktemp("servers")) as servers:
        yield servers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was gone through."""
    if REPORTS:
        terminalreporter.section("crashes")
    while REPORTS:
        terminalreporter.write_line(REPORTS.pop(0))
