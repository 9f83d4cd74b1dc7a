"""Every step of the recording, played against a server, gets the recorded answer."""

import pytest

from contract.pfs.player import NOT_REPLAYED
from contract.pfs.preludes import HOOKS
from contract.pfs.recording import SCENARIOS

_KILLS = 24

_PLAYED = [
    pytest.param(number, id=f"{number} {scenario.title}")
    for number, scenario in SCENARIOS.items()
    if number != _KILLS
]


@pytest.mark.parametrize("number", _PLAYED)
def test_the_server_answers_as_recorded(player, number):
    problems = player.play(number)

    assert problems == [], "\n".join(problems)
    left_out = [str(s) for s in SCENARIOS[number].steps if s not in player.played]
    assert left_out == [
        str(s) for s in SCENARIOS[number].steps if s.key in NOT_REPLAYED
    ]


def test_every_hook_belongs_to_a_recorded_step():
    known = {step.key for scenario in SCENARIOS.values() for step in scenario.steps}
    hooked = {*HOOKS.before, *HOOKS.after, *HOOKS.once, *HOOKS.looks, *NOT_REPLAYED}

    assert hooked <= known
