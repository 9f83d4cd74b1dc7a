"""Prints lists as `Table` documents, so that kubectl shows the server's columns."""

from collections.abc import Iterable
from datetime import datetime

from local_cluster.kube.columns import AGE, NAME, Column
from local_cluster.kube.kinds import Kind
from local_cluster.kube.values import Json

__all__ = ["partial", "table"]


def table(
    kind: Kind,
    documents: Iterable[Json],
    now: datetime,
    *,
    version: str = "",
    include: str = "Metadata",
) -> Json:
    """Print objects of one kind as a table."""
    columns = kind.columns or (NAME, AGE)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": [_define(column) for column in columns],
        "rows": [
            {
                "cells": [column.cell(document, now) for column in columns],
                **_object(document, include),
            }
            for document in documents
        ],
    }


def partial(document: Json) -> Json:
    """Return only what every object has."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": document.get("metadata", {}),
    }


def _object(document: Json, include: str) -> Json:
    match include:
        case "None":
            return {}
        case "Object":
            return {"object": document}
        case _:
            return {"object": partial(document)}


def _define(column: Column) -> Json:
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description or column.name,
        "priority": column.priority,
    }
