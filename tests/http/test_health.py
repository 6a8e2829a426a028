"""GET /health of a shop that is well; test_outages.py has it ill."""

PARTS = ["products", "orders", "redis", "postgres"]


def test_every_part_is_named(api):
    answer = api("GET /health")
    assert (answer.status, answer.json) == (200, {part: "up" for part in PARTS})


def test_it_is_never_kept(api):
    """What a cache tells of yesterday's health is worse than nothing."""
    assert "no-store" in api("GET /health").headers["Cache-Control"]


def test_it_changes_nothing(api, stack, odyssey):
    before = stack.fingerprint()
    api("GET /health")
    api("HEAD /health")
    assert stack.fingerprint() == before
