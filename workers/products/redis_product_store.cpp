#include "workers/products/redis_product_store.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "workers/common/integer.h"
#include "workers/common/utf8.h"

namespace shop {
namespace {

constexpr char kKeyPrefix[] = "products:";
constexpr char kIndexKey[] = "product_index";

constexpr RedisScript kPutProduct{
    "put_product",
#include "workers/products/lua/put_product.lua.inc"
};
constexpr RedisScript kUpdateProduct{
    "update_product",
#include "workers/products/lua/update_product.lua.inc"
};
constexpr RedisScript kDeleteProduct{
    "delete_product",
#include "workers/products/lua/delete_product.lua.inc"
};
constexpr RedisScript kListProducts{
    "list_products",
#include "workers/products/lua/list_products.lua.inc"
};
constexpr RedisScript kIndexProducts{
    "index_products",
#include "workers/products/lua/index_products.lua.inc"
};
constexpr const RedisScript* kProductScripts[] = {&kPutProduct, &kUpdateProduct, &kDeleteProduct, &kListProducts,
                                                  &kIndexProducts};

// The fields of a hash, in the order of the scripts' FIELDS.
enum Field { kId, kTitle, kPassengerCapacity, kMaximumSpeed, kInStock, kFieldCount };

RedisCommand ReadCommand(const std::string& id) {
  return {"HMGET", ProductKey(id), "id", "title", "passenger_capacity", "maximum_speed", "in_stock"};
}

// An integer in the one form that the scripts' is_integer takes.
std::optional<int64_t> ToInteger(std::string_view text) {
  const auto integer = text.size() <= 18 ? ParseInteger<int64_t>(text) : std::nullopt;
  return integer && std::to_string(*integer) == text ? integer : std::nullopt;
}

// A product by the rules of the scripts' read_product. Another program may have written it: bytes that are not UTF-8
// are shown as replacement characters, so that the product can be found and mended.
std::optional<Product> ToProduct(const RedisValue& fields) {
  if (fields.size() != kFieldCount || fields[kId].IsNil() || fields[kTitle].IsNil()) return std::nullopt;
  const auto passenger_capacity = ToInteger(fields[kPassengerCapacity].Text());
  const auto maximum_speed = ToInteger(fields[kMaximumSpeed].Text());
  const auto in_stock = ToInteger(fields[kInStock].Text());
  if (!passenger_capacity || !maximum_speed || !in_stock) return std::nullopt;
  return Product{ToUtf8(fields[kId].Text()), ToUtf8(fields[kTitle].Text()), *passenger_capacity, *maximum_speed,
                 *in_stock};
}

// Nothing, too, if the product under the key of `id` has another id.
std::optional<Product> ToProductOf(const std::string& id, const RedisValue& fields) {
  std::optional<Product> product = ToProduct(fields);
  if (product && product->id != id) product.reset();
  return product;
}

void AppendField(const char* name, const std::optional<int64_t>& value, std::vector<std::string>* arguments) {
  if (value) arguments->insert(arguments->end(), {name, std::to_string(*value)});
}

}  // namespace

std::string ProductKey(std::string_view id) {
  return kKeyPrefix + std::string(id);
}

std::span<const RedisScript* const> RedisProductStore::Scripts() {
  return kProductScripts;
}

Status RedisProductStore::Put(const Product& product) {
  const std::string keys[] = {ProductKey(product.id), kIndexKey};
  const std::string arguments[] = {product.id, product.title, std::to_string(product.passenger_capacity),
                                   std::to_string(product.maximum_speed), std::to_string(product.in_stock)};
  RedisReply reply;
  return redis_->WriteScript(kPutProduct, keys, arguments, &reply);
}

Status RedisProductStore::Get(const std::string& id, Product* product) {
  const RedisCommand command = ReadCommand(id);
  std::vector<RedisReply> replies;
  if (Status status = redis_->Read({&command, 1}, &replies); !status.ok()) return status;
  std::optional<Product> found = ToProductOf(id, replies.front().value());
  if (!found) return ProductNotFound(id);
  *product = *std::move(found);
  return Status::Ok();
}

Status RedisProductStore::GetMany(std::span<const std::string> ids, std::vector<std::optional<Product>>* products) {
  products->clear();
  if (ids.empty()) return Status::Ok();
  std::vector<RedisCommand> commands;
  commands.reserve(ids.size());
  for (const std::string& id : ids) commands.push_back(ReadCommand(id));
  std::vector<RedisReply> replies;
  if (Status status = redis_->Read(commands, &replies); !status.ok()) return status;
  for (size_t i = 0; i < ids.size(); ++i) {
    products->push_back(ToProductOf(ids[i], replies[i].value()));
  }
  return Status::Ok();
}

Status RedisProductStore::Update(const std::string& id, const ProductUpdate& update, Product* product) {
  const std::string keys[] = {ProductKey(id)};
  std::vector<std::string> arguments;
  if (update.title) arguments = {"title", *update.title};
  AppendField("passenger_capacity", update.passenger_capacity, &arguments);
  AppendField("maximum_speed", update.maximum_speed, &arguments);
  AppendField("in_stock", update.in_stock, &arguments);
  RedisReply reply;
  if (Status status = redis_->WriteScript(kUpdateProduct, keys, arguments, &reply); !status.ok()) return status;
  std::optional<Product> updated = ToProduct(reply.value());
  if (!updated) return ProductNotFound(id);
  *product = *std::move(updated);
  return Status::Ok();
}

Status RedisProductStore::Delete(const std::string& id) {
  const std::string keys[] = {ProductKey(id), kIndexKey};
  RedisReply reply;
  if (Status status = redis_->WriteScript(kDeleteProduct, keys, {&id, 1}, &reply); !status.ok()) return status;
  return reply.value().Integer() == 1 ? Status::Ok() : ProductNotFound(id);
}

Status RedisProductStore::List(const std::optional<std::string>& after, size_t limit, Page<Product>* page) {
  const std::string keys[] = {kIndexKey};
  const std::string arguments[] = {after ? "(" + *after : "-", std::to_string(limit), std::to_string(kMaxPageSize)};
  RedisReply reply;
  if (Status status = redis_->ReadScript(kListProducts, keys, arguments, &reply); !status.ok()) return status;
  const RedisValue found = reply.value()[0];
  page->items.clear();
  for (size_t i = 0; i < found.size(); ++i) {
    if (std::optional<Product> product = ToProduct(found[i])) page->items.push_back(*std::move(product));
  }
  page->has_more = reply.value()[1].Integer() == 1;
  return Status::Ok();
}

Status RedisProductStore::Ping() {
  return redis_->Ping();
}

Status RedisProductStore::BuildIndex(size_t* indexed, size_t* skipped, const std::function<void()>& after_step) {
  *indexed = *skipped = 0;
  std::string cursor = "0";
  do {
    const RedisCommand scan{"SCAN", cursor, "MATCH", kKeyPrefix + std::string("*"), "COUNT", "1000"};
    std::vector<RedisReply> replies;
    if (Status status = redis_->Read({&scan, 1}, &replies); !status.ok()) return status;
    cursor = replies.front().value()[0].Text();
    const RedisValue found = replies.front().value()[1];
    std::vector<std::string> keys{kIndexKey};
    for (size_t i = 0; i < found.size(); ++i) {
      const std::string_view key = found[i].Text();
      if (IsProductId(key.substr(std::min(key.size(), sizeof kKeyPrefix - 1)))) keys.emplace_back(key);
    }
    RedisReply reply;
    if (Status status = redis_->WriteScript(kIndexProducts, keys, {}, &reply); !status.ok()) return status;
    const auto added = static_cast<size_t>(reply.value().Integer());
    *indexed += added;
    *skipped += found.size() - added;
    if (after_step) after_step();
  } while (cursor != "0");
  return Status::Ok();
}

}  // namespace shop
