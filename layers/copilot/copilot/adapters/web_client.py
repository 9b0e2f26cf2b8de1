"""What platforms are asked with over HTTP: it goes where it is sent and nowhere else, and keeps nothing open."""

from __future__ import annotations

from urllib.parse import SplitResult

import httpx

from copilot.adapters.addresses import is_local
from copilot.adapters.quiet import keep_quiet

keep_quiet("httpx", "httpcore")


def client_for(endpoint: SplitResult) -> httpx.Client:
    """No redirect is followed, where what is sent would go along. No connection is kept: one of a function that was
    frozen would be dead when that goes on, and nobody knew what became of a post.
    """
    kept = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(follow_redirects=False, trust_env=not is_local(endpoint), limits=kept)
