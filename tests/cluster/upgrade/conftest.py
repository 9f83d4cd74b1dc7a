"""Both releases, and a loud word where they are the same."""

import asyncio
from contextlib import contextmanager

import pytest

from cluster.upgrade.releases import Releases
from integration.following.conftest import Gate

_DEFINITION = (
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    "/mnisttrainings.mnist-operator.dev"
)
_LACKING: list[str] = []


@pytest.fixture(scope="session", name="releases")
def _releases(tmp_path_factory):
    releases = Releases(tmp_path_factory.mktemp("earlier"))
    if releases.lacking:
        _LACKING.append(releases.lacking)
    return releases


@pytest.fixture(name="install")
async def _install(plane, account, releases):
    """Apply the manifests of a release; those of the present are there in the end."""
    installed = releases.present

    async def install(release):
        nonlocal installed
        if release is not installed:
            await asyncio.to_thread(_apply, plane, release)
        installed = release

    yield install
    await install(releases.present)


def _apply(plane, release):
    """As the handbook says it, CRD included."""
    how = ("--server-side", "--force-conflicts")
    plane.kubectl("apply", *how, "-k", str(release.manifests))


@pytest.fixture(name="newer_definition")
def _newer_definition(plane):
    """Let the resource have a further field for a while."""

    @contextmanager
    def changed(name, schema):
        _set_field(plane, name, schema)
        try:
            yield
        finally:
            _set_field(plane, name, None)

    return changed


def _set_field(plane, name, schema):
    """Add a field to spec, or take it out again."""
    crd = plane.call("GET", _DEFINITION)
    (version,) = crd["spec"]["versions"]
    fields = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    if schema is None:
        del fields[name]
    else:
        fields[name] = schema
    plane.call("PUT", _DEFINITION, crd)


@pytest.fixture(name="gate")
def _gate(tmp_path):
    """Hold trainers whose data says ``wait_for=str(gate)``."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.open()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that an upgrade was tried from a release to itself alone."""
    for told in _LACKING:
        terminalreporter.section("NO EARLIER RELEASE TO UPGRADE FROM", red=True)
        terminalreporter.write_line(
            f"{told}: the tests of upgrades went from the present operator to the"
            " present operator. Fetch the history (git fetch --unshallow)."
        )
