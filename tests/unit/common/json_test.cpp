#include "workers/common/json.h"

#include <initializer_list>
#include <string>
#include <utility>

#include "tests/support/checks.h"

namespace shop {
namespace {

using namespace std::string_view_literals;

Status Parse(std::string_view text) {
  JsonDocument document;
  return JsonDocument::Parse(text, &document);
}

// The text of the one element of the array `text`.
std::string OnlyElement(const std::string& text) {
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse(text, &document));
  const std::vector<JsonValue> elements = document.root().Elements();
  CHECK_EQUAL(size_t{1}, elements.size());
  return std::string(elements[0].text());
}

std::string Nested(const char* open, const char* close, int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

void CheckAllAccepted(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) CHECK_TEXT(Parse(text).ok(), StringFrom(text).asCharString());
}

void CheckAllRefused(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    const Status status = Parse(text);
    CHECK_EQUAL_TEXT(StatusCode::kBadRequest, status.code(), StringFrom(text).asCharString());
    CHECK_TEXT(status.message().starts_with("The body is not JSON: "), status.message().c_str());
  }
}

}  // namespace

TEST_GROUP(Json){};

TEST(Json, AnyValueMayStandAtTheTop) {
  CheckAllAccepted({"{}", "[]", "\"a\"", "0", "-0", "12.5e-3", "true", "false", "null"});
}

TEST(Json, SpacesTabsAndLineBreaksMayStandAround) {
  CheckAllAccepted({" \t\r\n{} \t\r\n", "[ 1 ,\n2 ]", "{ \"a\" : 1 }"});
  CheckAllRefused({"\f{}", "{}\v", "\xC2\xA0{}", "{}\xE2\x80\xA8"});
}

TEST(Json, EmptyInputIsRefused) {
  CheckAllRefused({"", " ", "\n\t"});
}

TEST(Json, AByteOrderMarkIsRefused) {
  CheckAllRefused({"\xEF\xBB\xBF{}", "\xFE\xFF\0{\0}"sv, "\xFF\xFE{\0}\0"sv, "{\0}\0"sv});
}

TEST(Json, WhatFollowsTheDocumentIsRefused) {
  CheckAllRefused({"{}x", "{}{}", "{},", "{}]", "{}}", "[] []", "1 2", "truefalse", "\"a\"b", "{}//", "{}\xFF"});
}

TEST(Json, NulIsRefusedInsideAndAfterTheDocument) {
  CheckAllRefused({"\0"sv, "\0{}"sv, "{}\0"sv, "{} \0 x"sv, "{\0}"sv, "[1\0]"sv, "[1,\0 2]"sv, "1\0"sv, "\"a\0b\""sv,
                   "{\"a\0\":1}"sv, "true\0"sv, "{\"a\":1}\0{\"a\":2}"sv});
}

