"""The pin: made before the first run, or somebody is told who must act."""

import pytest

from mnist_operator.errors import DeniedError, InvalidSpecError, PinDeniedError
from mnist_operator.pins import make_pin
from mnist_operator.troubles import tell
from unit.model_outlets import INPUT, OUTPUT, PIN, TRAINING, Pachd
from unit.model_turns import Turns


@pytest.fixture(name="pachd")
def _pachd():
    return Pachd(Turns())


class TestPin:
    async def test_it_is_made_before_the_first_run_and_only_once(self, pachd):
        first, second = pachd.push(), pachd.push()
        await make_pin(pachd, TRAINING, first)
        await make_pin(pachd, TRAINING, second)

        assert first == pachd.heads[PIN]

    async def test_it_is_not_made_for_the_output_of_a_pipeline(self, pachd):
        pachd.declared[OUTPUT] = [INPUT]
        with pytest.raises(InvalidSpecError, match=f"{OUTPUT} descends from {INPUT}"):
            await make_pin(pachd, TRAINING, pachd.push())

        assert PIN not in pachd.heads

    async def test_without_the_right_somebody_is_told_what_to_do(self, pachd):
        async def refuse(branch, head=None, **_):
            raise DeniedError("pachd", "CreateBranch", "not authorized")

        pachd.create_branch = refuse
        with pytest.raises(PinDeniedError) as caught:
            await make_pin(pachd, TRAINING, pachd.push())

        story = tell(caught.value, "team/pachyderm")
        assert story.stalled
        assert "grant the token repoWriter on default/inputrepo" in story.message
        assert "spec.output.provenance" in story.message
        assert "set it to Metadata" in story.message
