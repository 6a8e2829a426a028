"""After the answer to a write has reached its client, no read that begins later shows the state before that write: no
product, no order, no page of either."""

import threading
from collections import Counter

import pytest

from nginx_conf import changed, reload
from read_history import ReadHistory

READS = 30_000
READS_OF_A_ROUND = 3000
ROUNDS = 10  # One must show it.

# Several nginx workers, however many cores there are: each must see what another has raised.
THREE_WORKERS = {"nginx.conf": lambda text: text.replace("worker_processes auto;", "worker_processes 3;")}

# Designs that are wrong. The history must find stale reads with each.
WRONG = {
    "orders do not raise their products": {
        "lua/counters.lua": lambda text: text.replace(
            "raise_named(changed)\n", "raise_named(changed)\n changed = changed:match('^b%d+ o%d+') or changed\n"
        )
    },
    "a deletion raises nothing": {
        "lua/raise.lua": lambda text: text.replace(
            "raise.changed()\n", "raise.changed()\n if ngx.req.get_method() == 'DELETE' then return end\n"
        )
    },
    "the slot is that of the undecoded path": {
        "lua/reads.lua": lambda text: text.replace(
            "counters.of_product(id)", "counters.of_product(request_uri:sub(11))"
        )
    },
    "an order does not depend on its products": {
        "lua/counters.lua": lambda text: text.replace("if not others or not others[1]", "if true")
    },
    # An answer that shows the state before a write becomes a page after it.
    "the generation is that after the answer": {
        "lua/page_fill.lua": lambda text: text.replace(
            "function page_fill.head()",
            """function page_fill.head()
    if ngx.ctx.page then
        ngx.ctx.page.generation = require("counters").generation(ngx.ctx.page.counter, ngx.ctx.page.products)
    end""",
        )
    },
    "the last write is not looked for": {"lua/counters.lua": lambda text: text.replace("    add(WRITES, 1)", "")},
}


def test_no_read_is_stale(api, stack):
    with changed(stack, THREE_WORKERS):
        history = ReadHistory(stack.port)
        reloading = threading.Thread(target=lambda: reload(stack))

        def is_done():
            if len(history.reads) > READS // 2 and not reloading.ident:
                reloading.start()
            return len(history.reads) > 1.1 * READS and not reloading.is_alive()

        history.run(until=is_done)
    stale, checked = history.stale_reads()
    sources = Counter(read.reply.header("X-Cache") for read in history.reads)
    writes = sum(len(writes) for writes in history.writes.values())
    print(f"{checked} reads: {dict(sources)}, {writes} writes, {len(stale)} stale")
    assert stale == []
    assert checked >= READS and writes > 1000
    assert sources["HIT"] > 0.3 * checked and sources["MISS"] > 1000 and sources["BYPASS"] > 1000
    assert {read.reply.status for read in history.reads} == {200, 304, 404}


@pytest.mark.parametrize("design", WRONG)
def test_stale_reads_are_found(api, stack, design):
    with changed(stack, WRONG[design]):
        for number in range(ROUNDS):
            stack.wipe()
            history = ReadHistory(stack.port)
            history.run(until=lambda: len(history.reads) >= READS_OF_A_ROUND)
            stale, checked = history.stale_reads()
            if stale:
                print(f"round {number}: {len(stale)} of {checked} reads are stale, such as {stale[0]}")
                return
    raise AssertionError("no read was stale")
