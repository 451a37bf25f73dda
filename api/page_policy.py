"""What a browser may do with our answers: run and load what is ours, be framed by nobody."""

from collections.abc import Mapping

_COMMON = "base-uri 'none'; frame-ancestors 'none'"
BARE = f"default-src 'none'; form-action 'none'; {_COMMON}"
"""Whatever is no page: data, files, refusals."""
_PAGE = "default-src 'none'; script-src 'self'; img-src 'self' data:; connect-src 'self'"
CONSOLE = f"{_PAGE}; style-src 'self'; form-action 'self'; {_COMMON}"
DOCS = f"{_PAGE}; style-src 'self' 'unsafe-inline'; form-action 'self'; {_COMMON}"
"""Swagger UI styles its elements itself; scripts it may have none but ours."""
DRIVE = (
    f"default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; {_COMMON}"
)

POLICY = "Content-Security-Policy"


def headers_of(policy: str, referrer: str = "same-origin") -> Mapping[str, str]:
    """The headers of a page: nothing of it is kept, and other sites are not told of it."""
    return {POLICY: policy, "Cache-Control": "no-store", "Referrer-Policy": referrer}
