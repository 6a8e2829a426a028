// nginx and the worker agree about GET /orders. If nginx/lua/list_target.lua takes a target for plain, the worker lists
// what the key names, or nothing. Otherwise the cache would show one page for another, or a product as it was before.

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

// Remembers which page was asked for.
class ListedOrders : public FakeOrderStore {
 public:
  using FakeOrderStore::FakeOrderStore;

  std::optional<PageRequest> asked;

  Status List(int64_t after, size_t limit, OrderPage* page) override {
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

// `page` in the one spelling of its parameters, with those that `target` names.
std::string Spelling(const PageRequest& page, std::string_view target) {
  std::string spelling = "/orders";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (target.find(name) != std::string_view::npos) spelling.append("&").append(name).append(value);
  };
  add("limit=", std::to_string(page.limit));
  add("after=", std::to_string(page.after));
  add("expand=", "product");
  return spelling;
}

// nginx/lua/list_target.lua, in the Lua that nginx has.
class ListTarget {
 public:
  struct Plain {
    std::string target;
    std::string kind;
    bool is_expanded = false;
  };

  ListTarget() : lua_(luaL_newstate(), lua_close) {
    luaL_openlibs(lua_.get());
    if (luaL_dofile(lua_.get(), "nginx/lua/list_target.lua")) {
      std::fprintf(stderr, "%s\n", lua_tostring(lua_.get(), -1));
      std::exit(1);
    }
  }

  // list_target.plain(target)
  std::optional<Plain> PlainTarget(std::string_view target) const {
    lua_State* lua = lua_.get();
    lua_getfield(lua, 1, "plain");
    lua_pushlstring(lua, target.data(), target.size());
    Require(lua_pcall(lua, 1, 3, 0) == 0, "plain raises no error");
    std::optional<Plain> plain;
    if (lua_isstring(lua, -3)) plain = {lua_tostring(lua, -3), lua_tostring(lua, -2), lua_toboolean(lua, -1) != 0};
    lua_settop(lua, 1);
    return plain;
  }

 private:
  std::unique_ptr<lua_State, void (*)(lua_State*)> lua_;
};

void CheckTarget(const std::string& target) {
  static const ListTarget list_target;
  const std::optional<ListTarget::Plain> plain = list_target.PlainTarget(target);
  if (!plain || plain->kind != "orders") return;
  Require(plain->target.size() <= 60, "the target in the key is short");
  const std::optional<PageRequest> listed = WorkersList(plain->target);
  Require(WorkersList(target) == listed, "the target in the key is for the same list");
  if (!listed) return;
  Require(plain->is_expanded == listed->is_expanded, "nginx knows which lists show products");
  Require(plain->target.size() == Spelling(*listed, plain->target).size(),
          "a list has one spelling, except for the order of its parameters");
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A target has no NUL: nginx answers 400.
  const std::string target(reinterpret_cast<const char*>(data), size);
  if (target.find('\0') == std::string::npos) shop::CheckTarget(target);
  return 0;
}