TEST(Json, UnfinishedTextIsRefused) {
  CheckAllRefused({"{", "[", "\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "[1", "[1,", "tru", "nul", "-", "1.",
                   "1e", "1e+", "\"\\", "\"\\u12", "\"\\ud83d", "[[]"});
}

TEST(Json, WhatOtherReadersForgiveIsRefused) {
  CheckAllRefused(
      {"{'a':1}", "{a:1}",    "[1,]",   "{\"a\":1,}", "[,1]",     "[1 2]",     "{\"a\" 1}", "{\"a\":1 \"b\":2}",
       "{1:2}",   "//c\n1",   "/*c*/1", "NaN",        "Infinity", "-Infinity", "+1",        "01",
       "-01",     ".5",       "1.",     "0x10",       "1_000",    "\"\\x41\"", "\"\\a\"",   "\"\\u12g4\"",
       "True",    "undefined"});
}

TEST(Json, ControlCharactersInStringsAreRefusedUnlessEscaped) {
  CheckAllRefused({"\"\n\"", "\"\t\"", "\"\x01\"", "\"\x1F\"", "{\"\n\":1}"});
  CheckAllAccepted({"\"\\n\"", "\"\\u0001\"", "\"\x7F\""});
}

TEST(Json, InvalidUtf8IsRefusedInValuesNamesAndBetween) {
  CheckAllRefused({"\"\x80\"", "\"\xC3\"", "\"\xC0\xAF\"", "\"\xE0\x80\xAF\"", "\"\xF4\x90\x80\x80\"", "\"\xFF\"",
                   "{\"\xFF\":1}", "\xFF{}", "[\xC3\xA9]", "\"a\xED\xA0\x80z\"", "{\"\xED\xB0\x80\":1}"});
}

TEST(Json, LoneSurrogatesAreRefusedHighAndLow) {
  CheckAllRefused({"\"\\ud800\"", "\"\\udbff\"", "\"\\udc00\"", "\"\\udfff\"", "\"\\ud800x\"", "\"\\ud800\\n\"",
                   "\"\\ud800\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud800\\u0041\"", "{\"\\udc00\":1}",
                   "{\"\\ud800\":1}", "{\"a\":[\"\\uDC00\"]}"});
}

TEST(Json, EscapesAreDecoded) {
  const std::pair<const char*, std::string_view> kCases[] = {
      {R"(["\"\\\/\b\f\n\r\t"])", "\"\\/\b\f\n\r\t"},
      {R"(["\u0041\u00e9\u20AC"])", "A\xC3\xA9\xE2\x82\xAC"},
      {R"(["\ud83d\ude80"])", "\xF0\x9F\x9A\x80"},
      {R"(["\uD800\uDC00"])", "\xF0\x90\x80\x80"},
      {R"(["\udbff\udfff"])", "\xF4\x8F\xBF\xBF"},
      {R"(["a\u0000b"])", "a\0b"sv},
      {R"(["\uFEFF"])", "\xEF\xBB\xBF"},
      {"[\"\xF0\x9F\x9A\x80\"]", "\xF0\x9F\x9A\x80"},
      {R"([""])", ""},
  };
  for (const auto& [text, decoded] : kCases) CHECK_EQUAL(std::string(decoded), OnlyElement(text));
}

TEST(Json, NumbersKeepTheirText) {
  for (const char* number : {"0",
                             "-0",
                             "1",
                             "-1",
                             "10",
                             "2147483648",
                             "9223372036854775808",
                             "123456789012345678901234567890",
                             "100000.99",
                             "1.10",
                             "0.1",
                             "0.0",
                             "-0.0",
                             "1E5",
                             "1e+5",
                             "1e-5",
                             "1.50e2",
                             "9999999999999999.99",
                             "0.00000000000000000001",
                             "0.1000000000000000055511151231257827021181583404541015625"}) {
    CHECK_EQUAL(std::string(number), OnlyElement("[" + std::string(number) + "]"));
    CHECK_EQUAL(std::string(number), OnlyElement("[ " + std::string(number) + " ]"));
  }
}

TEST(Json, NumbersBeyondTheRangeOfADoubleKeepTheirForm) {
  CHECK(OnlyElement("[1e400]").starts_with("1e"));
  CHECK(OnlyElement("[-1.5E+999]").starts_with("-1.5E+"));
  const std::string digits = OnlyElement("[" + std::string(400, '9') + "]");
  CHECK(digits.size() > 20);
  CHECK(digits.find_first_not_of('9') == std::string::npos);
  CheckAllAccepted({"1e308", "1e-400"});
}

TEST(Json, ANumberBeyondTheRangeOfADoubleChangesNothingAroundIt) {
  const std::string digits(60, '7');
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse(
      R"({"1e400":"\"\\)" + digits + R"(e999","n":1e400,"a":[true,false,1234,null,12.50,1e12]})", &document));
  CHECK_EQUAL("\"\\" + digits + "e999", std::string(document.root().Find("1e400")->text()));
  const std::vector<JsonValue> elements = document.root().Find("a")->Elements();
  CHECK_EQUAL(size_t{6}, elements.size());
  CHECK_EQUAL(std::string_view("1234"), elements[2].text());
  CHECK_EQUAL(std::string_view("12.50"), elements[4].text());
}

