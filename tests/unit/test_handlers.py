"""How kopf is set up."""

import kopf
import pytest

from mnist_operator.handlers import configure
from mnist_operator.tfjob import TRAINING_LABEL


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


def test_the_api_server_tells_of_no_other_trainings_than_those_selected():
    settings = kopf.OperatorSettings()

    configure(settings, selector="shard=a")

    assert {TRAINING_LABEL, "shard=a"} == set(
        settings.watching.label_selectors.values()
    )


def test_without_a_selector_all_trainings_are_told_of():
    settings = kopf.OperatorSettings()

    configure(settings)

    assert [TRAINING_LABEL] == list(settings.watching.label_selectors.values())
