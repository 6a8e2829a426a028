#include "workers/common/field_parser.h"

#include <string>
#include <utility>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(FieldParser) {
  JsonDocument document;
  std::vector<FieldError> errors;

  FieldParser Parser(const std::string& body) {
    CHECK_OK(ParseObject(body, &document));
    errors.clear();
    return FieldParser(document.root(), "p.", &errors);
  }

  // The one fault that was added, or "" if there is none.
  std::string Fault() const {
    if (errors.empty()) return "";
    CHECK_EQUAL(size_t{1}, errors.size());
    CHECK_EQUAL(std::string("p.f"), errors[0].path);
    return errors[0].message;
  }
};

TEST(FieldParser, ARequiredFieldThatIsAbsentIsAFaultAndAnOptionalOneIsNot) {
  CHECK_FALSE(Parser("{}").String("f", Presence::kRequired).has_value());
  CHECK_EQUAL(std::string("Missing data for required field."), Fault());
  CHECK_FALSE(Parser("{}").Integer("f", Presence::kOptional, 0, 1).has_value());
  CHECK_EQUAL(std::string(), Fault());
}

TEST(FieldParser, NullIsAFaultRequiredOrNot) {
  for (const Presence presence : {Presence::kRequired, Presence::kOptional}) {
    CHECK_FALSE(Parser(R"({"f":null})").Amount("f", presence).has_value());
    CHECK_EQUAL(std::string("Field may not be null."), Fault());
  }
}

TEST(FieldParser, OfAFieldGivenTwiceTheLastCounts) {
  CHECK_EQUAL(std::optional<std::string>("b"), Parser(R"({"f":1,"f":"b"})").String("f", Presence::kRequired));
  CHECK_EQUAL(std::string(), Fault());
}

TEST(FieldParser, StringsAreStringsAndNothingElse) {
  CHECK_EQUAL(std::optional<std::string>(""), Parser(R"({"f":""})").String("f", Presence::kRequired));
  for (const char* value : {"1", "true", "[]", "{}", "[\"a\"]"}) {
    CHECK_FALSE(Parser("{\"f\":" + std::string(value) + "}").String("f", Presence::kRequired).has_value());
    CHECK_EQUAL_TEXT(std::string("Not a valid string."), Fault(), value);
  }
}

TEST(FieldParser, IntegersReachTheirLimits) {
  for (const auto& [text, value] : {std::pair("-5", -5), std::pair("0", 0), std::pair("10", 10)}) {
    const auto integer = Parser("{\"f\":" + std::string(text) + "}").Integer("f", Presence::kRequired, -5, 10);
    CHECK_TEXT(integer == value, text);
    CHECK_EQUAL(std::string(), Fault());
  }
}

TEST(FieldParser, WhatIsWrittenOtherwiseIsNoInteger) {
  for (const char* value : {"\"1\"", "1.0", "1e0", "1E0", "0.5", "true", "[]", "{}", "\"\""}) {
    CHECK_FALSE(Parser("{\"f\":" + std::string(value) + "}").Integer("f", Presence::kRequired, 0, 10).has_value());
    CHECK_EQUAL_TEXT(std::string("Not a valid integer."), Fault(), value);
  }
}

TEST(FieldParser, AnIntegerOutOfRangeIsAFaultThatNamesTheRange) {
  for (const char* value : {"-6", "11", "9223372036854775808", "-99999999999999999999999"}) {
    CHECK_FALSE(Parser("{\"f\":" + std::string(value) + "}").Integer("f", Presence::kRequired, -5, 10).has_value());
    CHECK_EQUAL_TEXT(MustBeBetween(-5, 10), Fault(), value);
  }
  CHECK_EQUAL(std::string("Must be between -5 and 10."), MustBeBetween(-5, 10));
}

