"""tests/smoke/nex-smoketest.sh passes on a shop that works. On any other it fails and says why."""

import http.server
import json
import threading

import pytest

from shop.samples import in_stock, make_product
from shop.stack import ROOT, free_port, run

SCRIPT = ROOT / "tests/smoke/nex-smoketest.sh"


def smoke(*arguments):
    return run(SCRIPT, *arguments)


def test_on_a_shop_that_works(api, stack):
    status, output = smoke(f"http://127.0.0.1:{stack.port}")
    assert status == 0, output
    headings = [line for line in output.splitlines() if line.startswith("===")]
    assert headings == [
        "=== Creating a product id: the_odyssey ===",
        "=== Getting product id: the_odyssey ===",
        "=== Creating Order ===",
        "=== Getting Order ===",
        "=== Listing Orders ===",
        "=== Deleting product id: the_odyssey ===",
        "=== Getting deleted product id: the_odyssey ===",
        "=== Deleting Order ===",
    ]
    assert f"STD_APP_URL=http://127.0.0.1:{stack.port}" in output


def test_on_a_shop_that_has_data_already(api, stack):
    """There is more than a page of orders. Other products stay as they are."""
    make_product(api, "the_enigma", in_stock=3)
    stack.postgres("INSERT INTO orders (id) SELECT generate_series(1000001, 1000150)")
    status, output = smoke(f"http://127.0.0.1:{stack.port}")
    assert status == 0, output
    assert in_stock(api, "the_enigma") == 3


def test_where_nothing_listens():
    status, output = smoke(f"http://127.0.0.1:{free_port()}")
    assert status == 1
    assert output.splitlines()[-1].startswith("FAILED: ")


def test_without_an_argument():
    status, output = smoke()
    assert status != 0 and "usage" in output.lower()


# The answers of a right server to each step, and answers of wrong ones.
PRODUCT = {"id": "the_odyssey", "title": "The Odyssey", "passenger_capacity": 101, "maximum_speed": 5, "in_stock": 10}
DETAIL = {"id": 5, "product_id": "the_odyssey", "price": "100000.99", "quantity": 1}
IMAGE = "http://www.example.com/airship/images/the_odyssey.jpg"
SHOWN = DETAIL | {"image": IMAGE, "product": PRODUCT | {"in_stock": 9}}
RIGHT = [
    ("POST /products", 200, {"id": "the_odyssey"}),
    ("GET /products/the_odyssey", 200, PRODUCT),
    ("POST /orders", 200, {"id": 4}),
    ("GET /orders/4", 200, {"id": 4, "order_details": [SHOWN]}),
    ("GET /orders", 200, [{"id": 4, "order_details": [DETAIL]}]),
    ("DELETE /products/the_odyssey", 204, None),
    ("GET /products/the_odyssey", 404, {"error": "PRODUCT_NOT_FOUND", "message": "gone"}),
    ("DELETE /orders/4", 204, None),
]
WRONG = [
    (0, 500, {"id": "the_odyssey"}),
    (0, 200, {"id": "another"}),
    (1, 404, PRODUCT),
    (1, 200, PRODUCT | {"in_stock": 9}),
    (2, 201, {"id": 4}),
    (2, 200, {"id": "4"}),
    (3, 503, {"error": "SERVICE_UNAVAILABLE", "message": "x"}),
    (3, 200, {"id": 4, "order_details": [SHOWN | {"product": PRODUCT}]}),
    (3, 200, {"id": 4, "order_details": [SHOWN | {"price": 100000.99}]}),
    (3, 200, {"id": 4, "order_details": []}),
    (4, 500, []),
    (4, 200, {"orders": []}),
    (4, 200, []),
    (5, 200, {}),
    (6, 200, PRODUCT),
    (6, 404, {"error": "NOT_FOUND", "message": "gone"}),
    (7, 404, {"error": "ORDER_NOT_FOUND", "message": "gone"}),
]


@pytest.fixture
def replay():
    """Starts a server that gives these answers in turn, and 418 to other requests than expected. Returns its URL."""
    servers = []

    def serve(answers):
        left = list(answers)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request, status, document = left.pop(0) if left else ("nothing", 500, None)
                asked = f"{self.command} {self.path.split('?')[0]}"
                body = b"" if document is None else json.dumps(document).encode()
                self.send_response(status if asked == request else 418)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_on_the_right_answers(replay):
    assert smoke(replay(RIGHT))[0] == 0


@pytest.mark.parametrize("step, status, document", WRONG)
def test_on_a_wrong_answer(replay, step, status, document):
    answers = list(RIGHT)
    answers[step] = (RIGHT[step][0], status, document)
    exit_status, output = smoke(replay(answers))
    assert exit_status == 1
    assert output.splitlines()[-1].startswith("FAILED: ")
