"""python-pachyderm's stubs of the PFS service, without the rest of that package.

To import one of its modules is to import its client and the stubs of every service,
which takes as long as all else that mnistctl needs for an answer. So while the stubs
are imported, an empty package with the same folder stands in for it; whoever imports
python_pachyderm itself later gets the real one.
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

__all__ = ["pfs_pb2", "pfs_pb2_grpc"]

_PACKAGE = "python_pachyderm"
_PFS = f"{_PACKAGE}.proto.v2.pfs"


def _import_alone() -> tuple[Any, Any]:
    spec = importlib.util.find_spec(_PACKAGE)
    stand_in = _PACKAGE not in sys.modules and spec is not None
    if stand_in and spec is not None:
        package = ModuleType(_PACKAGE)
        package.__path__ = list(spec.submodule_search_locations or ())
        sys.modules[_PACKAGE] = package
    try:
        names = (f"{_PFS}.pfs_pb2", f"{_PFS}.pfs_pb2_grpc")
        messages, services = map(importlib.import_module, names)
        return messages, services
    finally:
        if stand_in:
            del sys.modules[_PACKAGE]


pfs_pb2, pfs_pb2_grpc = _import_alone()
