#include "workers/products/product.h"

#include "tests/support/checks.h"

using namespace std::string_view_literals;

namespace shop {

TEST_GROUP(Product){};

TEST(Product, IdsThatAreIds) {
  const std::string_view kIds[] = {
      "a",
      "the_odyssey",
      "a b",
      " ",
      "...",
      ".a",
      "a.b",
      "index",
      "%2F",
      "a\\b",
      "\"'<>&?#",
      "\xC3\xA9",          // é
      "\xC2\xA0",          // U+00A0, the first character after the control characters
      "\xF0\x9F\x9A\x80",  // a rocket
      "\xE2\x80\xAE",      // U+202E, no control character of Unicode's category Cc
  };
  for (const std::string_view id : kIds) CHECK_TEXT(IsProductId(id), StringFrom(id).asCharString());
}

TEST(Product, TextsThatAreNoIds) {
  const std::string_view kTexts[] = {
      "",
      ".",
      "..",
      "/",
      "a/b",
      "/a",
      "a/",
      "a\0b"sv,
      "\n",
      "a\x1F",
      "\x7F",
      "\xC2\x80",          // U+0080
      "a\xC2\x9F",         // U+009F
      "\x80",              // a continuation byte alone
      "a\xC3",             // a sequence cut off
      "\xC0\xAF",          // an overlong '/'
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // past U+10FFFF
  };
  for (const std::string_view text : kTexts) CHECK_FALSE_TEXT(IsProductId(text), StringFrom(text).asCharString());
}

TEST(Product, AnIdHasAtMost128Bytes) {
  CHECK(IsProductId(std::string(128, 'a')));
  CHECK_FALSE(IsProductId(std::string(129, 'a')));
  std::string characters;
  for (int i = 0; i < 64; ++i) characters += "\xC3\xA9";
  CHECK(IsProductId(characters));
  CHECK_FALSE(IsProductId(characters + "a"));
}

TEST(Product, NotFoundNamesTheProduct) {
  const Status status = ProductNotFound("the_odyssey");
  CHECK_STATUS(StatusCode::kNotFound, status);
  CHECK_EQUAL("PRODUCT_NOT_FOUND"sv, status.reason());
  CHECK_EQUAL(std::string("Product ID the_odyssey does not exist"), status.message());
}

TEST(Product, NotFoundDoesNotRepeatWhatIsNoId) {
  CHECK_EQUAL(std::string("Product ID does not exist"), ProductNotFound("\xFF").message());
  CHECK_EQUAL(std::string("Product ID does not exist"), ProductNotFound("a\nb").message());
}

}  // namespace shop
