"""OpenLineage events as tests make and read them."""

from mnist_operator.openlineage import EventType, Place, build_event
from unit.builders import NOW

PLACE = Place("pachyderm://pachd")


def event(run, kind=EventType.COMPLETE, *, place=PLACE, **more):
    return build_event(kind, run, place, at=NOW, **more)


def facet(value, *path):
    for key in path:
        value = value.get(key, {})
    return {key: found for key, found in value.items() if not key.startswith("_")}


def tags(value):
    return {each["key"]: each["value"] for each in value["tags"]["tags"]}
