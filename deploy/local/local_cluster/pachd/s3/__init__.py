"""The S3 gateway: Pachyderm's branches and commits as buckets.

Read `gateway` for what there is, `buckets` for what a bucket's name means, and
`objects` for where a PUT ends up.
"""

__all__: list[str] = []
