#include "workers/common/postgres_hosts.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

namespace shop {
namespace {

std::vector<std::string> Split(std::string_view list) {
  std::vector<std::string> items;
  for (;;) {
    const size_t comma = list.find(',');
    items.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

// Whether the list is left out, or has an item for each host.
bool Fits(const std::vector<std::string>& list, size_t hosts) {
  if (list.size() == 1 && list[0].empty()) return true;
  return list.size() == hosts && std::find(list.begin(), list.end(), "") == list.end();
}

// A path, or the name of an abstract socket.
bool IsSocket(const std::string& host) {
  return host.starts_with('/') || host.starts_with('@');
}

std::vector<std::string> AddressesOf(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  return addresses;
}

}  // namespace

std::optional<std::vector<PgHost>> ParsePgHosts(std::string_view host, std::string_view hostaddr,
                                                std::string_view port) {
  const std::vector<std::string> names = Split(host);
  const std::vector<std::string> addresses = Split(hostaddr);
  std::vector<std::string> ports = Split(port);
  const size_t count = std::max(names.size(), addresses.size());
  if (ports.size() == 1) ports.resize(count, ports[0]);
  if (!Fits(names, count) || !Fits(addresses, count) || !(Fits(ports, count) || port.empty())) return std::nullopt;
  std::vector<PgHost> hosts;
  for (size_t i = 0; i < count; ++i) {
    hosts.push_back({names.size() == count ? names[i] : "", addresses.size() == count ? addresses[i] : "", ports[i]});
  }
  return hosts;
}

std::vector<PgHost> WithAddresses(const std::vector<PgHost>& hosts) {
  std::vector<PgHost> all;
  for (const PgHost& host : hosts) {
    const bool is_known = !host.hostaddr.empty() || host.host.empty() || IsSocket(host.host);
    const std::vector<std::string> addresses = is_known ? std::vector<std::string>() : AddressesOf(host.host);
    if (addresses.empty()) all.push_back(host);
    for (const std::string& address : addresses) all.push_back({host.host, address, host.port});
  }
  return all;
}

}  // namespace shop
