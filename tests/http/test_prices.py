"""A price is a string or JSON number of the form [0-9]{1,16}(\\.[0-9]{1,2})?, and never becomes a binary fraction."""

import json

import pytest

from shop.samples import NOT_NUMBER, a_detail, an_order, detail_ids, make_order, show_order

# A price as it is in the JSON text, with its quotes, and as the shop shows it.
GOOD_PRICES = [
    ('"100000.99"', "100000.99"),
    ("100000.99", "100000.99"),
    ('"1"', "1.00"),
    ("1", "1.00"),
    ('"1.5"', "1.50"),
    ("1.5", "1.50"),
    ("1.50", "1.50"),
    ('"0"', "0.00"),
    ("0", "0.00"),
    ("0.01", "0.01"),
    ('"0.10"', "0.10"),
    ('"007.5"', "7.50"),  # The form allows leading zeros. JSON numbers cannot have them.
    ('"0000000000000001"', "1.00"),
    ('"9999999999999999"', "9999999999999999.00"),
    ('"9999999999999999.99"', "9999999999999999.99"),
    # A double cannot hold these exactly.
    ("9999999999999999.99", "9999999999999999.99"),
    ("9999999999999999.9", "9999999999999999.90"),
    ("9007199254740993", "9007199254740993.00"),
    ("90071992547409.93", "90071992547409.93"),
    ("0.29", "0.29"),
    ("1.15", "1.15"),
]

BAD_PRICES = ['" "', '" 1"', '"1 "']
# "\u0661" is one in Arabic digits, "\uff11" one in full width.
BAD_PRICES += r"""
    "" "1\n" "1\u0000" "+1" "-1" -1 -0 -0.01 "1." ".5" "." "1.234" 1.234 1.000 "1.5.5" "1,5" "1,000.00" "$1"
    "1e2" 1e2 1E2 1.5e0 1e-2 1e999 "0x10" "NaN" "Infinity" "abc" "\u0661" "\uff11"
    "12345678901234567" 12345678901234567 12345678901234567.00 "00000000000000001" true false [] [1] {}
""".split()


def with_price(price, **fields):
    """The JSON text of an order with `price` inserted as it is."""
    return json.dumps(an_order(a_detail(price="@") | fields)).replace('"@"', price).encode()


@pytest.mark.parametrize("price, shown", GOOD_PRICES)
def test_good_prices(api, odyssey, price, shown):
    order_id = api("POST /orders", with_price(price)).json["id"]
    assert show_order(api, order_id)["order_details"][0]["price"] == shown
    assert api("GET /orders").json[0]["order_details"][0]["price"] == shown


@pytest.mark.parametrize("price", BAD_PRICES)
def test_bad_prices(api, odyssey, price):
    answer = api("POST /orders", with_price(price))
    assert answer.fields == {"order_details.0.price": NOT_NUMBER}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("price, shown", [('"1"', "1.00"), ("9999999999999999.99", "9999999999999999.99")])
def test_good_prices_in_updates(api, odyssey, method, price, shown):
    order_id = make_order(api)
    (detail,) = detail_ids(api, order_id)
    answer = api(f"{method} /orders/{order_id}", with_price(price, id=detail))
    assert answer.json["order_details"][0]["price"] == shown
    assert show_order(api, order_id)["order_details"][0]["price"] == shown


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("price", ["-1", "1e2", '"1.234"', "true", "12345678901234567"])
def test_bad_prices_in_updates(api, odyssey, method, price):
    order_id = make_order(api)
    (detail,) = detail_ids(api, order_id)
    answer = api(f"{method} /orders/{order_id}", with_price(price, id=detail))
    assert answer.fields == {"order_details.0.price": NOT_NUMBER}
