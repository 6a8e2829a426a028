"""GET /health when all parts are up. test_outages.py has it when they are not."""

PARTS = ["products", "orders", "redis", "postgres"]


def test_every_part_is_named(api):
    answer = api("GET /health")
    assert (answer.status, answer.json) == (200, {part: "up" for part in PARTS})


def test_it_is_never_cached(api):
    assert "no-store" in api("GET /health").headers["Cache-Control"]


def test_it_changes_nothing(api, stack, odyssey):
    before = stack.fingerprint()
    api("GET /health")
    api("HEAD /health")
    assert stack.fingerprint() == before
