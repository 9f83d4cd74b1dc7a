"""OpenLineage's own client: what it would send, were it given the same event."""

import json
from types import ModuleType

from openlineage.client import event_v2, facet_v2
from openlineage.client.serde import Serde


def sent(event):
    """The same event by OpenLineage's own classes, which take nothing unknown."""
    run, job = event["run"], event["job"]
    built = event_v2.RunEvent(
        eventType=event_v2.RunState[event["eventType"]],
        eventTime=event["eventTime"],
        producer=event["producer"],
        run=event_v2.Run(runId=run["runId"], facets=facets(run["facets"])),
        job=event_v2.Job(job["namespace"], job["name"], facets(job["facets"])),
        inputs=[
            event_v2.InputDataset(
                each["namespace"],
                each["name"],
                facets=facets(each["facets"]),
                inputFacets=facets(each["inputFacets"]),
            )
            for each in event["inputs"]
        ],
        outputs=[
            event_v2.OutputDataset(
                each["namespace"],
                each["name"],
                facets=facets(each["facets"]),
                outputFacets=facets(each["outputFacets"]),
            )
            for each in event["outputs"]
        ],
    )
    return json.loads(Serde.to_json(built))


def facets(told):
    return {name: facet(value) for name, value in told.items()}


def facet(told):
    """By the class whose schema it names; what that does not know is a TypeError."""
    fields = {key: value for key, value in told.items() if not key.startswith("_")}
    kind = FACETS[told["_schemaURL"]]
    for name, parts in fields.items():
        if isinstance(parts, list):
            item = ITEMS[kind.__name__]
            fields[name] = [item(**part) for part in parts]
    return kind(**fields, producer=told["_producer"])


MODULES = [each for each in vars(facet_v2).values() if isinstance(each, ModuleType)]
FACETS = {
    found._get_schema(): found
    for module in MODULES
    for found in vars(module).values()
    if isinstance(found, type) and found.__name__.endswith("Facet")
}
ITEMS = {
    "TagsRunFacet": facet_v2.tags_run.TagsRunFacetFields,
    "TagsDatasetFacet": facet_v2.tags_dataset.TagsDatasetFacetFields,
    "ExecutionParametersRunFacet": (
        facet_v2.execution_parameters_run.ExecutionParameter
    ),
}
