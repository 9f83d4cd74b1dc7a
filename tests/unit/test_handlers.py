"""How kopf is set up."""

import kopf
import pytest

from mnist_operator.handlers import configure


@pytest.mark.parametrize("scanning", [True, False])
def test_kopf_looks_for_new_kinds_only_where_it_may(scanning):
    settings = kopf.OperatorSettings()

    configure(settings, scanning=scanning)

    assert scanning is not settings.scanning.disabled


def test_kopf_never_kills_the_process():
    """It would do so ten minutes after a removed kind had ended it."""
    settings = kopf.OperatorSettings()

    configure(settings)

    assert settings.process.ultimate_exiting_timeout is None
