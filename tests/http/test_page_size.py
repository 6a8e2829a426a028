"""A page ends at its limit or at 1 MiB, whichever comes first. A client that follows the links gets everything once."""

import json
import os
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from fake_workers import LAST_RECORDS, STDOUT, record, workers_that_answer
from nginx_conf import changed
from shop.client import TIMEOUT_SECONDS, Client
from shop.samples import a_detail, a_product, make_order, make_product, next_page, page_answers, show_order
from shop.stack import children, run, wait_for

MIB = 1 << 20

# What a record of the shop's workers holds: libfcgi sends 8 KiB at a time, with a head of 8 bytes.
RECORD_SIZE = 8192 - 8

# The values that take most bytes in JSON: six for each character of a title.
LONGEST_TITLE = "\x01" * 256
LONGEST_ID = '"' * 128  # Two bytes for each character, and three in the image's URL.

# A thousand products, p1000 to p1999. Titles have ARGV[1] characters, the first ARGV[2] of them one more.
FILL_PRODUCTS = """
for number = 1000, 1999 do
  local id, length = 'p' .. number, tonumber(ARGV[1])
  if number - 1000 < tonumber(ARGV[2]) then length = length + 1 end
  redis.call('HSET', 'products:' .. id, 'id', id, 'title', string.rep('x', length), 'passenger_capacity', 1,
    'maximum_speed', 1, 'in_stock', 1)
  redis.call('ZADD', 'product_index', 0, id)
end
"""


