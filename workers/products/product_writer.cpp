#include "workers/products/product_writer.h"

namespace shop {

void WriteProduct(const Product& product, JsonWriter* json) {
  json->BeginObject();
  json->Key("id").String(product.id);
  json->Key("title").String(product.title);
  json->Key("passenger_capacity").Int(product.passenger_capacity);
  json->Key("maximum_speed").Int(product.maximum_speed);
  json->Key("in_stock").Int(product.in_stock);
  json->EndObject();
}

}  // namespace shop
