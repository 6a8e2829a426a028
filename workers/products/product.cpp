#include "workers/products/product.h"

#include "workers/common/slots.h"
#include "workers/common/utf8.h"

namespace shop {
namespace {

constexpr size_t kMaxIdSize = 128;

}  // namespace

bool IsProductId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdSize && id != "." && id != ".." && id.find('/') == std::string_view::npos &&
         IsUtf8(id) && !HasControlCharacter(id);
}

std::string ProductSlot(std::string_view id) {
  return Slot('p', id);
}

Status ProductNotFound(std::string_view id) {
  // The message leaves out what cannot be an id: it may not even be UTF-8.
  const std::string name = IsProductId(id) ? " " + std::string(id) : "";
  return Status::NotFound("PRODUCT_NOT_FOUND", "Product ID" + name + " does not exist");
}

}  // namespace shop
