#include "tests/support/fake_order_store.h"

namespace shop {

Status FakeOrderStore::Get(int64_t id, Order* order) {
  return calls_->Make("orders.Get", [&] {
    if (!orders.contains(id)) return OrderNotFound(id);
    *order = orders[id];
    return Status::Ok();
  });
}

Status FakeOrderStore::List(int64_t after, size_t limit, OrderPage* page) {
  return calls_->Make("orders.List", [&] {
    page->items.clear();
    auto next = orders.upper_bound(after);
    for (; next != orders.end() && page->items.size() < limit; ++next) page->items.push_back(next->second);
    page->has_more = next != orders.end();
    page->follower = page->has_more ? next->first : 0;
    return Status::Ok();
  });
}

Status FakeOrderStore::Create(const std::string& movement_id, const NewOrder& order,
                              const std::optional<UnusedKey>& key, int64_t* id) {
  return calls_->Make("orders.Create", [&] {
    if (key && keys.contains(key->key)) return Status::AlreadyExists("idempotency_keys_pkey");
    if (!movement_ids.insert(movement_id).second) return Status::AlreadyExists("stock_movements_pkey");
    Order created{++last_order_id_, 0, {}};
    for (const NewOrderDetail& detail : order) {
      created.details.push_back({++last_detail_id_, detail.product_id, detail.price, detail.quantity});
    }
    orders[created.id] = created;
    if (key) keys[key->key] = {key->body_hash, created.id};
    *id = created.id;
    return Status::Ok();
  });
}

Status FakeOrderStore::FindKeyUse(const IdempotentRequest& request, KeyUse* use) {
  return calls_->Make("orders.FindKeyUse", [&] {
    *use = {KeyUse::kUnused, 0, std::string(request.body)};  // A hash that tests can read.
    if (!keys.contains(request.key)) return Status::Ok();
    const auto& [body, order_id] = keys[request.key];
    use->kind = body == request.body ? KeyUse::kSameRequest : KeyUse::kOtherRequest;
    use->order_id = order_id;
    return Status::Ok();
  });
}

Status FakeOrderStore::Update(const std::string& movement_id, const Order& order,
                              const std::vector<OrderDetail>& changed, bool* recorded) {
  return calls_->Make("orders.Update", [&] {
    if (Status status = Record(movement_id, order, recorded); !status.ok() || !*recorded) return status;
    Order& stored = orders[order.id];
    ++stored.version;
    for (OrderDetail& detail : stored.details) {
      for (const OrderDetail& wanted : changed) {
        if (wanted.id == detail.id) detail = {detail.id, detail.product_id, wanted.price, wanted.quantity};
      }
    }
    return Status::Ok();
  });
}

Status FakeOrderStore::Delete(const std::string& movement_id, const Order& order, bool* recorded) {
  return calls_->Make("orders.Delete", [&] {
    Status status = Record(movement_id, order, recorded);
    if (status.ok() && *recorded) orders.erase(order.id);
    return status;
  });
}

Status FakeOrderStore::Ping() {
  return calls_->Make("orders.Ping", [] { return Status::Ok(); });
}

Status FakeOrderStore::Record(const std::string& movement_id, const Order& order, bool* recorded) {
  const auto stored = orders.find(order.id);
  *recorded = stored != orders.end() && stored->second.version == order.version;
  if (!*recorded || movement_ids.insert(movement_id).second) return Status::Ok();
  return Status::AlreadyExists("stock_movements_pkey");
}

}  // namespace shop
