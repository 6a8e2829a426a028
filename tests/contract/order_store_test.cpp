#include "workers/orders/order_store.h"

#include "tests/contract/stores.h"
#include "tests/support/checks.h"
#include "workers/common/uuid.h"

namespace shop {
namespace {

Money Price(std::string_view text) {
  return Money::Parse(text).value();
}

// "7 v0: 1 a 1.00 x 3, 2 b 2.00 x 2"
std::string Text(const Order& order) {
  std::string text = std::to_string(order.id) + " v" + std::to_string(order.version) + ":";
  for (const OrderDetail& detail : order.details) {
    text += (text.ends_with(':') ? " " : ", ") + std::to_string(detail.id) + " " + detail.product_id + " " +
            detail.price.ToString() + " x " + std::to_string(detail.quantity);
  }
  return text;
}

}  // namespace

TEST_GROUP(OrderStoreContract) {
  Stores stores = MakeStores();
  OrderStore& store = stores.orders;
  int64_t id = 0;
  Order order;
  bool recorded = false;
  KeyUse use;

  void Create(const NewOrder& new_order = {{"a", Price("1"), 3}, {"b", Price("2"), 2}}) {
    CHECK_OK(store.Create(NewUuid(), new_order, {}, &id));
  }
  UnusedKey Unused(const IdempotentRequest& request) {
    CHECK_OK(store.FindKeyUse(request, &use));
    CHECK(KeyUse::kUnused == use.kind);
    return {request.key, use.body_hash};
  }
  Order Get(int64_t order_id) {
    Order found;
    CHECK_OK(store.Get(order_id, &found));
    return found;
  }
  std::string Stored(int64_t order_id) {
    return Text(Get(order_id));
  }

  // "1 v0: 1 a 1.00 x 3; 2 v0: 2 b 2.00 x 2; more"
  std::string List(int64_t after, size_t limit) {
    OrderPage page{{std::vector<Order>(7), true}, 7};
    CHECK_OK(store.List(after, limit, &page));
    std::string text;
    for (const Order& listed : page.items) text += (text.empty() ? "" : "; ") + Text(listed);
    if (page.has_more) {
      CHECK(page.follower > page.items.back().id);
      Get(page.follower);
    }
    return text + (page.has_more ? "; more" : "");
  }

  // Update and Delete of `read` are not recorded: they change nothing and do not use up the movement's id.
  void CheckStale(const Order& read) {
    const std::string before = List(0, 10);
    const std::string movement_id = NewUuid();
    for (const bool is_update : {true, false}) {
      recorded = true;
      CHECK_OK(is_update ? store.Update(movement_id, read, {{1, "a", Price("1"), 5}}, &recorded)
                         : store.Delete(movement_id, read, &recorded));
      CHECK_FALSE(recorded);
    }
    CHECK_EQUAL(before, List(0, 10));
    CHECK_OK(store.Create(movement_id, {{"a", Price("1"), 3}}, {}, &id));
  }
};

TEST(OrderStoreContract, CreateGivesTheIdOfTheOrderThatGetFinds) {
  CHECK_OK(store.Create(NewUuid(), {{"a", Price("1"), 3}, {"b", Price("100000.99"), 2}}, {}, &id));
  CHECK_EQUAL(int64_t{1}, id);
  CHECK_EQUAL(std::string("1 v0: 1 a 1.00 x 3, 2 b 100000.99 x 2"), Stored(1));
  Create();
  CHECK_EQUAL(int64_t{2}, id);
  CHECK_EQUAL(std::string("2 v0: 3 a 1.00 x 3, 4 b 2.00 x 2"), Stored(2));
}

TEST(OrderStoreContract, DetailsHaveTheirIdsInTheOrderInWhichTheyCame) {
  NewOrder many;
  std::string expected = "1 v0:";
  for (int i = 1; i <= 100; ++i) {
    const std::string product_id = "p" + std::to_string((i * 37) % 101);
    many.push_back({product_id, Price("1"), i});
    expected += (i == 1 ? " " : ", ") + std::to_string(i) + " " + product_id + " 1.00 x " + std::to_string(i);
  }
  Create(many);
  CHECK_EQUAL(expected, Stored(1));
}

TEST(OrderStoreContract, ValuesAreKeptExactly) {
  const NewOrder odd = {
      {"NULL", Price("0"), 1},
      {"a \"b\"\\,{}'$1", Price("0.01"), 2147483647},
      {"\xC3\xA9\xF0\x9F\x9A\x80", Price("9999999999999999.99"), 1},
      {" ", Price("1234567890123456.70"), 1},
      {std::string(128, 'x'), Price("1"), 1},
  };
  Create(odd);
  const Order stored = Get(1);
  CHECK_EQUAL(odd.size(), stored.details.size());
  for (size_t i = 0; i < odd.size(); ++i) {
    CHECK_EQUAL(odd[i].product_id, stored.details[i].product_id);
    CHECK_EQUAL(odd[i].price.ToString(), stored.details[i].price.ToString());
    CHECK_EQUAL(odd[i].quantity, stored.details[i].quantity);
  }
}

TEST(OrderStoreContract, NothingIsWrittenUnderAMovementThatIsRecorded) {
  const std::string movement_id = NewUuid();
  CHECK_OK(store.Create(movement_id, {{"a", Price("1"), 3}}, {}, &id));
  order = Get(1);
  const IdempotentRequest request{"key", "body"};
  for (const Status& status : {store.Create(movement_id, {{"a", Price("1"), 3}}, Unused(request), &id),
                               store.Update(movement_id, order, {{1, "a", Price("9"), 9}}, &recorded),
                               store.Delete(movement_id, order, &recorded)}) {
    CHECK_STATUS(StatusCode::kAlreadyExists, status);
    CHECK_EQUAL(std::string("stock_movements_pkey"), status.message());
  }
  CHECK_EQUAL(std::string("1 v0: 1 a 1.00 x 3"), List(0, 10));
  CHECK_OK(store.FindKeyUse(request, &use));
  CHECK(KeyUse::kUnused == use.kind);
}

TEST(OrderStoreContract, AnOrderThatDoesNotExistIsNotFound) {
  for (const int64_t missing : {int64_t{1}, int64_t{9223372036854775807}}) {
    const Status status = store.Get(missing, &order);
    CHECK_STATUS(StatusCode::kNotFound, status);
    CHECK_EQUAL("Order with id " + std::to_string(missing) + " not found", status.message());
  }
}

TEST(OrderStoreContract, UpdateChangesPriceAndQuantityOfTheNamedDetailsOfTheOrder) {
  Create({{"a", Price("1"), 3}, {"b", Price("2"), 2}, {"c", Price("3"), 1}});
  Create();
  const Money price = Price("9.99");
  CHECK_OK(
      store.Update(NewUuid(), Get(1), {{3, "x", price, 7}, {1, "a", Price("1"), 4}, {4, "a", price, 9}}, &recorded));
  CHECK(recorded);
  CHECK_EQUAL(std::string("1 v1: 1 a 1.00 x 4, 2 b 2.00 x 2, 3 c 9.99 x 7; 2 v0: 4 a 1.00 x 3, 5 b 2.00 x 2"),
              List(0, 10));
}

TEST(OrderStoreContract, DeleteRemovesTheOrderAndNoOther) {
  Create();
  Create();
  CHECK_OK(store.Delete(NewUuid(), Get(1), &recorded));
  CHECK(recorded);
  CHECK_STATUS(StatusCode::kNotFound, store.Get(1, &order));
  CHECK_EQUAL(std::string("2 v0: 3 a 1.00 x 3, 4 b 2.00 x 2"), List(0, 10));
}

TEST(OrderStoreContract, NothingIsWrittenToAnOrderThatHasChangedSinceItWasRead) {
  Create();
  const Order read = Get(1);
  CHECK_OK(store.Update(NewUuid(), read, {{1, "a", Price("1"), 4}}, &recorded));
  CheckStale(read);
}

TEST(OrderStoreContract, NothingIsWrittenToAnOrderThatIsGone) {
  Create();
  const Order read = Get(1);
  CHECK_OK(store.Delete(NewUuid(), read, &recorded));
  CheckStale(read);
}

TEST(OrderStoreContract, AKeyIsUsedUpWithItsOrderAndKnowsItsBody) {
  const IdempotentRequest request{"key", R"({"price": "ä"})"};
  const UnusedKey key = Unused(request);
  CHECK_OK(store.Create(NewUuid(), {{"a", Price("1"), 1}}, key, &id));
  const Status status = store.Create(NewUuid(), {{"a", Price("1"), 1}}, key, &id);
  CHECK_STATUS(StatusCode::kAlreadyExists, status);
  CHECK_EQUAL(std::string("idempotency_keys_pkey"), status.message());
  CHECK_EQUAL(std::string("1 v0: 1 a 1.00 x 1"), List(0, 10));
  CHECK_OK(store.Delete(NewUuid(), Get(1), &recorded));
  CHECK_OK(store.FindKeyUse(request, &use));
  CHECK(KeyUse::kSameRequest == use.kind);
  CHECK_EQUAL(int64_t{1}, use.order_id);
  CHECK_OK(store.FindKeyUse({"key", R"({"price": "a"})"}, &use));
  CHECK(KeyUse::kOtherRequest == use.kind);
  CHECK_OK(store.FindKeyUse({"another key", request.body}, &use));
  CHECK(KeyUse::kUnused == use.kind);
}

TEST(OrderStoreContract, AListIsAPageOfWholeOrdersAndTellsWhetherThereAreMore) {
  CHECK_EQUAL(std::string(), List(0, 10));
  Create();
  for (int i = 0; i < 3; ++i) Create({{"c", Price("1"), 1}});
  CHECK_OK(store.Delete(NewUuid(), Get(3), &recorded));
  CHECK_OK(store.Update(NewUuid(), Get(2), {}, &recorded));
  const std::string first = "1 v0: 1 a 1.00 x 3, 2 b 2.00 x 2";
  const std::string second = "2 v1: 3 c 1.00 x 1";
  const std::string last = "4 v0: 5 c 1.00 x 1";
  CHECK_EQUAL(first + "; " + second + "; " + last, List(0, 10));
  CHECK_EQUAL(first + "; " + second + "; " + last, List(0, 3));
  CHECK_EQUAL(first + "; " + second + "; more", List(0, 2));
  CHECK_EQUAL(first + "; more", List(0, 1));
  CHECK_EQUAL(second + "; " + last, List(1, 2));
  CHECK_EQUAL(last, List(2, 1));
  CHECK_EQUAL(last, List(3, 2));
  CHECK_EQUAL(std::string(), List(4, 2));
  CHECK_EQUAL(std::string(), List(9223372036854775807, 2));
}

}  // namespace shop
