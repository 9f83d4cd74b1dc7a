"""The front matter of a model card, as far as we write it: keys, types, what must be.

By https://github.com/huggingface/hub-docs/blob/main/modelcard.md, which is an example
with remarks: there is no schema to check with.
"""

FRONT_MATTER = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "library_name": {"type": "string"},
        "pipeline_tag": {"const": "image-classification"},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "metrics": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "model-index": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "results"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "result": {
            "type": "object",
            "required": ["task", "dataset", "metrics"],
            "additionalProperties": False,
            "properties": {
                "task": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {"type": {"type": "string"}},
                },
                "dataset": {
                    "type": "object",
                    "required": ["type", "name"],
                    "additionalProperties": False,
                    "properties": {
                        key: {"type": "string", "minLength": 1}
                        for key in ("type", "name", "split", "revision")
                    },
                },
                "metrics": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["type", "value"],
                        "additionalProperties": False,
                        "properties": {
                            "type": {"type": "string"},
                            "value": {"type": "number"},
                        },
                    },
                },
            },
        }
    },
}