def size_of(document):
    """The number of bytes that the shop's JSON has for it."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


def fill_products(stack, size):
    """Makes a thousand products whose page has `size` bytes."""
    bare = size_of([a_product("p1000", title="", passenger_capacity=1, maximum_speed=1, in_stock=1)] * 1000)
    stack.redis.eval(FILL_PRODUCTS, 0, *divmod(size - bare, 1000))


def fill_orders(stack, size):
    """Makes ten orders of one detail each whose page has `size` bytes. The shop allows no product ids that long."""
    details = [{"id": 1000001, "product_id": "", "price": "1.00", "quantity": 1}]
    share, rest = divmod(size - size_of([{"id": 1000001, "order_details": details}] * 10), 10)
    stack.postgres(
        f"""
        INSERT INTO orders (id) SELECT generate_series(1000001, 1000010);
        INSERT INTO order_details (id, order_id, product_id, price, quantity)
          SELECT id, id, repeat('x', {share} + CASE WHEN id = 1000010 THEN {rest} ELSE 0 END), 1, 1
          FROM generate_series(1000001, 1000010) AS id
        """
    )


FILLS = pytest.mark.parametrize(
    "fill, target, count, link",
    [
        (fill_products, "/products?limit=1000", 1000, "/products?limit=1000&after=p1998"),
        (fill_orders, "/orders?limit=1000", 10, "/orders?limit=1000&after=1000009"),
    ],
    ids=["products", "orders"],
)


@FILLS
def test_exactly_1_mib_is_one_page(api, stack, fill, target, count, link):
    fill(stack, MIB)
    answer = api(f"GET {target}")
    assert (len(answer.body), len(answer.json), next_page(answer)) == (MIB, count, None)


@FILLS
def test_one_byte_more_is_two(api, stack, fill, target, count, link):
    fill(stack, MIB + 1)
    answer = api(f"GET {target}")
    assert len(answer.body) < MIB
    assert (len(answer.json), next_page(answer)) == (count - 1, link)
    rest = api(f"GET {link}")
    assert (len(rest.json), next_page(rest)) == (1, None)


@pytest.fixture
def reader(api, stack):
    """A client that does not compare the stores: with so much data that takes seconds."""
    return Client(stack.port)


def read_all(api, target, limit):
    """The items of all pages. Fails unless each page is as full as possible."""
    answers = list(page_answers(api, target))
    for answer in answers:
        assert size_of(answer.json) == len(answer.body) <= MIB
    for answer, following in zip(answers, answers[1:]):
        assert len(answer.json) == limit or len(answer.body) + 1 + size_of(following.json[0]) > MIB
    assert answers[-1].json
    return [item for answer in answers for item in answer.json]


@pytest.mark.parametrize("limit", [3, 1000])
def test_orders_that_are_large_by_their_products(api, odyssey, limit):
    """Each has some 160 kB. There are two small ones in the middle."""
    make_product(api, "large", title=LONGEST_TITLE)
    large = [a_detail("large")] * 100
    ids = [make_order(api, *details) for details in [large] * 8 + [[a_detail()]] * 2 + [large] * 8]
    expected = [show_order(api, order_id) for order_id in ids]
    assert read_all(api, f"/orders?limit={limit}&expand=product", limit) == expected
    assert [order["id"] for order in read_all(api, f"/orders?limit={limit}", limit)] == ids


def test_many_orders_of_many_details(reader, stack):
    """More details than a page has room for, and more than the workers read for one page."""
    stack.postgres(
        """
        INSERT INTO orders (id) SELECT generate_series(1000001, 1000500);
        INSERT INTO order_details (id, order_id, product_id, price, quantity)
          SELECT id * 100 + n, id, 'p', 0, 1 FROM generate_series(1000001, 1000500) AS id, generate_series(0, 99) AS n
        """
    )
    for target in ("/orders?limit=1000", "/orders?limit=1000&expand=product"):
        orders = read_all(reader, target, 1000)
        assert [order["id"] for order in orders] == list(range(1000001, 1000501))
        assert all(
            [detail["id"] for detail in order["order_details"]]
            == list(range(order["id"] * 100, order["id"] * 100 + 100))
            for order in orders
        )


def test_products_with_the_longest_titles(api, stack):
    make_product(api, "a", title="The first")
    stack.redis.eval(FILL_PRODUCTS.replace("'x'", "'\\1'"), 0, 256, 0)
    products = read_all(api, "/products?limit=1000", 1000)
    assert [product["id"] for product in products] == ["a"] + [f"p{number}" for number in range(1000, 2000)]
    assert all(product["title"] == LONGEST_TITLE for product in products[1:])


def test_an_item_that_is_larger_than_a_page_has_its_own_page(reader, stack, redis):
    """Only another program can have written such an item."""
    for number in (1, 2, 3, 4):
        make_product(reader, f"p{number}")
    for number in (2, 4):
        redis.hset(f"products:p{number}", "title", "x" * 2 * MIB)
    stack.postgres(
        """
        INSERT INTO orders (id) SELECT generate_series(1000001, 1000004);
        INSERT INTO order_details (order_id, product_id, price, quantity)
          SELECT id, 'p1', 1, 1 FROM unnest('{1000001,1000003}'::int[]) AS id;
        INSERT INTO order_details (order_id, product_id, price, quantity)
          SELECT id, 'p1', 1, 1 FROM unnest('{1000002,1000004}'::int[]) AS id, generate_series(1, 21000)
        """
    )
    for target in ("/products", "/orders", "/orders?expand=product"):
        answers = list(page_answers(reader, target))
        assert [len(answer.json) for answer in answers] == [1, 1, 1, 1]
        assert [len(answer.body) > MIB for answer in answers] == [False, True, False, True]
    assert [len(order["order_details"]) for answer in answers for order in answer.json] == [1, 21000, 1, 21000]


def test_one_order_takes_less_than_300_kb(api):
    """This is the largest order that the shop itself accepts."""
    make_product(api, LONGEST_ID, title=LONGEST_TITLE)
    order_id = make_order(api, *[a_detail(LONGEST_ID, price="9" * 16 + ".99", quantity=2**31 - 1)] * 100)
    answer = api(f"GET /orders/{order_id}")
    assert answer.json["order_details"][99]["product"]["title"] == LONGEST_TITLE
    assert 250_000 < len(answer.body) < 300_000


def connections_to_upstreams(stack):
    """The number of unix sockets by which nginx is connected to workers or to its own inner server. The channels between
    its processes have no path, and nginx holds both ends."""
    nginx = stack.pid("nginx")
    files = [path for pid in (nginx, *children(nginx)) for path in Path(f"/proc/{pid}/fd").iterdir()]
    held = {link(path) for path in files}
    status, lines = run("ss", "--no-header", "--unix")  # Those that are connected.
    assert status == 0, lines
    ends = [line.split()[4:8] for line in lines.splitlines()]
    return sum(
        f"socket:[{end}]" in held and (path != "*" or f"socket:[{other_end}]" not in held)
        for path, end, _, other_end in ends
    )


def link(path):
    with suppress(FileNotFoundError):  # It has been closed.
        return os.readlink(path)


# Without it the kernel buffers more of an answer that the client does not read.
SMALL_SEND_BUFFER = {"unreadable_server.conf": lambda text: text.replace("backlog=", "sndbuf=4k backlog=")}


def spills(stack, target):
    """The number of files in which nginx buffers an answer whose client reads nothing before nginx has all of it."""

    def count():
        return (stack.run_dir / "log/nginx-error.log").read_text(errors="replace").count("buffered to a temporary file")

    before = count()
    with changed(stack, SMALL_SEND_BUFFER), socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.settimeout(TIMEOUT_SECONDS)
        client.connect(("127.0.0.1", stack.port))
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode())
        assert client.recv(1) == b"H"
        wait_for(lambda: connections_to_upstreams(stack) == 0, "nginx has all of the answer")
    return count() - before


@FILLS
def test_a_full_page_stays_in_memory(api, stack, fill, target, count, link):
    fill(stack, MIB)
    assert spills(stack, target) == 0


def test_a_full_page_that_comes_slowly_stays_in_memory(stack):
    """nginx is woken for each record. A buffer that has the end of a record gets nothing of the next one."""
    head = f"Content-Type: application/json\r\nContent-Length: {MIB}\r\n\r\n".encode()
    answer = head + bytes(MIB)
    records = [record(STDOUT, answer[at : at + RECORD_SIZE]) for at in range(0, len(answer), RECORD_SIZE)]
    with workers_that_answer(stack, *records, LAST_RECORDS, pool="products"):
        assert spills(stack, "/products") == 0


def test_a_larger_page_goes_through_a_file(api, stack, redis):
    make_product(api, "large")
    redis.hset("products:large", "title", "x" * (MIB + 65536))
    assert spills(stack, "/products") == 1
