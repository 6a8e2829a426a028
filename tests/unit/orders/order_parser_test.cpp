#include "workers/orders/order_parser.h"

#include <cstdint>
#include <iterator>

#include "tests/support/checks.h"
#include "tests/support/faults.h"

namespace shop {
namespace {

constexpr char kMissing[] = "Missing data for required field.";
constexpr char kNull[] = "Field may not be null.";
constexpr char kNoString[] = "Not a valid string.";
constexpr char kNoInteger[] = "Not a valid integer.";
constexpr char kNoNumber[] = "Not a valid number.";
constexpr char kNoObject[] = "Invalid input type.";
constexpr char kNoArray[] = "Invalid type.";
constexpr char kNumberOfDetails[] = "Length must be between 1 and 100.";
constexpr char kQuantityRange[] = "Must be between 1 and 2147483647.";
constexpr char kIdRange[] = "Must be between 1 and 9223372036854775807.";
constexpr char kNamedTwice[] = "Named more than once.";
constexpr char kIdRule[] = "Must be 1 to 128 bytes, without '/' or control characters, and neither '.' nor '..'.";

Status ParsePost(std::string_view body) {
  NewOrder order;
  return ParseNewOrder(body, &order);
}
Status ParsePut(std::string_view body) {
  OrderUpdate update;
  return ParseOrderReplacement(body, &update);
}
Status ParsePatch(std::string_view body) {
  OrderUpdate update;
  return ParseOrderPatch(body, &update);
}

using Parse = Status (*)(std::string_view body);
constexpr Parse kParsers[] = {ParsePost, ParsePut, ParsePatch};

std::string Details(const std::string& details) {
  return "{\"order_details\":[" + details + "]}";
}

// `count` details that every parser accepts.
std::string ManyDetails(int count) {
  std::string details;
  for (int i = 1; i <= count; ++i) {
    details += (i == 1 ? "" : ",") + std::string(R"({"product_id":"a","price":"1.00","quantity":1,"id":)") +
               std::to_string(i) + "}";
  }
  return Details(details);
}

struct FieldCase {
  const char* field;
  std::string json;
  std::string fault;  // The fault of that field; empty if it is fine.
};

const FieldCase kPriceCases[] = {
    {"price", "\"100000.99\"", ""},
    {"price", "\"0\"", ""},
    {"price", "\"00.5\"", ""},
    {"price", "\"9999999999999999.99\"", ""},
    {"price", "100000.99", ""},
    {"price", "9999999999999999.99", ""},
    {"price", "0", ""},
    {"price", "1.5", ""},
    {"price", "\"10000000000000000\"", kNoNumber},
    {"price", "10000000000000000", kNoNumber},
    {"price", "\"1.999\"", kNoNumber},
    {"price", "1.999", kNoNumber},
    {"price", "1.000", kNoNumber},
    {"price", "1e2", kNoNumber},
    {"price", "-1", kNoNumber},
    {"price", "-0", kNoNumber},
    {"price", "\"-1\"", kNoNumber},
    {"price", "\"+1\"", kNoNumber},
    {"price", "\"1.\"", kNoNumber},
    {"price", "\".5\"", kNoNumber},
    {"price", "\"1,50\"", kNoNumber},
    {"price", "\" 1\"", kNoNumber},
    {"price", "\"\"", kNoNumber},
    {"price", "\"NaN\"", kNoNumber},
    {"price", "\"1\\u0000\"", kNoNumber},
    {"price", "true", kNoNumber},
    {"price", "[1]", kNoNumber},
    {"price", "{}", kNoNumber},
    {"price", "null", kNull},
};

const FieldCase kQuantityCases[] = {
    {"quantity", "1", ""},
    {"quantity", "2147483647", ""},
    {"quantity", "0", kQuantityRange},
    {"quantity", "-1", kQuantityRange},
    {"quantity", "2147483648", kQuantityRange},
    {"quantity", "100000000000000000000", kQuantityRange},
    {"quantity", "1.0", kNoInteger},
    {"quantity", "1e3", kNoInteger},
    {"quantity", "\"1\"", kNoInteger},
    {"quantity", "false", kNoInteger},
    {"quantity", "null", kNull},
};

// Parses one detail that every parser accepts, except that one field is `json`.
void CheckField(Parse parse, const FieldCase& c) {
  const std::string body = Details(std::string(R"({"id":1,"product_id":"a","price":"1.00","quantity":1,")") + c.field +
                                   "\":" + c.json + "}");
  const std::string expected = c.fault.empty() ? "ok" : std::string("order_details.0.") + c.field + ": " + c.fault;
  CHECK_EQUAL_TEXT(expected, Faults(parse(body)), body.c_str());
}

}  // namespace

TEST_GROUP(OrderParser){};

TEST(OrderParser, PostGivesTheDetailsInTheirOrder) {
  NewOrder order;
  CHECK_OK(ParseNewOrder(Details(R"({"product_id":"b","price":"100000.99","quantity":2},)"
                                 R"({"product_id":"a","price":7.5,"quantity":1},)"
                                 R"({"product_id":"b","price":1,"quantity":3})"),
                         &order));
  CHECK_EQUAL(size_t{3}, order.size());
  CHECK_EQUAL(std::string("b"), order[0].product_id);
  CHECK_EQUAL(std::string("100000.99"), order[0].price.ToString());
  CHECK_EQUAL(int64_t{2}, order[0].quantity);
  CHECK_EQUAL(std::string("a"), order[1].product_id);
  CHECK_EQUAL(std::string("7.50"), order[1].price.ToString());
  CHECK_EQUAL(std::string("b"), order[2].product_id);
  CHECK_EQUAL(int64_t{3}, order[2].quantity);
}

TEST(OrderParser, PutGivesTheDetailsAndThatItNamesAll) {
  OrderUpdate update;
  CHECK_OK(ParseOrderReplacement(Details(R"({"id":7,"price":"1.5","quantity":2},{"id":3,"price":2,"quantity":1})"),
                                 &update));
  CHECK(update.names_all_details);
  CHECK_EQUAL(size_t{2}, update.details.size());
  CHECK_EQUAL(int64_t{7}, update.details[0].id);
  CHECK_EQUAL(std::string("1.50"), update.details[0].price.value().ToString());
  CHECK_EQUAL(int64_t{2}, update.details[0].quantity.value());
  CHECK_EQUAL(int64_t{3}, update.details[1].id);
}

TEST(OrderParser, PatchGivesWhatIsNamed) {
  OrderUpdate update;
  CHECK_OK(
      ParseOrderPatch(Details(R"({"id":9223372036854775807,"price":"1.5"},{"id":3,"quantity":1},{"id":4})"), &update));
  CHECK_FALSE(update.names_all_details);
  CHECK_EQUAL(size_t{3}, update.details.size());
  CHECK_EQUAL(int64_t{9223372036854775807}, update.details[0].id);
  CHECK(update.details[0].price && !update.details[0].quantity);
  CHECK(!update.details[1].price && update.details[1].quantity);
  CHECK(!update.details[2].price && !update.details[2].quantity);
}

TEST(OrderParser, PatchMayNameNothing) {
  for (const char* body : {"{}", R"({"order_details":[]})"}) {
    OrderUpdate update{true, {{1, {}, {}}}};
    CHECK_OK(ParseOrderPatch(body, &update));
    CHECK_FALSE(update.names_all_details);
    CHECK(update.details.empty());
  }
}

TEST(OrderParser, EveryParserChecksEachPrice) {
  for (const Parse parse : kParsers) {
    for (const FieldCase& c : kPriceCases) CheckField(parse, c);
  }
}

TEST(OrderParser, EveryParserChecksEachQuantity) {
  for (const Parse parse : kParsers) {
    for (const FieldCase& c : kQuantityCases) CheckField(parse, c);
  }
}

TEST(OrderParser, PostChecksEachProductId) {
  const FieldCase kCases[] = {
      {"product_id", "\"a\"", ""},        {"product_id", "null", kNull},      {"product_id", "1", kNoString},
      {"product_id", "\"\"", kIdRule},    {"product_id", "\"a/b\"", kIdRule}, {"product_id", "\"..\"", kIdRule},
      {"product_id", "\"\\n\"", kIdRule},
  };
  for (const FieldCase& c : kCases) CheckField(ParsePost, c);
}

TEST(OrderParser, PutAndPatchCheckEachDetailsId) {
  const FieldCase kCases[] = {
      {"id", "9223372036854775807", ""},
      {"id", "9223372036854775808", kIdRange},
      {"id", "0", kIdRange},
      {"id", "-1", kIdRange},
      {"id", "\"1\"", kNoInteger},
      {"id", "1.0", kNoInteger},
      {"id", "null", kNull},
  };
  for (const Parse parse : {ParsePut, ParsePatch}) {
    for (const FieldCase& c : kCases) CheckField(parse, c);
  }
}

TEST(OrderParser, EveryMissingFieldIsNamed) {
  const std::string price_and_quantity =
      std::string("order_details.0.price: ") + kMissing + "|order_details.0.quantity: " + kMissing;
  CHECK_EQUAL(std::string("order_details.0.product_id: ") + kMissing + "|" + price_and_quantity,
              Faults(ParsePost(Details("{}"))));
  CHECK_EQUAL(std::string("order_details.0.id: ") + kMissing + "|" + price_and_quantity,
              Faults(ParsePut(Details("{}"))));
  CHECK_EQUAL(std::string("order_details.0.id: ") + kMissing, Faults(ParsePatch(Details("{}"))));
}

TEST(OrderParser, AllFaultsOfAllDetailsAreNamedAtOnce) {
  CHECK_EQUAL(
      std::string("order_details.0.product_id: ") + kNull + "|order_details.0.price: " + kNoNumber +
          "|order_details.0.quantity: " + kQuantityRange + "|order_details.1: " + kNoObject +
          "|order_details.3.product_id: " + kIdRule + "|order_details.3.quantity: " + kMissing,
      Faults(ParsePost(Details(R"({"product_id":null,"price":"dear","quantity":0},7,)"
                               R"({"product_id":"a","price":"1","quantity":1},{"product_id":"/","price":1})"))));
}

TEST(OrderParser, ADetailNamedTwiceIsAFaultOfTheSecond) {
  const std::string body = Details(R"({"id":1,"price":1,"quantity":1},{"id":2,"price":1,"quantity":1},)"
                                   R"({"id":1,"price":2,"quantity":0})");
  for (const Parse parse : {ParsePut, ParsePatch}) {
    CHECK_EQUAL(std::string("order_details.2.id: ") + kNamedTwice + "|order_details.2.quantity: " + kQuantityRange,
                Faults(parse(body)));
  }
}

TEST(OrderParser, OfANameGivenTwiceTheLastCounts) {
  NewOrder order;
  CHECK_OK(ParseNewOrder(R"({"order_details":null,"order_details":[)"
                         R"({"product_id":"a","price":1,"quantity":null,"quantity":2}]})",
                         &order));
  CHECK_EQUAL(int64_t{2}, order[0].quantity);
}

TEST(OrderParser, UnknownFieldsAreIgnored) {
  const std::string body = R"({"note":{"a":[null]},"order_details":[{"id":1,"product_id":"a","price":1,"quantity":1,)"
                           R"("image":7}],"customer":null})";
  for (const Parse parse : kParsers) CHECK_OK(parse(body));
}

TEST(OrderParser, OrderDetailsMustBeAnArray) {
  const std::string path = "order_details: ";
  for (const Parse parse : kParsers) {
    CHECK_EQUAL(path + kNull, Faults(parse(R"({"order_details":null})")));
    for (const char* json : {"{}", "1", "\"a\"", "true"}) {
      CHECK_EQUAL(path + kNoArray, Faults(parse("{\"order_details\":" + std::string(json) + "}")));
    }
  }
  CHECK_EQUAL(path + kMissing, Faults(ParsePost("{}")));
  CHECK_EQUAL(path + kMissing, Faults(ParsePut("{}")));
}

TEST(OrderParser, EveryDetailMustBeAnObject) {
  for (const Parse parse : kParsers) {
    for (const char* json : {"null", "1", "\"a\"", "[]", "true"}) {
      CHECK_EQUAL(std::string("order_details.0: ") + kNoObject, Faults(parse(Details(json))));
    }
  }
}

TEST(OrderParser, AnOrderHas1To100Details) {
  const std::string fault = std::string("order_details: ") + kNumberOfDetails;
  for (const Parse parse : {ParsePost, ParsePut}) {
    CHECK_EQUAL(fault, Faults(parse(ManyDetails(0))));
    CHECK_OK(parse(ManyDetails(1)));
    CHECK_OK(parse(ManyDetails(100)));
    CHECK_EQUAL(fault, Faults(parse(ManyDetails(101))));
  }
  CHECK_OK(ParsePatch(ManyDetails(100)));
  CHECK_EQUAL(std::string("order_details: Length must be between 0 and 100."), Faults(ParsePatch(ManyDetails(101))));
}

TEST(OrderParser, WhatIsNoJsonObjectIsABadRequest) {
  for (const Parse parse : kParsers) {
    for (const char* body : {"", "[]", "1", "null", "{\"order_details\":", "{\"order_details\":[\"\\ud800\"]}"}) {
      CHECK_EQUAL_TEXT(std::string("bad request"), Faults(parse(body)), body);
    }
  }
}

}  // namespace shop
