#include "workers/orders/stock.h"

#include "tests/contract/stores.h"
#include "tests/support/checks.h"
#include "tests/support/movement_ids.h"

namespace shop {

// 10 of a and 10 of b.
TEST_GROUP(StockContract) {
  Stores stores = MakeStores();
  ProductStore& products = stores.products;
  Stock& stock = stores.stock;
  Stock& rejecting_stock = stores.rejecting_stock;
  const StockMovement usual{kMovementId, {{"a", 3}}, {{"b", 2}}};
  const StockMovement nothing{kMovementId, {}, {}};

  void setup() override {
    Put("a", 10);
    Put("b", 10);
  }

  void Put(const std::string& id, int64_t in_stock) {
    CHECK_OK(products.Put({id, "T", 1, 1, in_stock}));
  }
  int64_t InStock(const std::string& id) {
    Product product;
    CHECK_OK(products.Get(id, &product));
    return product.in_stock;
  }

  // The ids of the movements that have been pending for longer than `age`. The store's clock may be a millisecond
  // ahead.
  std::string Pending(std::chrono::milliseconds age = std::chrono::milliseconds(-1000)) {
    OverdueMovements overdue{{usual}, {"y"}};
    CHECK_OK(stock.FindOverdue(age, &overdue));
    CHECK(overdue.broken.empty());
    std::string ids;
    for (const StockMovement& movement : overdue.movements) ids += (ids.empty() ? "" : " ") + movement.id;
    return ids;
  }

  void CheckStocks(int64_t a, int64_t b) {
    CHECK_EQUAL(a, InStock("a"));
    CHECK_EQUAL(b, InStock("b"));
  }
  // No movement is pending any more.
  void CheckSettled(int64_t a, int64_t b, const std::string& events) {
    CheckStocks(a, b);
    CHECK_EQUAL(std::string(), Pending());
    CHECK_EQUAL(events, stores.events());
  }
  void CheckFirstMissing(const Status& status, const std::string& id) {
    CHECK_STATUS(StatusCode::kNotFound, status);
    CHECK_EQUAL(std::string_view("PRODUCT_NOT_FOUND"), status.reason());
    CHECK_EQUAL("Product Id " + id, status.message());
  }
  void CheckInsufficient(const Status& status, const std::string& id) {
    CHECK_STATUS(StatusCode::kConflict, status);
    CHECK_EQUAL(std::string_view("INSUFFICIENT_STOCK"), status.reason());
    CHECK_EQUAL("Product Id " + id + " has not enough in stock", status.message());
  }
};

TEST(StockContract, ReserveTakesTheGoodsAndTheMovementIsPending) {
  CHECK_OK(stock.Reserve(usual));
  CheckStocks(7, 10);
  CHECK_EQUAL(std::string(kMovementId), Pending());
  CHECK_EQUAL(std::string(), stores.events());
}

TEST(StockContract, ConfirmGivesBackAndAppendsAnEventAndEndsTheMovement) {
  CHECK_OK(stock.Reserve(usual));
  CHECK_OK(stock.Confirm(usual, OrderEvent::kUpdated, 9223372036854775807));
  CheckSettled(7, 12, "order_updated 9223372036854775807");
  CHECK_OK(stock.Reserve(nothing));
  CHECK_OK(stock.Confirm(nothing, OrderEvent::kDeleted, 1));
  CheckSettled(7, 12, "order_updated 9223372036854775807, order_deleted 1");
}

TEST(StockContract, AStartedConfirmDoesTheSame) {
  CHECK_OK(stock.Reserve(usual));
  CHECK_OK(stock.StartConfirm(usual, OrderEvent::kCreated, 7));
  CHECK_OK(stock.Release(usual));  // It follows on the same connection: too late to undo anything.
  CheckSettled(7, 12, "order_created 7");
}

TEST(StockContract, ReleaseGivesBackWhatWasTakenWithoutAnEvent) {
  CHECK_OK(stock.Reserve(usual));
  CHECK_OK(stock.Release(usual));
  CheckSettled(10, 10, "");
}

TEST(StockContract, AMovementIsSettledOnceHoweverOften) {
  const auto confirm = [this] { return stock.Confirm(usual, OrderEvent::kCreated, 1); };
  const auto release = [this] { return stock.Release(usual); };
  CHECK_OK(confirm());
  CHECK_OK(release());
  CheckSettled(10, 10, "");
  CHECK_OK(stock.Reserve(usual));
  CHECK_OK(confirm());
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(confirm());
    CHECK_OK(release());
    CheckSettled(7, 12, "order_created 1");
  }
  CHECK_OK(stock.Reserve(usual));
  CHECK_OK(release());
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(release());
    CHECK_OK(confirm());
    CheckSettled(7, 12, "order_created 1");
  }
}

