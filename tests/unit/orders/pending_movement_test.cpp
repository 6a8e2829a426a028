#include "workers/orders/pending_movement.h"

#include "tests/support/checks.h"
#include "tests/support/movement_ids.h"

namespace shop {

TEST_GROUP(PendingMovement){};

TEST(PendingMovement, IsWrittenAsItIsRead) {
  const std::string odd = "a \"b\"\\/{}[]%\xC3\xA9\xF0\x9F\x9A\x80";
  for (const StockMovement& movement :
       {StockMovement{kMovementId, {{"a", 3}, {odd, 9007199254740991}}, {{"b", 2}}},
        StockMovement{kMovementId, {}, {{"a", 1}}}, StockMovement{kMovementId, {{"a", 1}}, {}}}) {
    const std::optional<PendingMovement> pending =
        ReadPendingMovement(kMovementId, EntryWithoutTime(movement) + "1795633823180}");
    CHECK(pending && movement == pending->movement);
    CHECK_EQUAL(int64_t{1795633823180}, pending->time);
  }
}

// Older workers and reconcilers, which may run at the same time, read it, too.
TEST(PendingMovement, HasTheFormThatEveryVersionReads) {
  CHECK_EQUAL(std::string(R"({"take":[["a",3],["b",1]],"give_back":[],"time":)"),
              EntryWithoutTime({kMovementId, {{"a", 3}, {"b", 1}}, {}}));
}

TEST(PendingMovement, MayHaveAnEmptyObjectForAnEmptyList) {
  const std::optional<PendingMovement> pending =
      ReadPendingMovement(kMovementId, R"({"give_back":{},"time":7,"take":[["a",3]]})");
  const StockMovement expected{kMovementId, {{"a", 3}}, {}};
  CHECK(pending && expected == pending->movement);
}

TEST(PendingMovement, IsAbsentIfAnyPartOfItIsMalformed) {
  CHECK(ReadPendingMovement(kMovementId, R"({"time":7,"take":[["a",3]],"give_back":[["a",3]]})").has_value());
  CHECK_FALSE(ReadPendingMovement("no UUID", R"({"time":7,"take":[["a",3]],"give_back":[["a",3]]})").has_value());
  CHECK_FALSE(ReadPendingMovement("", R"({"time":7,"take":[],"give_back":[]})").has_value());
  for (const char* text : {"", "no JSON", "7", "[]", "{}", "null", "\xFF", R"({"take":[],"give_back":[]})",
                           R"({"time":7,"take":[]})", R"({"time":7,"give_back":[]})"}) {
    CHECK_FALSE_TEXT(ReadPendingMovement(kMovementId, text).has_value(), text);
  }
  for (const char* time : {R"("7")", "7.5", "1e3", "null", "99999999999999999999"}) {
    const std::string text = std::string(R"({"take":[],"give_back":[],"time":)") + time + "}";
    CHECK_FALSE_TEXT(ReadPendingMovement(kMovementId, text).has_value(), time);
  }
  for (const char* items :
       {"null", "7", R"("a")", R"({"a":3})", "[null]", R"([["a",3],null,["b",1]])", R"(["a",3])", R"([["a",3],["b"]])",
        R"([["a",3],["b",1,1]])", R"([["a",3],[7,1]])", R"([["a",3],[{},1]])", R"([["a",3],["b","1"]])",
        R"([["b",1.5]])", R"([["b",1e300]])", R"([["b",NaN]])", R"([["b",0]])", R"([["b",-1]])",
        R"([["b",9007199254740992]])", R"([["b",99999999999999999999]])"}) {
    const std::string text = std::string(R"(":[],"time":7,")");
    CHECK_FALSE_TEXT(ReadPendingMovement(kMovementId, R"({"give_back)" + text + R"(take":)" + items + "}").has_value(),
                     items);
    CHECK_FALSE_TEXT(ReadPendingMovement(kMovementId, R"({"take)" + text + R"(give_back":)" + items + "}").has_value(),
                     items);
  }
}

}  // namespace shop
