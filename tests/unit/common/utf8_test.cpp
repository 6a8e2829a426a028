#include "workers/common/utf8.h"

#include <string>
#include <string_view>

#include "tests/support/checks.h"

namespace shop {

using namespace std::string_view_literals;

TEST_GROUP(Utf8){};

TEST(Utf8, TheFirstAndLastOfEachLengthAreWellFormed) {
  for (const std::string_view text : {
           ""sv, "\0"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv,
           "\xF4\x8F\xBF\xBF"sv, "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv,  // beside the surrogates
           "\xEF\xBB\xBF"sv,                                          // a byte order mark is a character like others
           "plain \xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x80 text"sv,       // all lengths
       }) {
    CHECK_TEXT(IsUtf8(text), StringFrom(text).asCharString());
  }
}

TEST(Utf8, MalformedSequencesAreFound) {
  for (const std::string_view text : {
           "\x80"sv,
           "\xBF"sv,
           "a\x80"sv,  // a continuation alone
           "\xC0\x80"sv,
           "\xC0\xAF"sv,
           "\xC1\xBF"sv,  // overlong, two bytes
           "\xE0\x80\x80"sv,
           "\xE0\x9F\xBF"sv,  // overlong, three
           "\xF0\x80\x80\x80"sv,
           "\xF0\x8F\xBF\xBF"sv,  // overlong, four
           "\xED\xA0\x80"sv,
           "\xED\xAF\xBF"sv,
           "\xED\xB0\x80"sv,
           "\xED\xBF\xBF"sv,              // surrogates
           "\xED\xA0\xBD\xED\xB2\xA9"sv,  // a pair of them (CESU-8)
           "\xF4\x90\x80\x80"sv,
           "\xF5\x80\x80\x80"sv,
           "\xF7\xBF\xBF\xBF"sv,  // past U+10FFFF
           "\xF8\x88\x80\x80\x80"sv,
           "\xFC\x84\x80\x80\x80\x80"sv,
           "\xFE"sv,
           "\xFF"sv,
           "\xC3"sv,
           "\xE2\x82"sv,
           "\xE2"sv,
           "\xF0\x9F\x9A"sv,
           "\xF0\x9F"sv,
           "\xF0"sv,  // truncated at the end
           "\xC3z"sv,
           "\xE2\x82z"sv,
           "\xE2z\xAC"sv,
           "\xF0\x9F\x9Az"sv,
           "\xF0\x9Fz\x80"sv,
           "\xC3\xC3\xA9"sv,
           "text \xC3\xA9 text\xFF text"sv,
       }) {
    CHECK_FALSE_TEXT(IsUtf8(text), StringFrom(text).asCharString());
  }
}

TEST(Utf8, WhatIsMalformedBecomesReplacementCharacters) {
  CHECK_EQUAL(std::string(), ToUtf8(""));
  CHECK_EQUAL(std::string("a\xC3\xA9\xF0\x9F\x9A\x80"), ToUtf8("a\xC3\xA9\xF0\x9F\x9A\x80"));
  CHECK_EQUAL(std::string("a\xEF\xBF\xBD"
                          "b"),
              ToUtf8("a\xFF"
                     "b"));
  CHECK_EQUAL(std::string("\xEF\xBF\xBD\xEF\xBF\xBDz"), ToUtf8("\xE2\x82z"));
  CHECK_EQUAL(std::string("a\0b"sv), ToUtf8("a\0b"sv));
}

TEST(Utf8, LengthCountsCodePoints) {
  CHECK_EQUAL(size_t{0}, Utf8Length(""));
  CHECK_EQUAL(size_t{3}, Utf8Length("abc"));
  CHECK_EQUAL(size_t{4}, Utf8Length("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x80"));
  CHECK_EQUAL(size_t{2}, Utf8Length("e\xCC\x81"));  // e and a combining accent
  CHECK_EQUAL(size_t{3}, Utf8Length("a\0b"sv));
}

TEST(Utf8, ControlCharactersAreC0DelAndC1) {
  for (const std::string_view text : {"\0"sv, "a\x01"sv, "\x1Fz"sv, "\n"sv, "\x7F"sv, "\xC2\x80"sv, "a\xC2\x85z"sv,
                                      "\xC2\x9F"sv, "\xF0\x9F\x9A\x80\t"sv}) {
    CHECK_TEXT(HasControlCharacter(text), StringFrom(text).asCharString());
  }
  for (const std::string_view text : {""sv, " "sv, "~"sv, "\xC2\xA0"sv, "\xC3\x80"sv, "\xC3\x9F"sv, "\xE2\x80\xA8"sv,
                                      "\xE2\x82\x80"sv, "\xF0\x9F\x9A\x80"sv}) {
    CHECK_FALSE_TEXT(HasControlCharacter(text), StringFrom(text).asCharString());
  }
}

}  // namespace shop