TEST(Json, ANumberBeyondTheRangeOfADoubleExcusesNoFault) {
  CheckAllRefused({"[1e400", "[01e400]", "1e400x", "1e400,1", "[1e400,01]", "[1e400,1e]", "[1e400 2]",
                   "[1e400,\"\xFF\"]", "[1e400]\0"sv, "[1e400,true123]", "{\"a\":1e400,}", "[.1e400]", "[1.e400]",
                   "[+1e400]", "[1e400,\"\\ud800\"]", "[1e400,\"\\", "1e+-400"});
}

TEST(Json, DepthOf32IsReadAndOf33Refused) {
  CHECK_OK(Parse(Nested("[", "]", 32)));
  CheckAllRefused({Nested("[", "]", 33), Nested("[", "]", 100'000), Nested("[", "", 100'000)});
  CHECK_OK(Parse(Nested("{\"a\":", "}", 31).insert(31 * 5, "{}")));
  CheckAllRefused({Nested("{\"a\":", "}", 32).insert(32 * 5, "{}")});
  CHECK_OK(Parse(Nested("[{\"a\":", "}]", 16).insert(16 * 6, "1")));
  CheckAllRefused({Nested("[{\"a\":", "}]", 16).insert(16 * 6, "[]")});
}

TEST(Json, BreadthIsNotDepth) {
  CHECK_OK(Parse("[" + Nested("[],", "", 1000) + "[]]"));
}

TEST(Json, TypesAreTold) {
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse("[null,true,1,\"s\",[],{}]", &document));
  CHECK(document.root().type() == JsonType::kArray);
  const std::vector<JsonValue> elements = document.root().Elements();
  const JsonType kTypes[] = {JsonType::kNull,   JsonType::kBool,  JsonType::kNumber,
                             JsonType::kString, JsonType::kArray, JsonType::kObject};
  CHECK_EQUAL(std::size(kTypes), elements.size());
  for (size_t i = 0; i < elements.size(); ++i) CHECK(elements[i].type() == kTypes[i]);
  CHECK(elements[0].IsNull());
  CHECK_FALSE(elements[1].IsNull());
  for (const size_t i : {0U, 1U, 4U, 5U}) CHECK_EQUAL(std::string_view(), elements[i].text());
}

TEST(Json, FindGivesTheMemberOfThisObjectAlone) {
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse(R"({"x":{"a":"inner","y":[{"a":1}]},"a":"outer","":"empty","b":null})", &document));
  const JsonValue root = document.root();
  CHECK_EQUAL(std::string_view("outer"), root.Find("a")->text());
  CHECK_EQUAL(std::string_view("inner"), root.Find("x")->Find("a")->text());
  CHECK_EQUAL(std::string_view("empty"), root.Find("")->text());
  CHECK(root.Find("b")->IsNull());
  CHECK_FALSE(root.Find("y").has_value());
  CHECK_FALSE(root.Find("A").has_value());
  CHECK_FALSE(root.Find("outer").has_value());
}

TEST(Json, OfANameGivenTwiceTheLastCounts) {
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse(R"({"a":1,"b":{"a":2},"a":[3],"\u0061":4,"c":5})", &document));
  CHECK_EQUAL(std::string_view("4"), document.root().Find("a")->text());
}

TEST(Json, NamesMayHoldAnyCharacter) {
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse(R"({"a\u0000b":1,"a":2,"\ud83d\ude80":3})", &document));
  CHECK_EQUAL(std::string_view("1"), document.root().Find("a\0b"sv)->text());
  CHECK_EQUAL(std::string_view("2"), document.root().Find("a")->text());
  CHECK_EQUAL(std::string_view("3"), document.root().Find("\xF0\x9F\x9A\x80")->text());
}

TEST(Json, AnEmptyObjectHasNothingInItAndIsNoArray) {
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse(R"([{}, {"a": 1}, [], "", 1, null])", &document));
  const std::vector<JsonValue> elements = document.root().Elements();
  for (size_t i = 0; i < elements.size(); ++i) CHECK_EQUAL(i == 0, elements[i].IsEmptyObject());
}

TEST(Json, FindAndElementsGiveNothingOnOtherTypes) {
  for (const char* text : {"1", "\"a\"", "null", "[\"a\",1]"}) {
    JsonDocument document;
    CHECK_OK(JsonDocument::Parse(text, &document));
    CHECK_FALSE(document.root().Find("a").has_value());
  }
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse("{\"a\":1}", &document));
  CHECK(document.root().Elements().empty());
}

