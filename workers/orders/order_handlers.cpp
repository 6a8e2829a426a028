#include "workers/orders/order_handlers.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "workers/common/etag.h"
#include "workers/common/health.h"
#include "workers/common/json.h"
#include "workers/common/paging.h"
#include "workers/common/slots.h"
#include "workers/common/uri.h"
#include "workers/orders/order_parser.h"
#include "workers/orders/order_writer.h"

namespace shop {
namespace {

struct ListRequest {
  size_t limit = 0;
  int64_t after = 0;
  bool expand = false;
};

Status ParseListRequest(std::string_view query, ListRequest* list) {
  if (Status status = ParseLimit(query, &list->limit); !status.ok()) return status;
  std::optional<std::string> after;
  if (Status status = QueryParameter(query, "after", &after); !status.ok()) return status;
  if (after && *after != "0") {
    const std::optional<int64_t> id = ParseOrderId(*after);
    if (!id) return Status::BadRequest("The parameter after must be an order's id, or 0.");
    list->after = *id;
  }
  std::optional<std::string> expand;
  if (Status status = QueryParameter(query, "expand", &expand); !status.ok()) return status;
  if (expand && *expand != "product") return Status::BadRequest("The parameter expand can only be product.");
  list->expand = expand.has_value();
  return Status::Ok();
}

std::string NextPage(const ListRequest& list, int64_t last_id) {
  return "/orders?limit=" + std::to_string(list.limit) + "&after=" + std::to_string(last_id) +
         (list.expand ? "&expand=product" : "");
}

// Fetches the products of the page that begins with `orders`, each once, in one round trip. Leaves out orders that no
// longer fit on the page, however small their products are.
Status FetchProducts(const OrderServices& services, std::span<const Order> orders, Expansion* expansion) {
  std::set<std::string> distinct;
  size_t size = 0;  // The least size of the orders in JSON. The image's name contains the product's id, too.
  for (const Order& order : orders) {
    if (size > kMaxPageSize) break;
    for (const OrderDetail& detail : order.details) {
      size += kSmallestDetail.size() + services.image_root.size() + 2 * detail.product_id.size();
      distinct.insert(detail.product_id);
    }
  }
  const std::vector<std::string> ids(distinct.begin(), distinct.end());
  std::vector<std::optional<Product>> products;
  if (Status status = services.products->GetMany(ids, &products); !status.ok()) return status;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (products[i]) expansion->products.emplace(ids[i], *std::move(products[i]));
  }
  return Status::Ok();
}

Status RespondWithOrder(const OrderServices& services, const Order& order, HttpResponse* response) {
  Expansion expansion{services.image_root, {}};
  if (Status status = FetchProducts(services, {&order, 1}, &expansion); !status.ok()) return status;
  JsonWriter json;
  WriteOrder(order, &expansion, &json);
  response->body = json.Take();
  return Status::Ok();
}

// The slots of an order's products.
template <typename Details>
Slots ProductSlots(const Details& details) {
  Slots slots;
  for (const auto& detail : details) slots.insert(ProductSlot(detail.product_id));
  return slots;
}

// A write of an order moves the stock of its products.
template <typename Details>
void AddChangedSlots(int64_t id, const Details& details, HttpResponse* response) {
  Slots slots = ProductSlots(details);
  slots.insert(OrderSlot(id));
  slots.insert(OrderBlock(id));
  AddSlots(kChangedSlots, slots, response);
}

Status ParseIdempotencyKey(const HttpRequest& request, std::optional<IdempotentRequest>* idempotent) {
  const std::optional<std::string> key = request.Header("idempotency-key");
  if (!key) return Status::Ok();
  if (!IsIdempotencyKey(*key)) {
    return Status::BadRequest("The Idempotency-Key must be 1 to 255 visible ASCII characters, and given once.");
  }
  *idempotent = {StoredKey(request.client, *key), request.body};
  return Status::Ok();
}

Status CreateOrder(const OrderServices& services, const HttpRequest& request, const std::string&,
                   HttpResponse* response) {
  std::optional<IdempotentRequest> idempotent;
  if (Status status = ParseIdempotencyKey(request, &idempotent); !status.ok()) return status;
  NewOrder order;
  if (Status status = ParseNewOrder(request.body, &order); !status.ok()) return status;
  int64_t id = 0;
  Status status = services.checkout->Create(order, idempotent, &id);
  if (status.Is(StatusCode::kUnknownOutcome) && status.message().empty()) {
    status.set_message(idempotent
                           ? "The order may have been created. Try again with the same Idempotency-Key: that finds "
                             "the order or creates it, whichever is right."
                           : "The order may have been created. Look it up before you try again; with an "
                             "Idempotency-Key trying again is safe.");
  }
  if (!status.ok()) return status;
  JsonWriter json;
  json.BeginObject().Key("id").Int(id).EndObject();
  response->body = json.Take();
  AddChangedSlots(id, order, response);
  response->written_id = std::to_string(id);
  return Status::Ok();
}

// The router passes on only ids that ParseOrderId takes.
int64_t ToOrderId(const std::string& id) {
  return ParseOrderId(id).value_or(0);
}

Status GetOrder(const OrderServices& services, const HttpRequest& request, const std::string& id,
                HttpResponse* response) {
  Order order;
  if (Status status = services.orders->Get(ToOrderId(id), &order); !status.ok()) return status;
  if (Status status = RespondWithOrder(services, order, response); !status.ok()) return status;
  AddCacheHeaders(request, response);
  AddSlots(kShownSlots, ProductSlots(order.details), response);
  return Status::Ok();
}

// The answer when a change of an order has failed.
Status ChangeFailed(Status status) {
  if (status.Is(StatusCode::kLocked)) {
    status.set_message("Another change of this order is at work. Nothing was changed; try again.");
  }
  return status;
}

using OrderUpdateParser = Status (*)(std::string_view body, OrderUpdate* update);

Status UpdateOrder(const OrderServices& services, OrderUpdateParser parse, const HttpRequest& request,
                   const std::string& id, HttpResponse* response) {
  OrderUpdate update;
  if (Status status = parse(request.body, &update); !status.ok()) return status;
  Order order;
  Status status = services.checkout->Update(ToOrderId(id), update, &order);
  if (!status.ok()) return ChangeFailed(status);
  status = RespondWithOrder(services, order, response);
  AddChangedSlots(order.id, order.details, response);
  if (!status.Is(StatusCode::kUnavailable)) return status;
  // Other than kUnavailable, which would say that nothing was written.
  status = Status::UnknownOutcome(status.detail());
  status.set_message("The order was updated, but its products cannot be shown for the moment.");
  return status;
}

Status DeleteOrder(const OrderServices& services, const HttpRequest&, const std::string& id, HttpResponse* response) {
  Order order;
  if (Status status = services.checkout->Delete(ToOrderId(id), &order); !status.ok()) return ChangeFailed(status);
  response->status = 204;
  AddChangedSlots(order.id, order.details, response);
  return Status::Ok();
}

Status ListOrders(const OrderServices& services, const HttpRequest& request, const std::string&,
                  HttpResponse* response) {
  ListRequest list;
  if (Status status = ParseListRequest(request.query, &list); !status.ok()) return status;
  OrderPage page;
  if (Status status = services.orders->List(list.after, list.limit, &page); !status.ok()) return status;
  Expansion expansion{services.image_root, {}};
  const auto write_order = [&](const Order& order, JsonWriter* json) {
    WriteOrder(order, list.expand ? &expansion : nullptr, json);
  };
  if (list.expand) {
    if (Status status = FetchProducts(services, page.items, &expansion); !status.ok()) return status;
  }
  const int64_t last_read = page.items.empty() ? 0 : page.items.back().id;
  response->body = WritePage(write_order, &page);
  if (page.has_more) AddNextLink(NextPage(list, page.items.back().id), response);
  AddCacheHeaders(request, response);
  // The page stays the same as long as its orders do, and the one after them, for which it has its link.
  if (page.has_more) {
    const int64_t follower = page.items.back().id < last_read ? last_read : page.follower;
    AddSlots(kShownSlots, OrderBlocks(list.after + 1, follower), response);
  }
  return Status::Ok();
}

}  // namespace

std::vector<Resource> OrderResources(const OrderServices& services) {
  using std::bind_front;
  return {
      {"/orders", {{"GET", bind_front(ListOrders, services)}, {"POST", bind_front(CreateOrder, services)}}},
      {"/orders/{id}",
       {{"GET", bind_front(GetOrder, services)},
        {"PUT", bind_front(UpdateOrder, services, ParseOrderReplacement)},
        {"PATCH", bind_front(UpdateOrder, services, ParseOrderPatch)},
        {"DELETE", bind_front(DeleteOrder, services)}},
       [](std::string_view id) { return ParseOrderId(id).has_value(); }},
      HealthResource({
          {"postgres", [=] { return services.orders->Ping(); }},
          {"redis", [=] { return services.products->Ping(); }},
      }),
  };
}

}  // namespace shop
