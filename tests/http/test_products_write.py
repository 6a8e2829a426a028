"""POST, PUT, PATCH and DELETE of one product."""

import pytest

from shop.samples import a_product, make_product, product_path, without

PATH = "/products/the_odyssey"
OTHER_FIELDS = {"title": "The Enigma", "passenger_capacity": 8, "maximum_speed": 0, "in_stock": 2147483647}


def test_create_answers_the_id(api):
    answer = api("POST /products", a_product())
    assert (answer.status, answer.json) == (200, {"id": "the_odyssey"})
    assert api(f"GET {PATH}").json == a_product()


def test_create_replaces_the_product_with_that_id(api, odyssey):
    assert api("POST /products", odyssey | OTHER_FIELDS).status == 200
    assert api(f"GET {PATH}").json == odyssey | OTHER_FIELDS
    assert api("GET /products").json == [odyssey | OTHER_FIELDS]


def test_create_leaves_other_products_alone(api, odyssey):
    enigma = make_product(api, "the_enigma", in_stock=3)
    assert api("GET /products").json == [enigma, odyssey]


@pytest.mark.parametrize("body", [OTHER_FIELDS, OTHER_FIELDS | {"id": "the_odyssey"}], ids=["without id", "with id"])
def test_put_replaces_all_fields(api, odyssey, body):
    answer = api(f"PUT {PATH}", body)
    assert (answer.status, answer.json) == (200, odyssey | OTHER_FIELDS)
    assert api(f"GET {PATH}").json == odyssey | OTHER_FIELDS


@pytest.mark.parametrize("name", OTHER_FIELDS)
def test_patch_replaces_one_field(api, odyssey, name):
    changed = odyssey | {name: OTHER_FIELDS[name]}
    answer = api(f"PATCH {PATH}", {name: OTHER_FIELDS[name]})
    assert (answer.status, answer.json) == (200, changed)
    assert api(f"GET {PATH}").json == changed


@pytest.mark.parametrize("body", [{}, {"id": "the_odyssey"}, {"colour": "red"}], ids=str)
def test_patch_that_names_no_field_changes_nothing(api, stack, odyssey, body):
    before = stack.fingerprint()
    answer = api(f"PATCH {PATH}", body)
    assert (answer.status, answer.json) == (200, odyssey)
    assert stack.fingerprint() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_update_never_renames(api, odyssey, method):
    answer = api(f"{method} {PATH}", odyssey | {"id": "the_enigma"})
    assert list(answer.fields) == ["id"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_update_does_not_create(api, method):
    assert api(f"{method} {PATH}", OTHER_FIELDS).outcome == "404 PRODUCT_NOT_FOUND"


def test_delete(api, odyssey):
    enigma = make_product(api, "the_enigma")
    assert api(f"DELETE {PATH}").status == 204
    assert api(f"GET {PATH}").outcome == "404 PRODUCT_NOT_FOUND"
    assert api("GET /products").json == [enigma]


def test_delete_of_an_absent_product(api, odyssey):
    assert api(f"DELETE {PATH}").status == 204
    assert api(f"DELETE {PATH}").outcome == "404 PRODUCT_NOT_FOUND"


def test_a_deleted_product_can_be_made_again(api, odyssey):
    api(f"DELETE {PATH}")
    again = make_product(api, "the_odyssey", title="The Return")
    assert api(f"GET {PATH}").json == again
    assert api("GET /products").json == [again]


def test_unknown_fields_are_ignored_and_not_kept(api):
    assert api("POST /products", a_product(colour="red", product={"in_stock": 1})).status == 200
    assert api(f"GET {PATH}").json == a_product()


@pytest.mark.parametrize("request_line", ["POST /products", f"PUT {PATH}"])
@pytest.mark.parametrize("name", ["passenger_capacity", "maximum_speed", "in_stock"])
@pytest.mark.parametrize("value", [0, 1, 2147483647])
def test_numbers_at_their_limits(api, odyssey, request_line, name, value):
    assert api(request_line, odyssey | {name: value}).status == 200
    assert api(f"GET {PATH}").json == odyssey | {name: value}


@pytest.mark.parametrize(
    "title",
    [
        "x",
        "x" * 256,
        "\U0001f6f8" * 256,  # Characters count, not bytes.
        " ",
        'quote " backslash \\ slash / percent %41 <b>&amp;',
        "line\nbreak\ttab\x00nul\x7fdel",
        "Zürich – 飛行船 \u2028 \ufeff \U0010ffff",
        "' OR 1=1; --",
    ],
    ids=lambda title: ascii(title)[:40],
)
def test_titles_are_kept_exactly(api, title):
    product = make_product(api, "the_odyssey", title=title)
    assert api(f"GET {PATH}").json == product
    assert api(f"PUT {PATH}", without(product, "id")).json == product
    assert api(f"PATCH {PATH}", {"in_stock": 1}).json == product | {"in_stock": 1}


def test_a_product_called_index_is_a_product(api):
    """The key of the index of products must not be the key of a product."""
    product = make_product(api, "index")
    other = make_product(api, "product_index")
    assert api("GET " + product_path("index")).json == product
    assert api("GET /products").json == [product, other]
    assert api("DELETE /products/index").status == 204
    assert api("GET /products").json == [other]
