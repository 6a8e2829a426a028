#include "workers/products/product_parser.h"

#include <cstdint>

#include "tests/support/checks.h"
#include "tests/support/faults.h"

namespace shop {
namespace {

constexpr char kProduct[] = R"({"id":"the_odyssey","title":"The Odyssey","passenger_capacity":101,"maximum_speed":5,)"
                            R"("in_stock":10})";
constexpr char kMissing[] = "Missing data for required field.";
constexpr char kNull[] = "Field may not be null.";
constexpr char kNoString[] = "Not a valid string.";
constexpr char kNoInteger[] = "Not a valid integer.";
constexpr char kOutOfRange[] = "Must be between 0 and 2147483647.";
constexpr char kTitleLength[] = "Length must be between 1 and 256.";
constexpr char kIdRule[] = "Must be 1 to 128 bytes, without '/' or control characters, and neither '.' nor '..'.";
constexpr char kIdOfPath[] = "Must be the id in the path.";

std::string Repeated(const std::string& text, int count) {
  std::string repeated;
  for (int i = 0; i < count; ++i) repeated += text;
  return repeated;
}

// The product above, except that one field is `json`.
std::string ProductWith(const std::string& field, const std::string& json) {
  std::string product(kProduct);
  // If a name is given twice, the last value counts.
  product.insert(product.size() - 1, ",\"" + field + "\":" + json);
  return product;
}

struct FieldCase {
  const char* field;
  std::string json;
  std::string fault;  // The fault of that field; empty if it is fine.
};

// What every parser says about the fields that all bodies have.
const FieldCase kFieldCases[] = {
    {"title", "null", kNull},
    {"title", "1", kNoString},
    {"title", "true", kNoString},
    {"title", "[]", kNoString},
    {"title", "{}", kNoString},
    {"title", "\"\"", kTitleLength},
    {"title", "\"" + std::string(256, 'x') + "\"", ""},
    {"title", "\"" + std::string(257, 'x') + "\"", kTitleLength},
    {"title", "\"" + Repeated("\xC3\xA9", 256) + "\"", ""},
    {"title", "\"" + Repeated("\\ud83d\\ude80", 256) + "\"", ""},
    {"title", "\"" + Repeated("\xC3\xA9", 257) + "\"", kTitleLength},
    {"title", "\"a\\u0000\\n\"", ""},
};

// What every parser says about each of the three numbers.
const FieldCase kNumberCases[] = {
    {"", "0", ""},
    {"", "-0", ""},
    {"", "2147483647", ""},
    {"", "2147483648", kOutOfRange},
    {"", "-1", kOutOfRange},
    {"", "9223372036854775808", kOutOfRange},
    {"", "100000000000000000000", kOutOfRange},
    {"", "1.0", kNoInteger},
    {"", "1e3", kNoInteger},
    {"", "1E3", kNoInteger},
    {"", "\"1\"", kNoInteger},
    {"", "true", kNoInteger},
    {"", "[1]", kNoInteger},
    {"", "{}", kNoInteger},
    {"", "null", kNull},
};

using Parser = Status (*)(std::string_view body);

Status ParsePost(std::string_view body) {
  Product product;
  return ParseNewProduct(body, &product);
}
Status ParsePut(std::string_view body) {
  ProductUpdate update;
  return ParseProductReplacement(body, "the_odyssey", &update);
}
Status ParsePatch(std::string_view body) {
  ProductUpdate update;
  return ParseProductPatch(body, "the_odyssey", &update);
}

constexpr Parser kParsers[] = {ParsePost, ParsePut, ParsePatch};

void CheckField(Parser parse, const std::string& field, const std::string& json, const std::string& fault) {
  const std::string expected = fault.empty() ? "ok" : field + ": " + fault;
  CHECK_EQUAL_TEXT(expected, Faults(parse(ProductWith(field, json))), (field + " " + json).c_str());
}

}  // namespace

TEST_GROUP(ProductParser){};

TEST(ProductParser, PostGivesEveryField) {
  Product product;
  CHECK_OK(ParseNewProduct(kProduct, &product));
  CHECK_EQUAL(std::string("the_odyssey"), product.id);
  CHECK_EQUAL(std::string("The Odyssey"), product.title);
  CHECK_EQUAL(int64_t{101}, product.passenger_capacity);
  CHECK_EQUAL(int64_t{5}, product.maximum_speed);
  CHECK_EQUAL(int64_t{10}, product.in_stock);
}

TEST(ProductParser, EveryParserChecksTheTitle) {
  for (const Parser parse : kParsers) {
    for (const FieldCase& c : kFieldCases) CheckField(parse, c.field, c.json, c.fault);
  }
}

TEST(ProductParser, EveryParserChecksEachNumber) {
  for (const Parser parse : kParsers) {
    for (const char* field : {"passenger_capacity", "maximum_speed", "in_stock"}) {
      for (const FieldCase& c : kNumberCases) CheckField(parse, field, c.json, c.fault);
    }
  }
}

TEST(ProductParser, WhatIsNoJsonObjectIsABadRequest) {
  for (const Parser parse : kParsers) {
    for (const char* body : {"", "{", "[]", "1", "\"a\"", "null", "{} {}", "\xEF\xBB\xBF{}", "{\"title\":\"\xFF\"}"}) {
      CHECK_EQUAL_TEXT(std::string("bad request"), Faults(parse(body)), body);
    }
  }
}

TEST(ProductParser, UnknownFieldsAreIgnored) {
  for (const Parser parse : kParsers) CHECK_OK(parse(ProductWith("colour", "{\"a\":[null]}")));
}

TEST(ProductParser, PostNamesEveryMissingField) {
  CHECK_EQUAL(std::string("id: ") + kMissing + "|title: " + kMissing + "|passenger_capacity: " + kMissing +
                  "|maximum_speed: " + kMissing + "|in_stock: " + kMissing,
              Faults(ParsePost("{}")));
}

TEST(ProductParser, PutNamesEveryMissingFieldButTheId) {
  CHECK_EQUAL(std::string("title: ") + kMissing + "|passenger_capacity: " + kMissing + "|maximum_speed: " + kMissing +
                  "|in_stock: " + kMissing,
              Faults(ParsePut("{}")));
}

TEST(ProductParser, AllFaultsAreNamedAtOnce) {
  const char kBody[] = R"({"id":"a/b","title":"","passenger_capacity":-1,"maximum_speed":"fast","in_stock":null})";
  const std::string faults = std::string("title: ") + kTitleLength + "|passenger_capacity: " + kOutOfRange +
                             "|maximum_speed: " + kNoInteger + "|in_stock: " + kNull;
  CHECK_EQUAL(std::string("id: ") + kIdRule + "|" + faults, Faults(ParsePost(kBody)));
  CHECK_EQUAL(std::string("id: ") + kIdOfPath + "|" + faults, Faults(ParsePut(kBody)));
  CHECK_EQUAL(std::string("id: ") + kIdOfPath + "|" + faults, Faults(ParsePatch(kBody)));
}

TEST(ProductParser, PostChecksTheId) {
  CheckField(ParsePost, "id", "null", kNull);
  CheckField(ParsePost, "id", "7", kNoString);
  CheckField(ParsePost, "id", "\"\"", kIdRule);
  CheckField(ParsePost, "id", "\"..\"", kIdRule);
  CheckField(ParsePost, "id", "\"a\\u0000b\"", kIdRule);
  CheckField(ParsePost, "id", "\"a\\/b\"", kIdRule);
  CheckField(ParsePost, "id", "\"" + std::string(128, 'a') + "\"", "");
  CheckField(ParsePost, "id", "\"" + std::string(129, 'a') + "\"", kIdRule);
}

TEST(ProductParser, PutAndPatchTakeOnlyTheIdInThePath) {
  for (const Parser parse : {ParsePut, ParsePatch}) {
    CheckField(parse, "id", "\"the_odyssey\"", "");
    CheckField(parse, "id", "\"the_\\u006fdyssey\"", "");
    CheckField(parse, "id", "\"the_iliad\"", kIdOfPath);
    CheckField(parse, "id", "\"\"", kIdOfPath);
    CheckField(parse, "id", "null", kNull);
    CheckField(parse, "id", "1", kNoString);
  }
}

TEST(ProductParser, PutGivesEveryField) {
  ProductUpdate update;
  CHECK_OK(ParseProductReplacement(kProduct, "the_odyssey", &update));
  CHECK_EQUAL(std::string("The Odyssey"), update.title.value());
  CHECK_EQUAL(int64_t{101}, update.passenger_capacity.value());
  CHECK_EQUAL(int64_t{5}, update.maximum_speed.value());
  CHECK_EQUAL(int64_t{10}, update.in_stock.value());
}

TEST(ProductParser, PatchGivesTheNamedFieldsOnly) {
  ProductUpdate update;
  CHECK_OK(ParseProductPatch(R"({"maximum_speed":7})", "the_odyssey", &update));
  CHECK_EQUAL(int64_t{7}, update.maximum_speed.value());
  CHECK_FALSE(update.title || update.passenger_capacity || update.in_stock);
  CHECK_OK(ParseProductPatch("{}", "the_odyssey", &update));
  CHECK_FALSE(update.title || update.passenger_capacity || update.maximum_speed || update.in_stock);
}

}  // namespace shop
