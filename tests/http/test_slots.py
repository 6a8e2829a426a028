"""The counters of single products and orders: a write raises those of what it changed, and no others. The worker and
nginx agree on the slot of each id (workers/common/slots.h, lua/counters.lua)."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from nginx_conf import ATTEMPTS, SHOWS_PAGES, changed, generation
from shop.connection import Connection
from shop.samples import a_detail, detail_ids, make_order, make_product, product_path

IDS = ["a", "the_odyssey", "x" * 31, "x" * 128, "a b", "é", "飛行船", "100%", "a+b", "a&b=c", "~-._"]


@pytest.fixture(scope="module", autouse=True)
def shows_pages(stack):
    with changed(stack, SHOWS_PAGES):
        yield


@pytest.mark.parametrize("product_id", IDS)
def test_a_write_raises_its_product(api, stack, product_id):
    make_product(api, product_id)
    make_product(api, "other")
    before = [generation(api, stack, path) for path in (product_path(product_id), "/products/other")]
    assert api(f"PATCH {product_path(product_id)}", {"in_stock": 3}).status == 200
    after = [generation(api, stack, path) for path in (product_path(product_id), "/products/other")]
    assert after == [before[0] + 1, before[1]]


def test_a_write_of_an_order_raises_it_and_its_products(api, stack):
    for product_id in ("a", "b", "c"):
        make_product(api, product_id)
    order_id, other = make_order(api, a_detail("a"), a_detail("b")), make_order(api, a_detail("c"))
    paths = ["/products/a", "/products/b", "/products/c", f"/orders/{order_id}", f"/orders/{other}"]
    (first, _) = detail_ids(api, order_id)
    before = [generation(api, stack, path) for path in paths]
    assert api(f"PATCH /orders/{order_id}", {"order_details": [{"id": first, "quantity": 5}]}).status == 200
    after = [generation(api, stack, path) for path in paths]
    assert [now - then for now, then in zip(after, before)] == [1, 1, 0, 3, 0]


# As a worker of an earlier version, which does not say what it has changed.
WITHOUT_A_WORD = {"lua/raise.lua": lambda text: text.replace("upstream_http_x_changed", "upstream_http_x_unheard")}


def test_a_write_that_does_not_say_what_it_changed_raises_everything(api, stack, odyssey):
    make_product(api, "other")
    order_id = make_order(api)
    paths = ["/products/the_odyssey", "/products/other", f"/orders/{order_id}", "/orders", "/products"]
    with changed(stack, WITHOUT_A_WORD):
        before = [generation(api, stack, path) for path in paths]
        assert api("PATCH /products/other", {"in_stock": 3}).status == 200
        after = [generation(api, stack, path) for path in paths]
    assert [now - then for now, then in zip(after, before)] == [1] * len(paths)


# As a worker of another version, which has other slots, blocks or kinds.
@pytest.mark.parametrize("name", ["p65536", "o65536", "b4096", "p-1", "p1.5", "p", "x1", "pnan", "products"])
def test_a_write_that_changed_what_nginx_does_not_know_raises_everything(api, stack, odyssey, name):
    make_product(api, "other")
    word = {"lua/raise.lua": lambda text: text.replace("counters.raise(changed)", f'counters.raise("p1 {name}")')}
    with changed(stack, word):
        before = generation(api, stack, "/products/the_odyssey")
        assert api("PATCH /products/other", {"in_stock": 3}).status == 200
        assert generation(api, stack, "/products/the_odyssey") == before + 1


RAISES = 20_000_000
PROCESSES = 3
RAISES_OFTEN = {
    "nginx.conf": lambda text: text.replace("worker_processes 1;", f"worker_processes {PROCESSES};"),
    "shop_server.conf": lambda text: text.replace(
        "location / {",
        f"""location = /raise-often {{
            content_by_lua_block {{
                for _ = 1, {RAISES} do require("counters").raise("p1") end
                ngx.say(ngx.worker.pid())
            }}
        }}
        location = /writes {{ content_by_lua_block {{ ngx.say(require("counters").writes()) }} }}
        location / {{""",
        1,
    ),
}


def number(stack, path):
    with urlopen(f"http://127.0.0.1:{stack.port}{path}") as answer:
        return int(answer.read())


def raised_often(stack):
    """The processes that took the requests: while one raises, another one takes the next connection."""
    with ThreadPoolExecutor(PROCESSES) as clients:
        return set(clients.map(lambda _: number(stack, "/raise-often"), range(PROCESSES)))


def test_what_processes_raise_at_the_same_time_is_all_counted(stack):
    with changed(stack, RAISES_OFTEN):
        for _ in range(ATTEMPTS):
            before = number(stack, "/writes")
            pids = raised_often(stack)
            assert number(stack, "/writes") == before + PROCESSES * RAISES
            if len(pids) > 1:
                return
    raise AssertionError("one process took all requests")


@contextmanager
def lost_answers(stack):
    """nginx sends writes of products to a socket that hands them on to a worker, and hangs up when they are done."""
    path = stack.run_dir / "lossy.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o777)
        listener.listen()
        stopping = threading.Event()
        thread = threading.Thread(target=lose_answers, args=(listener, stack.run_dir / "products.sock", stopping))
        thread.start()
        changes = {
            "products_writes.conf": lambda text: text.replace("fastcgi_pass products", f"fastcgi_pass unix:{path}")
        }
        try:
            with changed(stack, changes):
                yield
        finally:
            stopping.set()
            with socket.socket(socket.AF_UNIX) as last:
                last.connect(str(path))
            thread.join()
            path.unlink()


def lose_answers(listener, worker, stopping):
    while True:
        connection, _ = listener.accept()
        with connection, socket.socket(socket.AF_UNIX) as other:
            if stopping.is_set():
                return
            other.connect(str(worker))
            other.sendall(connection.recv(65536))
            while other.recv(65536):  # Until the worker has answered.
                pass


UNKNOWN_IS_NOTHING = {"lua/raise.lua": lambda text: text.replace("counters.raise(nil)", "tostring(nil)")}


def stale_reads_after_lost_answers(stack):
    """How many of a hundred reads show the product as it was before a write that was answered 503, and was done."""
    stale = 0
    with Connection(stack.port) as connection:
        for number in range(100):
            for _ in range(4):
                connection("GET /products/the_odyssey")
            assert connection("PATCH /products/the_odyssey", {"maximum_speed": number}).status == 503
            stale += f'"maximum_speed":{number},'.encode() not in connection("GET /products/the_odyssey").body
    return stale


@pytest.mark.logs("upstream prematurely closed connection")
def test_a_write_whose_answer_is_lost_shows(stack, odyssey):
    with lost_answers(stack):
        assert stale_reads_after_lost_answers(stack) == 0


@pytest.mark.logs("upstream prematurely closed connection")
def test_if_an_unknown_outcome_raised_nothing_reads_would_be_stale(stack, odyssey):
    with lost_answers(stack), changed(stack, UNKNOWN_IS_NOTHING):
        assert stale_reads_after_lost_answers(stack) > 50