TEST(FieldParser, NumbersBeyondTheRangeOfADoubleAreFaultsOfTheirField) {
  const std::string digits(400, '9');
  CHECK_FALSE(Parser("{\"f\":" + digits + "}").Integer("f", Presence::kRequired, 0, 10).has_value());
  CHECK_EQUAL(MustBeBetween(0, 10), Fault());
  CHECK_FALSE(Parser("{\"f\":1e400}").Integer("f", Presence::kRequired, 0, 10).has_value());
  CHECK_EQUAL(std::string("Not a valid integer."), Fault());
  for (const std::string& number : {digits, "0." + digits, std::string("1e400"), std::string("1e309")}) {
    CHECK_FALSE(Parser("{\"f\":" + number + "}").Amount("f", Presence::kRequired).has_value());
    CHECK_EQUAL(std::string("Not a valid number."), Fault());
  }
}

TEST(FieldParser, AmountsAreStringsOrNumbersOfOneForm) {
  for (const char* value : {"\"12.5\"", "12.5", "12.50", "\"012.50\""}) {
    const std::optional<Money> amount = Parser("{\"f\":" + std::string(value) + "}").Amount("f", Presence::kRequired);
    CHECK_TEXT(amount.has_value(), value);
    CHECK_EQUAL(std::string("12.50"), amount->ToString());
  }
  for (const char* value : {"\"\"", "\"x\"", "-1", "\"-1\"", "1e2", "1.234", "true", "[]", "{}", "\" 1\"",
                            "12345678901234567", "0.1000000000000000055511151231257827"}) {
    CHECK_FALSE(Parser("{\"f\":" + std::string(value) + "}").Amount("f", Presence::kRequired).has_value());
    CHECK_EQUAL_TEXT(std::string("Not a valid number."), Fault(), value);
  }
}

TEST(FieldParser, ArraysHaveALengthWithinLimits) {
  for (const auto& [value, size] : {std::pair("[1]", 1U), std::pair("[1,[2,3]]", 2U)}) {
    const auto elements = Parser("{\"f\":" + std::string(value) + "}").Array("f", Presence::kRequired, 1, 2);
    CHECK_TEXT(elements && elements->size() == size, value);
  }
  for (const char* value : {"[]", "[1,2,3]"}) {
    CHECK_FALSE(Parser("{\"f\":" + std::string(value) + "}").Array("f", Presence::kRequired, 1, 2).has_value());
    CHECK_EQUAL(std::string("Length must be between 1 and 2."), Fault());
  }
  for (const char* value : {"1", "\"[]\"", "{}", "true"}) {
    CHECK_FALSE(Parser("{\"f\":" + std::string(value) + "}").Array("f", Presence::kRequired, 1, 2).has_value());
    CHECK_EQUAL_TEXT(std::string("Invalid type."), Fault(), value);
  }
}

TEST(FieldParser, AllFaultsAreGathered) {
  const FieldParser parser = Parser(R"({"a":1,"b":null})");
  CHECK_FALSE(parser.String("a", Presence::kRequired).has_value());
  CHECK_FALSE(parser.String("b", Presence::kRequired).has_value());
  CHECK_FALSE(parser.String("c", Presence::kRequired).has_value());
  parser.AddError("d", "Wrong.");
  const Status status = ToStatus(errors);
  CHECK_STATUS(StatusCode::kValidationError, status);
  CHECK_EQUAL(size_t{4}, status.fields().size());
  CHECK_EQUAL(std::string("p.d"), status.fields()[3].path);
}

TEST(FieldParser, NoFaultsAreOk) {
  CHECK_OK(ToStatus({}));
}

TEST(FieldParser, ABodyThatIsNoObjectIsMalformed) {
  for (const char* body : {"[]", "1", "\"{}\"", "null", "true", "", "{", "{}x"}) {
    JsonDocument other;
    CHECK_EQUAL_TEXT(StatusCode::kBadRequest, ParseObject(body, &other).code(), body);
  }
}

}  // namespace shop
