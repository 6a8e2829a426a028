"""The dashboard: Grafana can read it, and Prometheus answers each of its queries."""

import json
from pathlib import Path

import jsonschema
import pytest

from shop.client import Client
from shop.samples import a_detail, an_order, make_product
from shop.stack import ROOT, wait_for

DASHBOARD = json.loads((ROOT / "ops/prometheus/dashboard.json").read_text())
SCHEMA = json.loads(Path(__file__).with_name("dashboard.schema.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
# These have data only after a fault, or on an edge with HTTPS, or after a backup.
MAY_BE_EMPTY = {"Alerts that fire", "Failures of a store", "Age of the latest backup", "The certificate ends in"}
MAY_BE_EMPTY |= {"Free room on file systems"}  # A container may have none but overlays.


def test_the_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(DASHBOARD, SCHEMA)


def test_no_two_panels_are_in_one_place():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    taken = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(taken) == len(set(taken)) and max(x for x, _ in taken) < 24


@pytest.fixture(scope="module")
def used(stack, watch):
    """A shop that has just been used."""
    api = Client(stack.port)
    make_product(api)

    def is_seen():
        watch.alerts()  # Takes its time: many fast requests would hide the few slow ones of a later test.
        assert api("POST /orders", an_order(a_detail())).status == 200
        assert api("GET /orders?limit=1").status == api("GET /products/the_odyssey").status == 200
        return watch.query('sum(rate(shop_http_requests_total{route="/orders", cache!=""}[1m])) > 0')

    wait_for(is_seen, "Prometheus sees the requests")
    wait_for(
        lambda: watch.query("shop:errors:ratio_rate1h") and watch.query("shop:slow:ratio_rate5m"), "rules are judged"
    )
    return watch


@pytest.mark.parametrize("panel", PANELS, ids=[panel["title"] for panel in PANELS])
def test_queries(used, panel):
    """A rate needs two looks at an exporter, which on a busy machine may come late."""
    for target in panel["targets"]:
        wait_for(lambda: used.query(target["expr"]) or panel["title"] in MAY_BE_EMPTY, f"data for {target['expr']}")


def test_the_page_of_make_dashboard(used):
    """Prometheus fills in the page, and has all that the page loads."""
    page = used.get("/consoles/shop.html")
    assert "error executing template" not in page and "alert" in page.lower()
    loaded = [line.split('"')[1] for line in page.splitlines() if line.startswith("<script src=")]
    loaded += [line.split('"')[3] for line in page.splitlines() if line.startswith('<link rel="stylesheet"')]
    assert len(loaded) == 7
    for path in loaded:
        assert used.get(path)
    assert json.loads(used.get("/user/dashboard.json")) == DASHBOARD
