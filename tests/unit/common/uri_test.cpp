#include "workers/common/uri.h"

#include <string>
#include <utility>

#include "tests/support/checks.h"

namespace shop {
namespace {

using namespace std::string_view_literals;

// The value of the parameter `a`; or "(absent)", or "(bad)".
std::string Get(std::string_view query) {
  std::optional<std::string> value = "left over";
  const Status status = QueryParameter(query, "a", &value);
  if (!status.ok()) {
    CHECK_STATUS(StatusCode::kBadRequest, status);
    CHECK_TEXT(status.message().find("parameter a ") != std::string::npos, status.message().c_str());
    return "(bad)";
  }
  return value.value_or("(absent)");
}

}  // namespace

TEST_GROUP(Uri){};

TEST(Uri, PercentDecodingIsDoneOnce) {
  const std::pair<const char*, std::string_view> kCases[] = {
      {"", ""},         {"abc", "abc"},   {"%41%7a", "Az"},     {"%2525", "%25"},
      {"a%2Fb", "a/b"}, {"a%2fb", "a/b"}, {"a+b", "a+b"},       {"%C3%A9", "\xC3\xA9"},
      {"%00", "\0"sv},  {"%FF", "\xFF"},  {"%25%34%31", "%41"}, {"\xC3\xA9", "\xC3\xA9"}};
  for (const auto& [text, decoded] : kCases) {
    CHECK_EQUAL_TEXT(std::optional<std::string>(decoded), PercentDecode(text), text);
  }
}

TEST(Uri, APercentSignWithoutTwoHexadecimalDigitsDecodesToNothing) {
  for (const char* text : {"%", "%4", "a%", "%%", "%G0", "%0G", "%+1", "%-1", "% 1", "%0x", "%x0", "%4%31", "ab%zz"}) {
    CHECK_FALSE_TEXT(PercentDecode(text).has_value(), text);
  }
}

TEST(Uri, AllButUnreservedCharactersAreEncoded) {
  const std::string unreserved = "ABCXYZabcxyz0189-._~";
  CHECK_EQUAL(unreserved, PercentEncode(unreserved));
  CHECK_EQUAL(std::string("%20%25%2F%3F%23%26%2B%3D%22%3C%3E%5C%3B%3A%40"), PercentEncode(" %/?#&+=\"<>\\;:@"));
  CHECK_EQUAL(std::string("%00%0A%7F%C3%A9"), PercentEncode("\0\n\x7F\xC3\xA9"sv));
}

TEST(Uri, EveryByteSurvivesEncodingAndDecoding) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  CHECK_EQUAL(std::optional(all), PercentDecode(PercentEncode(all)));
}

TEST_GROUP(QueryParameter){};

TEST(QueryParameter, IsFoundAmongOthers) {
  for (const char* query : {"a=x", "b=1&a=x", "a=x&b=1", "&&a=x&", "b&a=x", "=1&a=x", "b=a=1&a=x", "A=1&a=x"}) {
    CHECK_EQUAL_TEXT(std::string("x"), Get(query), query);
  }
}

TEST(QueryParameter, IsAbsentIfNoneHasItsName) {
  for (const char* query : {"", "&", "b=a", "aa=1", "A=1", "=a", "ba=1", "b=1&c=2", "%=1", "%zz=1"}) {
    CHECK_EQUAL_TEXT(std::string("(absent)"), Get(query), query);
  }
}

TEST(QueryParameter, TwiceIsMalformed) {
  for (const char* query : {"a=1&a=2", "a=1&a=1", "a=1&b=2&a=", "a=1&a", "a=1&%61=2"}) {
    CHECK_EQUAL_TEXT(std::string("(bad)"), Get(query), query);
  }
}

TEST(QueryParameter, EmptyIsMalformed) {
  for (const char* query : {"a", "a=", "b=1&a=", "a=&b=1", "a&b"}) {
    CHECK_EQUAL_TEXT(std::string("(bad)"), Get(query), query);
  }
}

TEST(QueryParameter, BadEncodingIsMalformedInItsOwnValueAlone) {
  for (const char* query : {"a=%", "a=%4", "a=%zz", "a=%FF", "a=%C3", "a=\xFF", "a=%ED%A0%80"}) {
    CHECK_EQUAL_TEXT(std::string("(bad)"), Get(query), query);
  }
  CHECK_EQUAL(std::string("x"), Get("b=%zz&a=x&c=%FF"));
}

TEST(QueryParameter, NameAndValueAreDecodedOnce) {
  CHECK_EQUAL(std::string("x y"), Get("a=x+y"));
  CHECK_EQUAL(std::string("x+y"), Get("a=x%2By"));
  CHECK_EQUAL(std::string("%41"), Get("a=%2541"));
  CHECK_EQUAL(std::string("x&b=1"), Get("a=x%26b=1"));
  CHECK_EQUAL(std::string("x=y"), Get("a=x=y"));
  CHECK_EQUAL(std::string("\xC3\xA9"), Get("%61=%C3%A9"));
}

}  // namespace shop
