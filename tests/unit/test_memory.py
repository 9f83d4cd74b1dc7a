"""What is remembered between two looks, and what is not worth it any more."""

from mnist_operator import runs
from mnist_operator.readings import Memory
from unit.builders import attempt, ident


def test_of_runs_that_hold_no_slot_nothing_is_remembered():
    old, new = ident(1), ident(2)
    names = {each: runs.job_name("mnist", each) for each in (old, new)}
    memory = Memory(created=set(names.values()), prepared={old, new})
    memory.forget_others("mnist", [attempt(staging=new)])

    assert {names[new]} == memory.created
    assert {new} == memory.prepared
