#include "workers/orders/checkout.h"

#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"

namespace shop {
namespace {

const NewOrder kNewOrder = {{"a", Price("1.00"), 3}, {"b", Price("2.00"), 2}};

}  // namespace

// 10 of a and 10 of b. After MakeOrder, order 1 holds 3 of a (detail 1) and 2 of b (detail 2).
TEST_GROUP(Checkout) {
  FakeShop shop;
  int64_t id = 0;
  Order updated, deleted;

  void setup() override {
    shop.AddProduct("a", 10);
    shop.AddProduct("b", 10);
  }

  void MakeOrder() {
    CHECK_OK(shop.checkout.Create(kNewOrder, {}, &id));
    shop.calls.TakeMade();
    shop.stock.events.clear();
  }

  // Does what another process would: updates order 1 to hold `quantity` of a, and the stock with it.
  void UpdateByOthers(int64_t quantity) {
    Order& order = shop.orders.orders[1];
    shop.products.products["a"].in_stock += order.details[0].quantity - quantity;
    order.details[0].quantity = quantity;
    ++order.version;
  }

  void CheckStock(int64_t a, int64_t b) {
    CHECK_EQUAL(a, shop.InStock("a"));
    CHECK_EQUAL(b, shop.InStock("b"));
    CHECK_EQUAL(int64_t{0}, shop.Lost("a"));
    CHECK_EQUAL(int64_t{0}, shop.Lost("b"));
    CHECK_EQUAL(size_t{0}, shop.stock.pending.size());
  }

  void CheckOnlyEvent(OrderEvent event) {
    CHECK_EQUAL(size_t{1}, shop.stock.events.size());
    CHECK(event == shop.stock.events[0].event);
    CHECK_EQUAL(int64_t{1}, shop.stock.events[0].order_id);
  }
};

TEST(Checkout, CreateTakesTheGoodsRecordsTheOrderAndTellsInThreeRoundTrips) {
  CHECK_OK(shop.checkout.Create(kNewOrder, {}, &id));
  CHECK_EQUAL(int64_t{1}, id);
  CHECK_EQUAL(std::string("stock.Reserve orders.Create stock.StartConfirm"), shop.calls.TakeMade());
  CheckStock(7, 8);
  CheckOnlyEvent(OrderEvent::kCreated);
}

TEST(Checkout, CreateTakesTheSumOfDetailsOfOneProduct) {
  CHECK_OK(shop.checkout.Create({{"a", Price("1.00"), 3}, {"b", Price("1.00"), 1}, {"a", Price("2.00"), 4}}, {}, &id));
  CheckStock(3, 9);
}

TEST(Checkout, CreateOfAProductThatDoesNotExistChangesNothing) {
  CHECK_STATUS(StatusCode::kNotFound,
               shop.checkout.Create({{"a", Price("1.00"), 1}, {"c", Price("1.00"), 1}}, {}, &id));
  CHECK_EQUAL(std::string("stock.Reserve"), shop.calls.TakeMade());
  CheckStock(10, 10);
}

TEST(Checkout, CreateOfMoreThanThereIsChangesNothing) {
  shop.stock.lowest_stock = 0;
  CHECK_STATUS(StatusCode::kConflict,
               shop.checkout.Create({{"a", Price("1.00"), 6}, {"a", Price("1.00"), 5}}, {}, &id));
  CHECK_EQUAL(std::string("stock.Reserve"), shop.calls.TakeMade());
  CheckStock(10, 10);
}

TEST(Checkout, UpdateMovesTheDifferenceAndGivesTheOrderAsItIsThen) {
  MakeOrder();
  CHECK_OK(shop.checkout.Update(1, {true, {{1, Price("9.99"), 5}, {2, {}, 1}}}, &updated));
  CHECK_EQUAL(std::string("locks.Lock orders.Get stock.Reserve orders.Update stock.Confirm locks.Unlock"),
              shop.calls.TakeMade());
  CheckStock(5, 9);
  CheckOnlyEvent(OrderEvent::kUpdated);
  CHECK_EQUAL(int64_t{1}, updated.id);
  CHECK_EQUAL(std::string("9.99"), updated.details[0].price.ToString());
  CHECK_EQUAL(int64_t{5}, updated.details[0].quantity);
  CHECK_EQUAL(std::string("2.00"), updated.details[1].price.ToString());
  CHECK_EQUAL(int64_t{1}, updated.details[1].quantity);
}

TEST(Checkout, OnlyAnUpdateThatGivesBackWaitsForItsConfirm) {
  MakeOrder();
  CHECK_OK(shop.checkout.Update(1, {false, {{1, {}, 4}}}, &updated));
  CHECK_EQUAL(std::string("locks.Lock orders.Get stock.Reserve orders.Update stock.StartConfirm locks.Unlock"),
              shop.calls.TakeMade());
  CHECK_OK(shop.checkout.Update(1, {false, {{1, {}, 3}}}, &updated));
  CHECK_EQUAL(std::string("locks.Lock orders.Get stock.Reserve orders.Update stock.Confirm locks.Unlock"),
              shop.calls.TakeMade());
}

TEST(Checkout, UpdateOfAPriceAloneIsRecordedAndMovesNoStock) {
  MakeOrder();
  CHECK_OK(shop.checkout.Update(1, {false, {{1, Price("9.99"), {}}}}, &updated));
  CheckStock(7, 8);
  CheckOnlyEvent(OrderEvent::kUpdated);
  CHECK_EQUAL(std::string("9.99"), shop.orders.orders[1].details[0].price.ToString());
}

TEST(Checkout, UpdateThatChangesNothingRecordsNothingAndGivesTheOrder) {
  MakeOrder();
  for (const OrderUpdate& update : {OrderUpdate{false, {}}, OrderUpdate{false, {{1, Price("1.00"), 3}}}}) {
    CHECK_OK(shop.checkout.Update(1, update, &updated));
    CHECK_EQUAL(std::string("locks.Lock orders.Get locks.Unlock"), shop.calls.TakeMade());
    CHECK_EQUAL(size_t{2}, updated.details.size());
  }
  CHECK_EQUAL(size_t{0}, shop.stock.events.size());
  CHECK_EQUAL(int64_t{0}, shop.orders.orders[1].version);
}

TEST(Checkout, UpdateThatDoesNotFitTheOrderChangesNothing) {
  MakeOrder();
  CHECK_STATUS(StatusCode::kValidationError, shop.checkout.Update(1, {false, {{1, {}, 5}, {9, {}, 5}}}, &updated));
  CHECK_EQUAL(std::string("locks.Lock orders.Get locks.Unlock"), shop.calls.TakeMade());
  CheckStock(7, 8);
}

TEST(Checkout, UpdateThatTakesMoreOfADeletedProductIsNotFoundAndChangesNothing) {
  MakeOrder();
  shop.products.products.erase("a");
  CHECK_STATUS(StatusCode::kNotFound, shop.checkout.Update(1, {false, {{1, {}, 4}, {2, {}, 1}}}, &updated));
  CHECK_EQUAL(std::string("locks.Lock orders.Get stock.Reserve locks.Unlock"), shop.calls.TakeMade());
  CHECK_EQUAL(int64_t{8}, shop.InStock("b"));
  CHECK_EQUAL(int64_t{3}, shop.orders.orders[1].details[0].quantity);
}

TEST(Checkout, DeleteGivesTheGoodsBack) {
  MakeOrder();
  CHECK_OK(shop.checkout.Delete(1, &deleted));
  CHECK_EQUAL(std::string("locks.Lock orders.Get stock.Reserve orders.Delete stock.Confirm locks.Unlock"),
              shop.calls.TakeMade());
  CheckStock(10, 10);
  CheckOnlyEvent(OrderEvent::kDeleted);
}

TEST(Checkout, AnOrderThatDoesNotExistIsNotFound) {
  CHECK_STATUS(StatusCode::kNotFound, shop.checkout.Update(1, {false, {{1, {}, 5}}}, &updated));
  CHECK_STATUS(StatusCode::kNotFound, shop.checkout.Delete(1, &deleted));
  CHECK_EQUAL(std::string("locks.Lock orders.Get locks.Unlock locks.Lock orders.Get locks.Unlock"),
              shop.calls.TakeMade());
}

TEST(Checkout, AnOrderIsLockedWhileItIsWritten) {
  MakeOrder();
  for (const bool is_update : {true, false}) {
    // The calls: lock, get, reserve, record, confirm, unlock.
    for (const size_t call : {size_t{2}, size_t{4}, size_t{5}}) {
      shop.calls.Before(call, [this] { CHECK(shop.locks.held.contains("order 1")); });
    }
    CHECK_OK(is_update ? shop.checkout.Update(1, {false, {{1, {}, 4}}}, &updated) : shop.checkout.Delete(1, &deleted));
    CHECK(shop.locks.held.empty());
  }
}

TEST(Checkout, NothingIsDoneWithoutTheLock) {
  MakeOrder();
  for (const bool is_update : {true, false}) {
    shop.calls.Fail(1, Status::Unavailable("made to fail"));
    CHECK_STATUS(StatusCode::kUnavailable, is_update ? shop.checkout.Update(1, {false, {{1, {}, 4}}}, &updated)
                                                     : shop.checkout.Delete(1, &deleted));
    CHECK_EQUAL(std::string("locks.Lock"), shop.calls.TakeMade());
  }
}

TEST(Checkout, AnOrderThatOthersChangeAllTheSameIsUnavailableAndNothingIsLeftReserved) {
  MakeOrder();
  for (const bool is_update : {true, false}) {
    shop.calls.Before(4, [this] { UpdateByOthers(6); });
    CHECK_STATUS(StatusCode::kUnavailable, is_update ? shop.checkout.Update(1, {false, {{1, {}, 4}}}, &updated)
                                                     : shop.checkout.Delete(1, &deleted));
    CheckStock(4, 8);
    CHECK_EQUAL(size_t{0}, shop.stock.events.size());
  }
}

}  // namespace shop
