"""The OpenLineage event of a model's publication: the operator's own, once more. Pure.

The same builder from the same record, so a backend that was not there is told later
what it would have been told then.
"""

import json
from datetime import datetime

from mnist_operator.cli.export.facts import Source
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.lineage_runs import read_run
from mnist_operator.openlineage import EventType, Place, build_event

__all__ = ["write_event"]


def write_event(source: Source, place: Place, *, finished: datetime | None) -> str:
    """The COMPLETE RunEvent of the run.

    Finished is when the output commit was; where that is not known, it is the end
    of the run.

    Raises:
        NoAnswerError: The record does not say which run it was, or when it ended.
    """
    run = read_run(source.statement.value, commit=source.commit)
    if run is None:
        raise NoAnswerError(
            f"{source.name}: lineage.json names no run of a training, so there is no"
            " OpenLineage event about it: export another format, or ask mnistctl"
            " verify what is wrong with the record"
        )
    if finished is None and not run.ended:
        raise NoAnswerError(
            f"{source.name}: lineage.json does not say when the run ended, and an"
            " OpenLineage event needs a time: name the model's commit in Pachyderm"
        )
    at = finished or datetime.fromisoformat(run.ended)
    event = build_event(EventType.COMPLETE, run, place, at=at)
    return json.dumps(event, indent=2, ensure_ascii=False) + "\n"
