// nginx and the worker agree about GET /orders: nginx/lua/list_key.lua gives a canonical target if and only if the
// worker takes the target as it was sent, and the worker reads both alike. Else the cache would show one page for
// another, or keep an error.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <luajit-2.1/lua.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/fuzz/property.h"
#include "tests/support/ask.h"
#include "tests/support/fake_shop.h"
#include "workers/orders/order_handlers.h"

namespace shop {
namespace {

// What a target asks for.
struct PageRequest {
  int64_t after = 0;
  size_t limit = 0;
  bool is_expanded = false;

  friend bool operator==(const PageRequest&, const PageRequest&) = default;
};

// Notes what is asked of it.
class ListedOrders : public FakeOrderStore {
 public:
  using FakeOrderStore::FakeOrderStore;

  std::optional<PageRequest> asked;

  Status List(int64_t after, size_t limit, Page<Order>* page) override {
    asked = {after, limit, false};
    return FakeOrderStore::List(after, limit, page);
  }
};

// What the worker lists for `target`; nothing if it lists nothing.
std::optional<PageRequest> WorkersList(std::string_view target) {
  FakeShop shop;
  ListedOrders orders(&shop.calls);
  const Router router(OrderResources({&orders, &shop.products, &shop.checkout, ""}), &shop.logger);
  const HttpResponse response = Ask(router, "GET", target);
  if (!orders.asked) return std::nullopt;
  Require(response.status == 200, "what is listed is answered");
  orders.asked->is_expanded = shop.calls.TakeMade().find("products.GetMany") != std::string::npos;
  return orders.asked;
}

// nginx/lua/list_key.lua, in the Lua that nginx has.
class ListKey {
 public:
  struct Canonical {
    std::string target;
    bool is_expanded = false;
  };

  ListKey() : lua_(luaL_newstate(), lua_close) {
    luaL_openlibs(lua_.get());
    if (luaL_dofile(lua_.get(), "nginx/lua/list_key.lua")) {
      std::fprintf(stderr, "%s\n", lua_tostring(lua_.get(), -1));
      std::exit(1);
    }
  }

  // list_key.canonical_target(target)
  std::optional<Canonical> CanonicalTarget(std::string_view target) const {
    lua_State* lua = lua_.get();
    lua_getfield(lua, 1, "canonical_target");
    lua_pushlstring(lua, target.data(), target.size());
    Require(lua_pcall(lua, 1, 2, 0) == 0, "canonical_target raises no error");
    std::optional<Canonical> canonical;
    if (lua_isstring(lua, -2)) canonical = {lua_tostring(lua, -2), lua_toboolean(lua, -1) != 0};
    lua_settop(lua, 1);
    return canonical;
  }

 private:
  std::unique_ptr<lua_State, void (*)(lua_State*)> lua_;
};

void CheckTarget(const std::string& target) {
  static const ListKey list_key;
  const std::optional<PageRequest> sent = WorkersList(target);
  const std::optional<ListKey::Canonical> canonical = list_key.CanonicalTarget(target);
  Require(canonical.has_value() == sent.has_value(), "nginx caches what the worker lists, and nothing else");
  if (!canonical) return;
  Require(WorkersList(canonical->target) == sent, "the canonical target asks for the same list");
  Require(canonical->is_expanded == sent->is_expanded, "nginx knows which lists show products");
  Require(list_key.CanonicalTarget(canonical->target)->target == canonical->target, "a list has one canonical target");
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A target has no NUL: nginx answers 400.
  const std::string target(reinterpret_cast<const char*>(data), size);
  if (target.find('\0') == std::string::npos) shop::CheckTarget(target);
  return 0;
}
