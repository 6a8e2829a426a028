#include "workers/products/product_handlers.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "workers/common/etag.h"
#include "workers/common/health.h"
#include "workers/common/json.h"
#include "workers/common/paging.h"
#include "workers/common/slots.h"
#include "workers/common/uri.h"
#include "workers/products/product_parser.h"
#include "workers/products/product_writer.h"

namespace shop {
namespace {

std::string ToJson(const Product& product) {
  JsonWriter json;
  WriteProduct(product, &json);
  return json.Take();
}

Status CreateProduct(ProductStore* store, const HttpRequest& request, const std::string&, HttpResponse* response) {
  Product product;
  if (Status status = ParseNewProduct(request.body, &product); !status.ok()) return status;
  if (Status status = store->Put(product); !status.ok()) return status;
  JsonWriter json;
  json.BeginObject().Key("id").String(product.id).EndObject();
  response->body = json.Take();
  AddSlots(kChangedSlots, {ProductSlot(product.id)}, response);
  response->written_id = product.id;
  return Status::Ok();
}

Status GetProduct(ProductStore* store, const HttpRequest& request, const std::string& id, HttpResponse* response) {
  if (!IsProductId(id)) return ProductNotFound(id);
  Product product;
  if (Status status = store->Get(id, &product); !status.ok()) return status;
  response->body = ToJson(product);
  AddCacheHeaders(request, response);
  return Status::Ok();
}

using ProductUpdateParser = Status (*)(std::string_view body, std::string_view id, ProductUpdate* update);

Status UpdateProduct(ProductStore* store, ProductUpdateParser parse, const HttpRequest& request, const std::string& id,
                     HttpResponse* response) {
  ProductUpdate update;
  if (Status status = parse(request.body, id, &update); !status.ok()) return status;
  if (!IsProductId(id)) return ProductNotFound(id);
  Product product;
  if (Status status = store->Update(id, update, &product); !status.ok()) return status;
  response->body = ToJson(product);
  AddSlots(kChangedSlots, {ProductSlot(id)}, response);
  return Status::Ok();
}

Status DeleteProduct(ProductStore* store, const HttpRequest&, const std::string& id, HttpResponse* response) {
  if (!IsProductId(id)) return ProductNotFound(id);
  if (Status status = store->Delete(id); !status.ok()) return status;
  response->status = 204;
  AddSlots(kChangedSlots, {ProductSlot(id)}, response);
  return Status::Ok();
}

Status ListProducts(ProductStore* store, const HttpRequest& request, const std::string&, HttpResponse* response) {
  size_t limit = 0;
  if (Status status = ParseLimit(request.query, &limit); !status.ok()) return status;
  std::optional<std::string> after;
  if (Status status = QueryParameter(request.query, "after", &after); !status.ok()) return status;
  if (after && !IsProductId(*after)) return Status::BadRequest("The parameter after is not a product's id.");

  Page<Product> page;
  if (Status status = store->List(after, limit, &page); !status.ok()) return status;
  response->body = WritePage(WriteProduct, &page);
  if (page.has_more) {
    AddNextLink("/products?limit=" + std::to_string(limit) + "&after=" + PercentEncode(page.items.back().id), response);
  }
  AddCacheHeaders(request, response);
  return Status::Ok();
}

}  // namespace

std::vector<Resource> ProductResources(ProductStore* store) {
  using std::bind_front;
  return {
      {"/products", {{"GET", bind_front(ListProducts, store)}, {"POST", bind_front(CreateProduct, store)}}},
      {"/products/{id}",
       {{"GET", bind_front(GetProduct, store)},
        {"PUT", bind_front(UpdateProduct, store, ParseProductReplacement)},
        {"PATCH", bind_front(UpdateProduct, store, ParseProductPatch)},
        {"DELETE", bind_front(DeleteProduct, store)}}},
      HealthResource({{"redis", [=] { return store->Ping(); }}}),
  };
}

}  // namespace shop
