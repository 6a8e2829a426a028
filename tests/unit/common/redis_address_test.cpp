#include "workers/common/redis_address.h"

#include <sys/stat.h>

#include <fstream>
#include <optional>
#include <string>

#include "tests/support/checks.h"
#include "tests/support/temp_folder.h"

namespace shop {

TEST_GROUP(RedisAddress) {
  TempFolder folder;
  std::string path = folder.path() + "/password";
  std::string password;

  std::string ErrorOf(const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    return ReadRedisPassword(path, &password);
  }
};

TEST(RedisAddress, APathIsASocket) {
  const std::optional<RedisAddress> address = ParseRedisAddress("/run/a:1/redis.sock");
  CHECK_EQUAL(std::string("/run/a:1/redis.sock"), address.value().socket);
  CHECK_EQUAL(std::string("/run/a:1/redis.sock"), address->Text());
}

TEST(RedisAddress, AHostHasAPort) {
  const struct {
    const char *text, *host;
    uint16_t port;
  } kAddresses[] = {{"localhost:6379", "localhost", 6379},
                    {"10.0.0.1:1", "10.0.0.1", 1},
                    {"store_1.example.com:65535", "store_1.example.com", 65535},
                    {"[::1]:6379", "::1", 6379},
                    {"[fe80::1%eth0]:6379", "fe80::1%eth0", 6379},
                    {"::1:6379", "::1", 6379}};
  for (const auto& [text, host, port] : kAddresses) {
    const std::optional<RedisAddress> address = ParseRedisAddress(text);
    CHECK_TEXT(address.has_value(), text);
    CHECK_EQUAL(std::string(host), address->host);
    CHECK_EQUAL(port, address->port);
    CHECK_EQUAL(std::string(), address->socket);
  }
}

TEST(RedisAddress, EverythingElseIsNone) {
  for (const char* text : {"",
                           ":",
                           "redis.sock",
                           "localhost",
                           "localhost:",
                           ":6379",
                           "[]:6379",
                           "localhost:0",
                           "localhost:65536",
                           "localhost:-1",
                           "localhost:+1",
                           "localhost:port",
                           "127.0.0.1:port",
                           "localhost: 1",
                           " localhost:1",
                           "local host:1",
                           "[::1:6379",
                           "::1]:6379",
                           "[::1]",
                           "redis://localhost:6379",
                           "user@localhost:6379",
                           "redis://:s3cret@localhost:6379",
                           "localhost:6379/0",
                           "a,b:6379"}) {
    CHECK_FALSE_TEXT(ParseRedisAddress(text).has_value(), text);
  }
}

TEST(RedisAddress, ThePasswordIsTheOnlyLineOfItsFile) {
  for (const char* text : {"s3cret", "s3cret\n"}) {
    CHECK_EQUAL(std::string(), ErrorOf(text));
    CHECK_EQUAL(std::string("s3cret"), password);
  }
  CHECK_EQUAL(std::string(), ErrorOf(" with blanks\t\n"));
  CHECK_EQUAL(std::string(" with blanks\t"), password);
  CHECK_EQUAL(std::string(), ErrorOf(std::string(1024, 'x') + "\n"));
  CHECK_EQUAL(std::string(1024, 'x'), password);
}

TEST(RedisAddress, AnotherFileIsRefusedAndItsTextIsNotShown) {
  CHECK_EQUAL(std::string("No such file or directory"), ReadRedisPassword(path, &password));
  CHECK_EQUAL(std::string("its path must begin with /"), ReadRedisPassword("password", &password));
  CHECK_EQUAL(std::string("it is no regular file"), ReadRedisPassword(folder.path(), &password));
  CHECK_EQUAL(std::string("it is no regular file"), ReadRedisPassword("/dev/null", &password));
  for (const char* text : {"", "\n"}) CHECK_EQUAL(std::string("it is empty"), ErrorOf(text));
  for (const std::string text : {"s3\ncret", "s3cret\n\n", "s3cret\r\n"}) {
    CHECK_EQUAL(std::string("it has more than one line"), ErrorOf(text));
  }
  CHECK_EQUAL(std::string("it has more than one line"), ErrorOf(std::string("s3\0cret", 7)));
  for (const size_t size : {1025U, 1026U, 100000U}) {
    CHECK_EQUAL(std::string("it has more than 1024 bytes"), ErrorOf(std::string(size, 'x')));
  }
}

TEST(RedisAddress, APipeThatNobodyWritesToIsRefusedAtOnce) {
  CHECK_EQUAL(0, mkfifo(path.c_str(), 0600));
  CHECK_EQUAL(std::string("it is no regular file"), ReadRedisPassword(path, &password));
}

}  // namespace shop