TEST(StockContract, SettlingAMovementLeavesTheOthersAlone) {
  for (const char* id : {kOtherMovementId, kMovementId}) CHECK_OK(stock.Reserve({id, {{"a", 3}}, {}}));
  CHECK_EQUAL(std::string(kMovementId) + " " + kOtherMovementId, Pending());
  CHECK_OK(stock.Release({kMovementId, {{"a", 3}}, {}}));
  CheckStocks(7, 10);
  CHECK_EQUAL(std::string(kOtherMovementId), Pending());
}

TEST(StockContract, TheFirstProductThatDoesNotExistIsNamedAndNothingIsTaken) {
  CheckFirstMissing(stock.Reserve({kMovementId, {{"a", 3}, {"y", 1}, {"x", 1}, {"b", 2}}, {}}), "y");
  CheckFirstMissing(rejecting_stock.Reserve({kMovementId, {{"a", 11}, {"y", 1}}, {}}), "y");
  CheckSettled(10, 10, "");
}

TEST(StockContract, WhatIsGivenBackNeedsNoProduct) {
  CHECK_OK(rejecting_stock.Reserve({kMovementId, {{"a", 3}}, {{"y", 1}}}));
  const StockMovement other{kOtherMovementId, {}, {{"y", 1}}};
  CHECK_OK(stock.Reserve(other));
  CHECK_OK(stock.Confirm(other, OrderEvent::kUpdated, 1));
  Product product;
  CHECK_STATUS(StatusCode::kNotFound, products.Get("y", &product));
  CHECK_EQUAL(std::string("order_updated 1"), stores.events());
}

TEST(StockContract, RejectLetsAStockFallToZeroAndTakesNothingBeyond) {
  CheckInsufficient(rejecting_stock.Reserve({kMovementId, {{"a", 3}, {"b", 11}}, {{"a", 100}}}), "b");
  CheckSettled(10, 10, "");
  CHECK_OK(rejecting_stock.Reserve({kMovementId, {{"a", 10}}, {}}));
  CheckStocks(0, 10);
  CheckInsufficient(rejecting_stock.Reserve({kOtherMovementId, {{"a", 1}}, {}}), "a");
}

TEST(StockContract, BackorderLetsAStockFallBelowZeroAsFarAsADoubleIsExact) {
  constexpr int64_t kLowest = -9007199254740991;
  Put("a", kLowest + 5);
  CheckInsufficient(stock.Reserve({kMovementId, {{"a", 6}}, {}}), "a");
  CheckSettled(kLowest + 5, 10, "");
  CHECK_OK(stock.Reserve({kMovementId, {{"a", 5}}, {}}));
  CheckStocks(kLowest, 10);
  CheckInsufficient(stock.Reserve({kOtherMovementId, {{"a", 1}}, {}}), "a");
  Put("a", kLowest - 5);
  CheckInsufficient(stock.Reserve({kOtherMovementId, {{"a", 1}}, {}}), "a");
}

