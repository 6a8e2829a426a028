#include "workers/products/product_store.h"

#include <initializer_list>

#include "tests/contract/stores.h"
#include "tests/support/checks.h"

namespace shop {
namespace {

const Product kOdyssey{"the_odyssey", "The Odyssey", 101, 5, 10};

std::string Text(const Product& product) {
  return product.id + "|" + product.title + "|" + std::to_string(product.passenger_capacity) + "|" +
         std::to_string(product.maximum_speed) + "|" + std::to_string(product.in_stock);
}

}  // namespace

TEST_GROUP(ProductStoreContract) {
  Stores stores = MakeStores();
  ProductStore& store = stores.products;
  Product product;

  void Put(std::initializer_list<const char*> ids) {
    for (const char* id : ids) CHECK_OK(store.Put({id, "T", 0, 0, 0}));
  }
  std::string Stored(const std::string& id) {
    CHECK_OK(store.Get(id, &product));
    return Text(product);
  }

  // "a b more"
  std::string List(const std::optional<std::string>& after, size_t limit) {
    Page<Product> page{std::vector<Product>(7), true};
    CHECK_OK(store.List(after, limit, &page));
    std::string ids;
    for (const Product& listed : page.items) ids += (ids.empty() ? "" : " ") + listed.id;
    return ids + (page.has_more ? " more" : "");
  }
};

TEST(ProductStoreContract, PutReplacesTheProductWithThatId) {
  CHECK_OK(store.Put(kOdyssey));
  CHECK_EQUAL(Text(kOdyssey), Stored("the_odyssey"));
  CHECK_OK(store.Put({"the_odyssey", "Ulysses", 1, 2, 3}));
  CHECK_EQUAL(std::string("the_odyssey|Ulysses|1|2|3"), Stored("the_odyssey"));
  CHECK_EQUAL(std::string("the_odyssey"), List({}, 10));
}

TEST(ProductStoreContract, GetGivesWhatWasPutByteForByte) {
  const std::string id = "a \"b\"\\{}%2F\xC3\xA9\xF0\x9F\x9A\x80";
  const Product odd{id, std::string("\0\r\n\xC3\xA9", 5), 2147483647, 0, -9007199254740993};
  CHECK_OK(store.Put(odd));
  CHECK_EQUAL(Text(odd), Stored(id));
  Page<Product> page;
  CHECK_OK(store.List({}, 10, &page));
  CHECK_EQUAL(Text(odd), Text(page.items.at(0)));
}

TEST(ProductStoreContract, AProductThatDoesNotExistIsNotFound) {
  for (const Status& status : {store.Get("the_odyssey", &product),
                               store.Update("the_odyssey", {"T", 1, 1, 1}, &product), store.Delete("the_odyssey")}) {
    CHECK_STATUS(StatusCode::kNotFound, status);
    CHECK_EQUAL(std::string_view("PRODUCT_NOT_FOUND"), status.reason());
    CHECK_EQUAL(std::string("Product ID the_odyssey does not exist"), status.message());
  }
  CHECK_EQUAL(std::string(), List({}, 10));
}

TEST(ProductStoreContract, GetManyGivesTheProductsInTheOrderOfTheIdsEachAbsentIfItDoesNotExist) {
  CHECK_OK(store.Put({"a", "A", 1, 1, 1}));
  CHECK_OK(store.Put({"b", "B", 2, 2, 2}));
  const std::vector<std::string> ids = {"b", "gone", "a", "b"};
  std::vector<std::optional<Product>> products(7);
  CHECK_OK(store.GetMany(ids, &products));
  CHECK_EQUAL(ids.size(), products.size());
  CHECK_EQUAL(std::string("b|B|2|2|2"), Text(products[0].value()));
  CHECK_FALSE(products[1].has_value());
  CHECK_EQUAL(std::string("a|A|1|1|1"), Text(products[2].value()));
  CHECK_EQUAL(std::string("b|B|2|2|2"), Text(products[3].value()));
}

TEST(ProductStoreContract, UpdateReplacesTheNamedFieldsAndGivesTheProduct) {
  struct Case {
    ProductUpdate update;
    const char* product;
  };
  const Case kCases[] = {
      {{{}, {}, {}, {}}, "the_odyssey|The Odyssey|101|5|10"}, {{"Ulysses", {}, {}, {}}, "the_odyssey|Ulysses|101|5|10"},
      {{{}, 1, {}, {}}, "the_odyssey|The Odyssey|1|5|10"},    {{{}, {}, 2, {}}, "the_odyssey|The Odyssey|101|2|10"},
      {{{}, {}, {}, 3}, "the_odyssey|The Odyssey|101|5|3"},   {{"Ulysses", 1, 2, 3}, "the_odyssey|Ulysses|1|2|3"},
  };
  for (const Case& c : kCases) {
    CHECK_OK(store.Put(kOdyssey));
    CHECK_OK(store.Update("the_odyssey", c.update, &product));
    CHECK_EQUAL(std::string(c.product), Text(product));
    CHECK_EQUAL(std::string(c.product), Stored("the_odyssey"));
  }
}

TEST(ProductStoreContract, DeleteRemovesTheProductAndNoOther) {
  Put({"a", "b"});
  CHECK_OK(store.Delete("b"));
  CHECK_STATUS(StatusCode::kNotFound, store.Get("b", &product));
  CHECK_STATUS(StatusCode::kNotFound, store.Delete("b"));
  CHECK_EQUAL(std::string("a"), List({}, 10));
}

TEST(ProductStoreContract, AListIsInByteOrderOfTheIds) {
  Put({"b", "B", "a", "ab", "a b", "\xC3\xA9", "10", "9", "-", "+", "(a", "[a", "~", "\xF0\x9F\x9A\x80"});
  CHECK_EQUAL(std::string("(a + - 10 9 B [a a a b ab b ~ \xC3\xA9 \xF0\x9F\x9A\x80"), List({}, 1000));
}

TEST(ProductStoreContract, PagesGoOnAfterAnyIdOfWhateverBytesAndTellWhetherThereAreMore) {
  Put({"(a", "+", "-", "[a", "a", "b", "\xC3\xA9"});
  CHECK_EQUAL(std::string("(a + - more"), List({}, 3));
  CHECK_EQUAL(std::string("+ - [a more"), List("(a", 3));
  CHECK_EQUAL(std::string("- [a a more"), List("+", 3));
  CHECK_EQUAL(std::string("[a a b more"), List("-", 3));
  CHECK_EQUAL(std::string("[a a b more"), List("0", 3));  // There is no such id.
  CHECK_EQUAL(std::string("a b \xC3\xA9"), List("[a", 3));
  CHECK_EQUAL(std::string("\xC3\xA9"), List("b", 3));
  CHECK_EQUAL(std::string(), List("\xC3\xA9", 3));
}

}  // namespace shop
