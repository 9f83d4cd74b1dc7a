"""A custom resource with one of everything that a schema can say."""

import copy
from typing import Any

SPEC = {
    "type": "object",
    "default": {"mode": "Fast", "size": 3},
    "required": ["mode"],
    "properties": {
        "mode": {"type": "string", "enum": ["Fast", "Slow"], "default": "Fast"},
        "size": {"type": "integer", "minimum": 1, "maximum": 10, "default": 3},
        "name": {
            "type": "string",
            "minLength": 2,
            "maxLength": 8,
            "pattern": "^[a-z]+$",
        },
        "ratio": {"type": "number"},
        "port": {"x-kubernetes-int-or-string": True},
        "note": {"type": "string", "nullable": True},
        "repo": {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "the repo cannot be changed"}
            ],
        },
        "paths": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        "env": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "value": {"type": "string", "default": "-"},
                },
            },
        },
        "template": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "x-kubernetes-validations": [
        {
            "rule": "self.mode != 'Slow' || self.size > 1",
            "message": "Slow needs a size above 1",
        },
        {
            "rule": "!has(self.ratio) || self.ratio < 2.0",
            # Text made from a number would cost more than a real server allows.
            "messageExpression": "'the ratio is too much for ' + self.mode",
        },
    ],
}

STATUS = {
    "type": "object",
    "properties": {
        "ready": {"type": "boolean"},
        "conditions": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
            "items": {
                "type": "object",
                "required": ["type", "status"],
                "properties": {
                    "type": {"type": "string"},
                    "status": {"type": "string"},
                },
            },
        },
    },
}

COLUMNS = [
    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
    {
        "name": "Ready",
        "type": "string",
        "jsonPath": '.status.conditions[?(@.type=="Ready")].status',
    },
    {"name": "Mode", "type": "string", "jsonPath": ".spec.mode", "priority": 1},
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]


def definition(group: str, **more: Any) -> dict[str, Any]:
    """Return the definition of widgets in a group of one's own."""
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": COLUMNS,
        "schema": {
            "openAPIV3Schema": {
                "type": "object",
                "properties": {
                    "spec": copy.deepcopy(SPEC),
                    "status": copy.deepcopy(STATUS),
                },
            }
        },
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]},
            "versions": [version | more],
        },
    }