TEST(StockContract, TheLargestQuantitiesOfAnOrderAreExact) {
  constexpr int64_t kMost = int64_t{100} * 2147483647;
  Put("a", 2147483647);
  const StockMovement movement{kMovementId, {{"a", kMost}}, {{"b", kMost}}};
  CHECK_OK(stock.Reserve(movement));
  CheckStocks(2147483647 - kMost, 10);
  CHECK_OK(stock.Confirm(movement, OrderEvent::kUpdated, 1));
  const StockMovement other{kOtherMovementId, {{"b", kMost}}, {}};
  CHECK_OK(stock.Reserve(other));
  CheckStocks(2147483647 - kMost, 10);
  CHECK_OK(stock.Release(other));
  CheckStocks(2147483647 - kMost, 10 + kMost);
}

TEST(StockContract, AProductDeletedMeanwhileStaysDeleted) {
  for (const bool is_confirm : {true, false}) {
    setup();
    const StockMovement movement{kMovementId, {{"a", 3}, {"b", 1}}, {{"a", 2}, {"b", 2}}};
    CHECK_OK(stock.Reserve(movement));
    CHECK_OK(products.Delete("a"));
    CHECK_OK(is_confirm ? stock.Confirm(movement, OrderEvent::kUpdated, 1) : stock.Release(movement));
    Product product;
    CHECK_STATUS(StatusCode::kNotFound, products.Get("a", &product));
    CHECK_EQUAL(int64_t{is_confirm ? 11 : 10}, InStock("b"));
    CHECK_EQUAL(std::string(), Pending());
  }
}

TEST(StockContract, WhatComesBackGoesToTheProductThatHasTheIdThen) {
  const StockMovement movement{kMovementId, {{"a", 3}}, {}};
  CHECK_OK(stock.Reserve(movement));
  CHECK_OK(products.Delete("a"));
  Put("a", 100);
  CHECK_OK(stock.Release(movement));
  CheckStocks(103, 10);
}

TEST(StockContract, IdsOfWhateverBytesAreTakenAndGivenBack) {
  const std::string id = "a \"b\"\\/{}[]%\xC3\xA9\xF0\x9F\x9A\x80";
  Put(id, 10);
  const StockMovement movement{kMovementId, {{id, 3}}, {}};
  CHECK_OK(stock.Reserve(movement));
  CHECK_EQUAL(int64_t{7}, InStock(id));
  CHECK_OK(stock.Release(movement));
  CHECK_EQUAL(int64_t{10}, InStock(id));
  CheckFirstMissing(stock.Reserve({kMovementId, {{id + "?", 3}}, {}}), id + "?");
}

TEST(StockContract, AMovementMayTakeAndGiveBackAHundredProducts) {
  StockMovement movement{kMovementId, {}, {}};
  for (int i = 0; i < 100; ++i) {
    Put("p" + std::to_string(i), i);
    movement.take.push_back({"p" + std::to_string(i), 1});
  }
  CHECK_OK(stock.Reserve(movement));
  CHECK_EQUAL(int64_t{98}, InStock("p99"));
  CHECK_OK(stock.Release(movement));
  CHECK_EQUAL(int64_t{99}, InStock("p99"));
}

TEST(StockContract, AMovementIsFoundAsItWasReserved) {
  const std::string odd = "a \"b\"\\/{}[]%\xC3\xA9\xF0\x9F\x9A\x80";
  Put(odd, 10);
  const StockMovement movement{kMovementId, {{"a", 3}, {odd, 1}}, {{"b", 2}}};
  CHECK_OK(stock.Reserve(movement));
  OverdueMovements overdue;
  CHECK_OK(stock.FindOverdue(std::chrono::milliseconds(-1000), &overdue));
  CHECK(std::vector<StockMovement>{movement} == overdue.movements);
}

TEST(StockContract, OverdueIsWhatHasBeenPendingForLongerThanTheAge) {
  CHECK_EQUAL(std::string(), Pending(std::chrono::seconds(0)));
  CHECK_OK(stock.Reserve({kMovementId, {{"a", 1}}, {}}));
  CHECK_OK(stock.Reserve({kOtherMovementId, {}, {{"a", 1}}}));
  CHECK_EQUAL(std::string(), Pending(std::chrono::hours(1)));
  CHECK_EQUAL(std::string(kMovementId) + " " + kOtherMovementId, Pending());
}

}  // namespace shop
