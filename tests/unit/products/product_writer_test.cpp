#include "workers/products/product_writer.h"

#include "tests/support/checks.h"

namespace shop {
namespace {

std::string Written(const Product& product) {
  JsonWriter json;
  WriteProduct(product, &json);
  return json.Take();
}

}  // namespace

TEST_GROUP(ProductWriter){};

TEST(ProductWriter, WritesEveryFieldNumbersAsNumbers) {
  CHECK_EQUAL(std::string(R"({"id":"the_odyssey","title":"The Odyssey","passenger_capacity":101,"maximum_speed":5,)"
                          R"("in_stock":10})"),
              Written({"the_odyssey", "The Odyssey", 101, 5, 10}));
}

TEST(ProductWriter, EscapesTextAndKeepsUtf8) {
  CHECK_EQUAL(std::string("{\"id\":\"a\\\"b\\\\\",\"title\":\"\xC3\xA9\\n\",\"passenger_capacity\":0,"
                          "\"maximum_speed\":0,\"in_stock\":0}"),
              Written({"a\"b\\", "\xC3\xA9\n", 0, 0, 0}));
}

TEST(ProductWriter, WritesAStockBelowZeroAndBeyondADouble) {
  CHECK_EQUAL(std::string(R"({"id":"a","title":"A","passenger_capacity":2147483647,"maximum_speed":0,)"
                          R"("in_stock":-9007199254740993})"),
              Written({"a", "A", 2147483647, 0, -9007199254740993}));
}

}  // namespace shop
