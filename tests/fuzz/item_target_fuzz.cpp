// nginx and the worker agree about GET /products/{id} and /orders/{id}. If nginx/lua/item_target.lua takes a target for
// one of a thing, the worker reads the same thing for it, and for the target in the key. Otherwise the cache would show
// one thing for another, or one as it was before.

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
#include "workers/common/uri.h"

namespace shop {
namespace {

struct Item {
  std::string id;
  std::string target;
};

// nginx/lua/item_target.lua, in the Lua that nginx has.
class ItemTarget {
 public:
  ItemTarget() : lua_(luaL_newstate(), lua_close) {
    luaL_openlibs(lua_.get());
    if (luaL_dofile(lua_.get(), "nginx/lua/item_target.lua")) {
      std::fprintf(stderr, "%s\n", lua_tostring(lua_.get(), -1));
      std::exit(1);
    }
  }

  // item_target.plain(kind, target)
  std::optional<Item> Plain(const char* kind, std::string_view target) const {
    lua_State* lua = lua_.get();
    lua_getfield(lua, 1, "plain");
    lua_pushstring(lua, kind);
    lua_pushlstring(lua, target.data(), target.size());
    Require(lua_pcall(lua, 2, 2, 0) == 0, "plain raises no error");
    std::optional<Item> item;
    if (lua_isstring(lua, -2)) item = {TextAt(-2), TextAt(-1)};
    lua_settop(lua, 1);
    return item;
  }

 private:
  std::string TextAt(int index) const {
    size_t size = 0;
    const char* text = lua_tolstring(lua_.get(), index, &size);
    return {text, size};
  }

  std::unique_ptr<lua_State, void (*)(lua_State*)> lua_;
};

// The id that a worker's handler gets for `target`; nothing if no handler gets any.
std::optional<std::string> WorkersId(const std::string& path, std::string_view target) {
  static const Logger logger("fuzz", LogLevel::kWarning);
  std::optional<std::string> asked;
  const auto note = [&](const HttpRequest&, const std::string& id, HttpResponse*) {
    asked = id;
    return Status::Ok();
  };
  const std::string pattern = path + "/{id}";
  const Router router({{pattern, {{"GET", note}}}}, &logger);
  Ask(router, "GET", target);
  return asked;
}

void CheckTarget(const char* kind, const std::string& target) {
  static const ItemTarget item_target;
  const std::string path = std::string("/") + kind;
  const std::optional<Item> item = item_target.Plain(kind, target);
  if (!item) return;
  Require(WorkersId(path, target) == item->id, "the worker reads what nginx has in mind");
  Require(WorkersId(path, item->target) == item->id, "the target in the key is for the same thing");
  Require(item->target == path + "/" + PercentEncode(item->id), "a thing has one target in a key");
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A target has no NUL: nginx answers 400.
  const std::string name(reinterpret_cast<const char*>(data), size);
  if (name.find('\0') != std::string::npos) return 0;
  shop::CheckTarget("products", "/products/" + name);
  shop::CheckTarget("orders", "/orders/" + name);
  shop::CheckTarget("products", name);
  return 0;
}