TEST(Json, TheTextIsNotNeededAfterParsing) {
  auto text = std::make_unique<std::string>(R"({"name":"a value that is long enough","n":12.50})");
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse(*text, &document));
  text.reset();
  CHECK_EQUAL(std::string_view("a value that is long enough"), document.root().Find("name")->text());
  CHECK_EQUAL(std::string_view("12.50"), document.root().Find("n")->text());
}

TEST(Json, ADocumentCanBeUsedAgain) {
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse("[1,2,3]", &document));
  CHECK_FALSE(JsonDocument::Parse("[1,", &document).ok());
  CHECK_OK(JsonDocument::Parse("{\"a\":\"b\"}", &document));
  CHECK_EQUAL(std::string_view("b"), document.root().Find("a")->text());
}

TEST(Json, BigDocumentsAreReadWhole) {
  const std::string long_string(1 << 20, 'x');
  CHECK_EQUAL(long_string.size(), OnlyElement("[\"" + long_string + "\"]").size());
  std::string text = "[{\"k\":0}";
  for (int i = 1; i < 100'000; ++i) text += ",{\"k\":" + std::to_string(i) + "}";
  JsonDocument document;
  CHECK_OK(JsonDocument::Parse(text + "]", &document));
  const std::vector<JsonValue> elements = document.root().Elements();
  CHECK_EQUAL(size_t{100'000}, elements.size());
  CHECK_EQUAL(std::string_view("99999"), elements.back().Find("k")->text());
}

// CHECK_EQUAL evaluates its arguments more than once, so they must not call Take().
TEST_GROUP(JsonWriter){};

TEST(JsonWriter, WritesWhatItIsTold) {
  JsonWriter json;
  json.BeginObject();
  json.Key("s").String("text").Key("i").Int(-5).Key("n").Null();
  json.Key("a").BeginArray().Int(INT64_MIN).Int(INT64_MAX).BeginObject().EndObject().EndArray();
  json.EndObject();
  const std::string text = json.Take();
  CHECK_EQUAL(std::string(R"({"s":"text","i":-5,"n":null,"a":[-9223372036854775808,9223372036854775807,{}]})"), text);
}

TEST(JsonWriter, EscapesWhatMustBeEscaped) {
  const std::pair<std::string_view, const char*> kCases[] = {
      {"\"\\", R"("\"\\")"},
      {"some \"quoted\" words\n", R"("some \"quoted\" words\n")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"\x01\x1F", R"("\u0001\u001F")"},
      {"a\0b"sv, R"("a\u0000b")"},
      {"\xC3\xA9\x7F", "\"\xC3\xA9\x7F\""},
      {"\xF0\x9F\x9A\x80/", "\"\xF0\x9F\x9A\x80/\""},
      {"", "\"\""},
  };
  for (const auto& [value, written] : kCases) {
    JsonWriter json;
    json.BeginArray().String(value).EndArray();
    const std::string text = json.Take();
    CHECK_EQUAL("[" + std::string(written) + "]", text);
  }
}

TEST(JsonWriter, EveryCharacterSurvivesWritingAndReading) {
  std::string all;
  for (char c = 0; c >= 0 && c < 0x7F; ++c) all.push_back(c);
  all += "\xC2\x80\xE2\x80\xA8\xEF\xBF\xBF\xF4\x8F\xBF\xBF";
  JsonWriter json;
  json.BeginArray().String(all).EndArray();
  const std::string text = json.Take();
  CHECK_EQUAL(all, OnlyElement(text));
}

TEST(JsonWriter, CutBackTakesBackTheValuesSince) {
  JsonWriter json;
  json.BeginArray().Int(1);
  const size_t size = json.size();
  CHECK_EQUAL(size_t{2}, size);
  json.BeginObject().Key("a").Null().EndObject();
  json.CutBack(size);
  CHECK_EQUAL(std::string("[1,2]"), json.Int(2).EndArray().Take());
}

}  // namespace shop
