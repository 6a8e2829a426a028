#include "workers/common/slots.h"

#include "tests/support/ask.h"
#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(Slots){};

static std::string HeaderFor(const Slots& slots) {
  HttpResponse response;
  AddSlots(kChangedSlots, slots, &response);
  CHECK_EQUAL(size_t{slots.empty() ? 0U : 1U}, response.headers.size());
  return HeaderOf(response, "X-Changed");
}

// The value that all descriptions of this CRC-32 give. Also: nginx computes the same, tests/http/test_slots.py.
TEST(Slots, Crc32IsTheOneOfGzip) {
  CHECK_EQUAL(uint32_t{0xCBF43926}, Crc32("123456789"));
  CHECK_EQUAL(uint32_t{0}, Crc32(""));
  CHECK_EQUAL(uint32_t{0xFF000000}, Crc32("\xFF"));
}

TEST(Slots, ASlotIsTheKindAndTheLast16Bits) {
  CHECK_EQUAL(std::string("p14630"), Slot('p', "123456789"));
  CHECK_EQUAL(std::string("o14630"), Slot('o', "123456789"));
}

TEST(Slots, TheHeaderNamesEachSlotOnce) {
  CHECK_EQUAL(std::string(""), HeaderFor({}));
  CHECK_EQUAL(std::string("p1"), HeaderFor({"p1"}));
  CHECK_EQUAL(std::string("o7 p1 p2"), HeaderFor({"p2", "o7", "p1", "p2"}));
}

TEST(Slots, MoreThanTheHeaderHasRoomForAreLeftOutAltogether) {
  Slots slots;
  for (int i = 0; i < 128; ++i) slots.insert("p" + std::to_string(i));
  CHECK(!HeaderFor(slots).empty());
  slots.insert("o1");
  HttpResponse response;
  AddSlots(kChangedSlots, slots, &response);
  CHECK(response.headers.empty());
}

}  // namespace shop
