// The servers that a libpq connection string names (the PostgreSQL manual, section 34.1.1).

#ifndef WORKERS_COMMON_POSTGRES_HOSTS_H_
#define WORKERS_COMMON_POSTGRES_HOSTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

// What is empty is as libpq has it by default.
struct PgHost {
  std::string host;      // A name, an address, or the folder of a unix socket.
  std::string hostaddr;  // The address of `host`.
  std::string port;

  bool operator==(const PgHost&) const = default;
};

// The servers in the values of `host`, `hostaddr` and `port`, which are lists with commas. There is one at least.
// Nothing if the lists do not have as many items, or if one of several items is empty. One port may be for all.
std::optional<std::vector<PgHost>> ParsePgHosts(std::string_view host, std::string_view hostaddr,
                                                std::string_view port);

// Puts in place of each host whose address is not given one host for each address that its name has now. A name without
// an address stays. Nothing limits how long the resolver takes.
std::vector<PgHost> WithAddresses(const std::vector<PgHost>& hosts);

}  // namespace shop

#endif  // WORKERS_COMMON_POSTGRES_HOSTS_H_
