#include "workers/common/postgres_hosts.h"

#include <sched.h>
#include <sys/mount.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

namespace shop {
namespace {

// Gives this process, which must be a fork of the tests', names of its own: `hosts` is its /etc/hosts.
bool UseHosts(const std::string& hosts) {
  const bool is_apart = unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
  return is_apart && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount(hosts.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
}

}  // namespace

TEST_GROUP(PgHosts) {
  TempFolder folder;

  static void CheckHosts(const std::vector<PgHost>& expected, const std::optional<std::vector<PgHost>>& hosts) {
    CHECK(hosts.has_value());
    CHECK(expected == *hosts);
  }
};

TEST(PgHosts, AStringWithoutAHostHasOneThatLibpqChooses) {
  CheckHosts({{"", "", ""}}, ParsePgHosts("", "", ""));
  CheckHosts({{"", "", "5433"}}, ParsePgHosts("", "", "5433"));
}

TEST(PgHosts, EachHostHasItsAddressAndItsPort) {
  CheckHosts({{"a", "", ""}, {"b", "", ""}}, ParsePgHosts("a,b", "", ""));
  CheckHosts({{"a", "", "1"}, {"b", "", "1"}}, ParsePgHosts("a,b", "", "1"));
  CheckHosts({{"a", "10.0.0.1", "1"}, {"b", "::1", "2"}}, ParsePgHosts("a,b", "10.0.0.1,::1", "1,2"));
  CheckHosts({{"", "10.0.0.1", ""}, {"", "10.0.0.2", ""}}, ParsePgHosts("", "10.0.0.1,10.0.0.2", ""));
}

TEST(PgHosts, ListsThatDoNotFitAreNone) {
  const char* const kLists[][3] = {{"a,b", "10.0.0.1", ""}, {"a", "10.0.0.1,10.0.0.2", ""},
                                   {"a,b", "", "1,2,3"},    {"a", "", "1,2"},
                                   {"a,", "", ""},          {",a", "", ""},
                                   {"a,,b", "", ""},        {"a,b", "10.0.0.1,", ""},
                                   {"a,b", "", "1,"},       {"", "", "1,2"}};
  for (const auto& [host, hostaddr, port] : kLists) CHECK_FALSE_TEXT(ParsePgHosts(host, hostaddr, port), host);
}

TEST(PgHosts, OnlyNamesAreLookedUp) {
  const std::vector<PgHost> hosts = {
      {"", "", ""}, {"/run/postgresql", "", "1"}, {"@abstract", "", ""}, {"nowhere.invalid", "10.0.0.1", ""}};
  CheckHosts(hosts, WithAddresses(hosts));
}

TEST(PgHosts, AnAddressIsItsOwnAndANameWithoutOneStays) {
  CheckHosts({{"127.0.0.1", "127.0.0.1", ""}, {"::1", "::1", "2"}, {"nowhere.invalid", "", ""}},
             WithAddresses({{"127.0.0.1", "", ""}, {"::1", "", "2"}, {"nowhere.invalid", "", ""}}));
}

TEST(PgHosts, EachAddressOfANameIsAHostOfItsOwn) {
  const std::string path = folder.path() + "/hosts";
  std::ofstream(path) << "127.0.0.2 store.test\n127.0.0.3 store.test\n";
  ChildProcess process([&] {
    if (!UseHosts(path)) return 2;
    const std::vector<PgHost> hosts = WithAddresses({{"store.test", "", "1"}, {"/run/postgresql", "", "2"}});
    return hosts == std::vector<PgHost>{{"store.test", "127.0.0.2", "1"},
                                        {"store.test", "127.0.0.3", "1"},
                                        {"/run/postgresql", "", "2"}}
               ? 0
               : 1;
  });
  CHECK_EQUAL(std::optional(0), process.Wait());
}

}  // namespace shop
