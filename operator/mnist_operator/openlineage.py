"""OpenLineage: what becomes of a run, as events that lineage tools take. Pure.

A run is an attempt. It has one START, when its TFJob is created, and one end:
COMPLETE with its model's publication, FAIL, or ABORT where it was given up. Its runId
follows from its staging commit, so whoever tells of it tells of the same run, and an
event that is sent twice says nothing new.

Source: https://openlineage.io/spec/2-0-2/OpenLineage.json, and the facets' own
schemas, each named where it is used.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from mnist_operator.lineage_runs import Dataset, Run
from mnist_operator.runs import canonical
from mnist_operator.status import timestamp

__all__ = [
    "EventType",
    "Place",
    "build_event",
    "end_of",
    "name_uuid",
    "namespace_of",
]

_PRODUCER = "https://mnist-operator.dev/operator"
_SPEC = "https://openlineage.io/spec"
_INTEGRATION = "MNIST_OPERATOR"
_URL_NAMESPACE = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")
"""RFC 9562, 6.6: the namespace of names that are URLs."""


class EventType(StrEnum):
    """What an event says of its run."""

    START = "START"
    COMPLETE = "COMPLETE"
    FAIL = "FAIL"
    ABORT = "ABORT"


@dataclass(frozen=True, slots=True)
class Place:
    """In whose words it is told."""

    datasets: str
    """The namespace of Pachyderm's repos; see `namespace_of`."""
    jobs: str = ""
    """The namespace of all trainings; empty: each is in Kubernetes' own."""


def name_uuid(name: str) -> str:
    """The UUID of an URL, version 5 (RFC 9562, 5.5): the same for everybody."""
    hashed = hashlib.sha1(_URL_NAMESPACE + name.encode(), usedforsecurity=False)
    value = bytearray(hashed.digest()[:16])
    value[6] = value[6] & 0x0F | 0x50
    value[8] = value[8] & 0x3F | 0x80
    text = value.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def namespace_of(address: str) -> str:
    """The namespace of a pachd's repos: pachyderm:// and its host, without a port.

    Ports differ with the way that one takes to the same pachd.

    Raises:
        ValueError: The address is none, which `Connection.target` says better.
    """
    host = urlsplit(f"//{address.rpartition('://')[2]}").hostname or "localhost"
    return f"pachyderm://[{host}]" if ":" in host else f"pachyderm://{host}"


def end_of(reason: str, message: str) -> str:
    """Why a run failed or was given up, in one line."""
    return ": ".join(filter(None, (reason, " ".join(message.split()))))


def build_event(
    kind: EventType, run: Run, place: Place, *, at: datetime, error: str = ""
) -> dict[str, Any]:
    """One RunEvent, as it goes over the wire; error is told of what went wrong."""
    return {
        "eventType": kind.value,
        "eventTime": timestamp(at),
        "producer": _PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {
            "runId": name_uuid(f"https://mnist-operator.dev/runs/{run.staging}"),
            "facets": _run_facets(run, error),
        },
        "job": _job(run, place),
        "inputs": [_input(each, place) for each in run.inputs],
        "outputs": [_output(each, place) for each in run.outputs],
    }


def _job(run: Run, place: Place) -> dict[str, Any]:
    """A training; where all share one namespace, its own is part of the name."""
    namespace, _, name = run.training.partition("/")
    kind = _facet(
        "JobTypeJobFacet",
        "2-0-4",
        processingType="BATCH",
        integration=_INTEGRATION,
        jobType="TRAINING",
    )
    facets = {"jobType": kind}
    if run.source_url:
        code = {"type": "git", "url": run.source_url, "repoUrl": run.source_url}
        facets["sourceCodeLocation"] = _facet(
            "SourceCodeLocationJobFacet",
            "1-1-0",
            **code,
            **({"version": run.revision} if run.revision else {}),
        )
    shared = {"namespace": place.jobs, "name": f"{namespace}.{name}"}
    own = {"namespace": namespace, "name": name}
    return {**(shared if place.jobs else own), "facets": facets}


def _run_facets(run: Run, error: str) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if run.started:
        ended = {"nominalEndTime": run.ended} if run.ended else {}
        facets["nominalTime"] = _facet(
            "NominalTimeRunFacet", "1-0-1", nominalStartTime=run.started, **ended
        )
    if run.tensorflow:
        adapter = {"openlineageAdapterVersion": run.operator} if run.operator else {}
        facets["processing_engine"] = _facet(
            "ProcessingEngineRunFacet",
            "1-1-1",
            version=run.tensorflow,
            name="TensorFlow",
            **adapter,
        )
    if run.parameters:
        facets["executionParameters"] = _facet(
            "ExecutionParametersRunFacet",
            "1-0-0",
            parameters=[
                {"key": key, "value": _text(value)}
                for key, value in run.parameters.items()
            ],
        )
    tags = {"run": run.staging, **run.tags, "operator": run.operator}
    facets["tags"] = _facet("TagsRunFacet", "1-0-0", tags=_tags(tags))
    if error:
        facets["errorMessage"] = _facet(
            "ErrorMessageRunFacet", "1-0-1", message=error, programmingLanguage="Python"
        )
    return facets


def _input(dataset: Dataset, place: Place) -> dict[str, Any]:
    counted = {"fileCount": dataset.files, "size": dataset.size}
    known = {name: value for name, value in counted.items() if value is not None}
    statistics = (
        {
            "inputStatistics": _facet(
                "InputStatisticsInputDatasetFacet", "1-0-0", **known
            )
        }
        if known
        else {}
    )
    return {**_dataset(dataset, place, {}), "inputFacets": statistics}


def _output(dataset: Dataset, place: Place) -> dict[str, Any]:
    kind = _facet("DatasetTypeDatasetFacet", "1-0-1", datasetType="MODEL")
    return {**_dataset(dataset, place, {"datasetType": kind}), "outputFacets": {}}


def _dataset(
    dataset: Dataset, place: Place, facets: Mapping[str, Any]
) -> dict[str, Any]:
    found = dict(facets)
    if dataset.commit:
        found["version"] = _facet(
            "DatasetVersionDatasetFacet", "1-0-1", datasetVersion=dataset.commit
        )
    if tags := _tags(dataset.tags):
        found["tags"] = _facet("TagsDatasetFacet", "1-0-0", tags=tags)
    return {
        "namespace": place.datasets,
        "name": f"{dataset.repo}@{dataset.branch}",
        "facets": found,
    }


def _tags(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"key": key, "value": value, "source": _INTEGRATION}
        for key, value in values.items()
        if value
    ]


def _facet(kind: str, schema_version: str, /, **values: Any) -> dict[str, Any]:
    schema = f"{_SPEC}/facets/{schema_version}/{kind}.json#/$defs/{kind}"
    return {"_producer": _PRODUCER, "_schemaURL": schema, **values}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value).decode()
