"""What a commit's bucket is called at pachd's S3 gateway. Pure."""

__all__ = ["name_bucket"]


def name_bucket(commit: str, branch: str, repo: str, project: str) -> str:
    """A commit's own bucket: an immutable snapshot, or one attempt's own staging."""
    suffix = "" if project == "default" else f".{project}"
    return f"{commit}.{branch}.{repo}{suffix}"
