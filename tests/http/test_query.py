"""Query parameters: malformed, empty, given twice, or unknown."""

import pytest

from shop.samples import BAD_LIMITS, BAD_ORDER_IDS, make_order

BAD_PRODUCT_IDS = ["a%2Fb", "%2E", "..", "%00", "%7F", "%C2%80", "%FF", "%C3", "%ED%A0%80", "%zz", "%", "x" * 129]


@pytest.mark.parametrize("path", ["/products", "/orders", "/products/", "/orders/"])
@pytest.mark.parametrize("limit", BAD_LIMITS)
def test_bad_limits(api, path, limit):
    assert api(f"GET {path}?limit={limit}").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("after", BAD_ORDER_IDS)
def test_bad_after_of_orders(api, after):
    assert api(f"GET /orders?after={after}").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("after", BAD_PRODUCT_IDS)
def test_bad_after_of_products(api, after):
    assert api(f"GET /products?after={after}").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("expand", ["products", "Product", "image", "product,image", "%20product", "product%00", "1"])
def test_bad_expand(api, expand):
    assert api(f"GET /orders?expand={expand}").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("path, names", [("/products", ["limit", "after"]), ("/orders", ["limit", "after", "expand"])])
def test_empty_parameters(api, path, names):
    for name in names:
        for query in (f"{name}=", name, f"x=1&{name}=", f"{name}=&x=1"):
            assert api(f"GET {path}?{query}").outcome == "400 BAD_REQUEST", query


TWICE = {
    "/products": """limit=1&limit=1 limit=1&limit=2 limit=1&x=1&limit=1 limit=1&limit= limit=&limit=1 limit=1&%6Cimit=1
                    after=a&after=a""",
    "/orders": """limit=1&limit=1 after=0&after=1 expand=product&expand=product
                  expand=product&limit=1&expand=image""",
}


@pytest.mark.parametrize("target", [f"{path}?{query}" for path, queries in TWICE.items() for query in queries.split()])
def test_a_parameter_given_twice(api, target):
    assert api(f"GET {target}").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_head_finds_the_same_faults(api, method):
    assert api(f"{method} /orders?limit=0").status == 400
    assert api(f"{method} /products?limit=0").status == 400


UNKNOWN = (
    "x=1 x x= x=1&x=2 = & && =limit Limit=0 LIMIT=0 limits=0 %zz=%zz %FF=%FF limit%00=0 offset=5&page=2 q=%22%27%3B--"
)


@pytest.mark.parametrize("query", ["", *UNKNOWN.split()])
def test_unknown_parameters_are_ignored(api, odyssey, query):
    order = api(f"GET /orders/{make_order(api)}").json
    assert [shown["id"] for shown in api(f"GET /orders?{query}").json] == [order["id"]]
    assert [shown["id"] for shown in api(f"GET /products?{query}").json] == ["the_odyssey"]


def test_parameters_of_another_resource_are_unknown(api, odyssey):
    assert api("GET /products?expand=&expand=image").json == [odyssey]
    assert api("GET /products/the_odyssey?limit=0&after=&expand=x").json == odyssey
    order_id = make_order(api)
    assert api(f"GET /orders/{order_id}?limit=0&after=&expand=x").json["id"] == order_id
    assert api("POST /products?limit=0", odyssey).status == 200
    assert api(f"DELETE /orders/{order_id}?limit=0").status == 204
    assert api("GET /health?limit=0").status == 200


@pytest.mark.parametrize("limit", ["1", "%31", "1000", "999"])
def test_good_limits(api, odyssey, limit):
    assert api(f"GET /products?limit={limit}").json == [odyssey]
    assert api(f"GET /products?li%6Dit={limit}").json == [odyssey]
