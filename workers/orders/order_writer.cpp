#include "workers/orders/order_writer.h"

#include "workers/common/uri.h"
#include "workers/products/product_writer.h"

namespace shop {
namespace {

void WriteExpansion(const std::string& product_id, const Expansion& expansion, JsonWriter* json) {
  json->Key("image").String(expansion.image_root + "/" + PercentEncode(product_id) + ".jpg");
  json->Key("product");
  const auto product = expansion.products.find(product_id);
  if (product != expansion.products.end()) {
    WriteProduct(product->second, json);
  } else {
    json->Null();
  }
}

}  // namespace

void WriteOrder(const Order& order, const Expansion* expansion, JsonWriter* json) {
  json->BeginObject();
  json->Key("id").Int(order.id);
  json->Key("order_details").BeginArray();
  for (const OrderDetail& detail : order.details) {
    json->BeginObject();
    json->Key("id").Int(detail.id);
    json->Key("product_id").String(detail.product_id);
    json->Key("price").String(detail.price.ToString());
    json->Key("quantity").Int(detail.quantity);
    if (expansion != nullptr) WriteExpansion(detail.product_id, *expansion, json);
    json->EndObject();
  }
  json->EndArray();
  json->EndObject();
}

}  // namespace shop
