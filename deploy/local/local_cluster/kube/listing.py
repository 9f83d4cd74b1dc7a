"""Lists, whole or in pages: each page is cut from the state that the first one saw."""

import base64
import itertools
import json
from collections import OrderedDict
from dataclasses import dataclass

from local_cluster.kube.failures import expired
from local_cluster.kube.requests import Target
from local_cluster.kube.selectors import Selector
from local_cluster.kube.store import Store
from local_cluster.kube.values import Json

__all__ = ["Lister", "Page"]

_KEPT_LISTS = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list."""

    items: list[Json]
    version: str
    token: str = ""
    remaining: int = 0

    def metadata(self) -> Json:
        """Return the list's own metadata."""
        about: Json = {"resourceVersion": self.version}
        if self.token:
            about |= {"continue": self.token, "remainingItemCount": self.remaining}
        return about


class Lister:
    """Answers lists and remembers what is left of those read in pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rests: OrderedDict[str, Page] = OrderedDict()
        self._numbers = itertools.count()

    def list(self, target: Target, selector: Selector, limit: int, token: str) -> Page:
        """Return a list, or its next page."""
        if token:
            page = self._rests.get(token)
            if page is None:
                raise expired(
                    "The provided continue parameter is too old to display a "
                    "consistent list result. You can start a new list without the "
                    "continue parameter."
                )
        else:
            page = self._first(target, selector)
        if not limit or len(page.items) <= limit:
            return page
        return self._cut(page, limit)

    def _first(self, target: Target, selector: Selector) -> Page:
        kind = target.kind
        items = [
            document
            for document in self._store.all(kind.resource, target.namespace)
            if selector(document)
        ]
        return Page([kind.identify(one) for one in items], str(self._store.version))

    def _cut(self, page: Page, limit: int) -> Page:
        rest = page.items[limit:]
        mark = {"v": "meta.k8s.io/v1", "rv": page.version, "n": next(self._numbers)}
        token = base64.urlsafe_b64encode(json.dumps(mark).encode()).decode()
        self._rests[token] = Page(rest, page.version)
        if len(self._rests) > _KEPT_LISTS:
            self._rests.popitem(last=False)
        return Page(page.items[:limit], page.version, token, len(rest))
