"""A chart of figures by the deployed system: a link that opens a picture, and the same figures as a table."""

from __future__ import annotations

import csv
import io
import re

import clouds
import httpx
from conftest import System


def opened(system: System, request: str) -> httpx.Response:
    view = system.ask(request, conversation="charts")
    assert view["outcome"] == "succeeded", view
    link = re.search(r"^- cpu-of-[a-z0-9-]+\.\w+: (http://127\.0\.0\.1:\S+)$", view["answer"], re.M)
    assert link is not None, view["answer"]
    return httpx.get(link[1], follow_redirects=True)


def test_a_chart_of_a_metric_is_a_link_that_opens_a_picture(system: System) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    picture = opened(system, f"chart the cpu of the {production.name} environment over the last 6 hours")
    assert picture.status_code == 200 and picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG\r\n") and len(picture.content) > 10_000


def test_the_same_figures_are_a_table(system: System) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    table = opened(system, f"cpu of the {production.name} environment over the last 6 hours as csv")
    heading, *rows = csv.reader(io.StringIO(table.text))
    services = {one.name for place in production.places for cluster in place.clusters for one in cluster.services}
    assert heading[0] == "time, UTC" and all(one.endswith(" (%)") for one in heading[1:])
    assert services & {one.removesuffix(" (%)").partition(" in ")[0] for one in heading[1:]}
    assert rows and all(0 <= float(value) <= 100 for row in rows for value in row[1:] if value)
