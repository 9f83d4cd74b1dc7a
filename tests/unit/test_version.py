"""One version, wherever it is written."""

import re
from pathlib import Path

import pytest

from mnist_operator import __version__

ROOT = Path(__file__).resolve().parents[2]
PLACES = (
    "Makefile",
    "Dockerfile.operator",
    "Dockerfile.trainer",
    "deploy/kustomize/base/kustomization.yaml",
    "docs/operations.md",
    "docs/resource.md",
)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_that_names_the_version_names_this_one(place):
    pattern = r"(?:trainer:|operator:|VERSION ?:?= ?|newTag: )(\d+\.\d+\.\d+)"

    named = set(re.findall(pattern, (ROOT / place).read_text()))

    assert {__version__} == named
