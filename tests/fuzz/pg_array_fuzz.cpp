// PgArray writes the values that it got, by the rules of the PostgreSQL manual, section 8.15.

#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/property.h"
#include "workers/common/postgres.h"

namespace {

// The elements of an array whose elements are all quoted, section 8.15.6: every character between the quotes belongs to
// the element, and so does any character after a backslash.
std::vector<std::string> ReadArray(std::string_view text) {
  std::vector<std::string> elements;
  const auto take = [&text] {
    Require(!text.empty(), "an array is closed");
    const char first = text.front();
    text.remove_prefix(1);
    return first;
  };
  Require(take() == '{', "an array begins with a brace");
  if (text == "}") return elements;
  char after = 0;
  do {
    Require(take() == '"', "an element is quoted");
    std::string& element = elements.emplace_back();
    for (char c = take(); c != '"'; c = take()) element.push_back(c == '\\' ? take() : c);
    after = take();
  } while (after == ',');
  Require(after == '}' && text.empty(), "an array ends with its brace");
  return elements;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  std::vector<std::string> values;
  while (input.remaining_bytes() > 0) values.push_back(input.ConsumeRandomLengthString());
  Require(ReadArray(shop::PgArray(values)) == values, "an array has the values that it was made of");
  return 0;
}
