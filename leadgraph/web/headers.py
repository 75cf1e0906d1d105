"""The headers that every answer bears: what a browser may do with it, and who may read it."""

from __future__ import annotations

EXPOSED = [
    "Content-Disposition",
    "ETag",
    "LeadGraph-Answer",
    "LeadGraph-Sources",
    "Link",
    "Location",
    "Retry-After",
    "Server-Timing",
    "X-Request-Id",
]
"""What scripts of other sites may read besides the body (Fetch, 3.2.5)."""

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load and do (Content Security Policy 3); a view may name more for its own."""

_FRAMES = "frame-ancestors"


def policy(allowed: list[str]) -> str:
    """Return the policy of a page that names more for its own; ours stands first, and prevails.

    Who may frame a page is the one thing that the page says alone.
    """
    framed = any(each.startswith(_FRAMES) for each in allowed)
    ours = (each for each in POLICY.split("; ") if not (framed and each.startswith(_FRAMES)))
    return "; ".join([*ours, *allowed])


SECURITY = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What keeps a browser from doing more with an answer than showing it."""

COMMON = [
    *SECURITY.items(),
    ("Content-Security-Policy", POLICY),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", ", ".join(EXPOSED)),
]
"""All of it, for an answer that does not pass through Flask."""
