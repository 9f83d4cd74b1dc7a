"""The page in a Chromium without a window, and its world in another process."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60_000
"""Milliseconds that anything may take on a busy machine."""
_PROGRAM = (".venv/operator/bin/python", "-m", "integration.dashboard_program")
_PATHS = ("operator", "deploy/local", "tests")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NO_CHROMIUM = "there is no chromium on the PATH: apt-get install chromium"


def pytest_terminal_summary(terminalreporter):
    """Say loudly what could not be tried."""
    if shutil.which("chromium") is None:
        terminalreporter.section("THE PAGE WAS NOT TRIED", red=True, bold=True)
        terminalreporter.write_line(_NO_CHROMIUM)


@dataclass
class Site:
    """Where the page is, and what is going on there."""

    process: subprocess.Popen
    address: str
    runs: dict
    held: str

    def link(self, path):
        return self.address.rstrip("/") + path

    def do(self, word):
        """Let something happen in the world."""
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert {"done": word} == json.loads(self.process.stdout.readline())


@pytest.fixture(name="site", scope="session")
def _site():
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in _PATHS),
    }
    with subprocess.Popen(
        _PROGRAM,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Site(process, **json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(60)


@pytest.fixture(name="browser", scope="session")
def _browser():
    path = shutil.which("chromium")
    if path is None:
        pytest.skip(_NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET])
        yield browser
        browser.close()


@pytest.fixture(name="open_page")
def _open_page(browser, site):
    """Opens an address of the page in a fresh window."""
    contexts = []

    def _open(path, *, width=1280, scheme="light", script=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.faults = []
        page.on("console", lambda said: page.faults.append(said.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(site.link(path), wait_until="load")
        return page

    yield _open
    for context in contexts:
        context.close()


@pytest.fixture(name="paths")
def _paths(site):
    """The kinds of pages, and what can be on them, by names."""
    key = "/trainings/default/mnist"
    runs = site.runs
    return {
        "trainings": "/",
        "training": key,
        "long": "/trainings/default/long",
        "run": f"{key}/runs/{runs['second']}",
        "failed": f"{key}/runs/{runs['failed']}",
        "data": f"{key}/runs/{runs['second']}/data",
        "gated": "/trainings/team/gated",
        "held": f"/trainings/team/gated/held/{site.held}",
        "elsewhere": "/trainings/team/elsewhere",
        "missing": "/trainings/default/nobody",
    }
