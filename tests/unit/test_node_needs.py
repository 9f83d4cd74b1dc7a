"""`make test-node` on a machine that lacks what it needs: told before anything runs."""

import pytest

from node import needs


@pytest.fixture(name="bare")
def _bare(monkeypatch, tmp_path):
    """No program is installed, and no plugin."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(needs, "PLUGINS", (tmp_path,))


@pytest.mark.usefixtures("bare")
def test_missing_packages_are_one_line_to_copy():
    told = next(iter(needs.find_missing()))

    command = "apt-get install buildah catatonit containerd debootstrap"
    assert told.startswith(f"Debian packages are missing: {command}")
    assert told.endswith("containernetworking-plugins")


@pytest.mark.usefixtures("bare")
def test_every_other_line_says_what_to_do():
    assert all(": " in line for line in needs.find_missing())
