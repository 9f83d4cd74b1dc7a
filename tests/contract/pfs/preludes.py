"""What the recording left out: setting a scene, and looking in between.

Importing the modules beneath registers what each does around which step.
"""

from contract.pfs import prelude_commits, prelude_files, prelude_provenance
from contract.pfs.scenes import HOOKS

__all__ = ["HOOKS", "prelude_commits", "prelude_files", "prelude_provenance"]
