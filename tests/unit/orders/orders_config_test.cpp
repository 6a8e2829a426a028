#include "workers/orders/orders_config.h"

#include <cstdlib>

#include "tests/support/checks.h"

namespace shop {
namespace {

constexpr const char* kVariables[] = {"REDIS_ADDRESS",     "REDIS_TIMEOUT_MS",       "LOG_LEVEL",
                                      "POSTGRES_CONNINFO", "POSTGRES_TIMEOUT_MS",    "LOCK_TIMEOUT_MS",
                                      "STOCK_POLICY",      "PRODUCT_IMAGE_ROOT",     "EVENTS_MAXLEN",
                                      "EVENTS_MAX_BYTES",  "RECONCILER_INTERVAL_MS", "RECONCILER_AGE_LIMIT_MS"};

}  // namespace

// The two required settings are set.
TEST_GROUP(OrdersConfig) {
  Environment environment;

  void setup() override {
    for (const char* name : kVariables) unsetenv(name);
    setenv("REDIS_ADDRESS", "/run/redis.sock", 1);
    setenv("POSTGRES_CONNINFO", "dbname=shop", 1);
  }
  void teardown() override {
    for (const char* name : kVariables) unsetenv(name);
  }
};

TEST(OrdersConfig, WhatIsLeftOutHasItsDefault) {
  const OrdersConfig config = ReadOrdersConfig(&environment);
  CHECK_EQUAL(std::string(), environment.error());
  CHECK_EQUAL(std::string("/run/redis.sock"), config.worker.redis.socket);
  CHECK(std::chrono::milliseconds(1000) == config.worker.redis_timeout);
  CHECK(LogLevel::kWarning == config.worker.log_level);
  CHECK_EQUAL(std::string("dbname=shop"), config.postgres_conninfo);
  CHECK(std::chrono::milliseconds(2000) == config.postgres_timeout);
  CHECK(std::chrono::milliseconds(500) == config.lock_timeout);
  CHECK(StockPolicy::kBackorder == config.stock_policy);
  CHECK_EQUAL(std::string("http://www.example.com/airship/images"), config.product_image_root);
  CHECK_EQUAL(int64_t{1'000'000}, config.events_maxlen);
  CHECK_EQUAL(int64_t{256 * 1024 * 1024}, config.events_max_bytes);
}

TEST(OrdersConfig, EverySettingIsRead) {
  setenv("REDIS_TIMEOUT_MS", "7", 1);
  setenv("LOG_LEVEL", "info", 1);
  setenv("POSTGRES_TIMEOUT_MS", "8", 1);
  setenv("LOCK_TIMEOUT_MS", "7", 1);
  setenv("STOCK_POLICY", "reject", 1);
  setenv("PRODUCT_IMAGE_ROOT", "http://images", 1);
  setenv("EVENTS_MAXLEN", "9", 1);
  setenv("EVENTS_MAX_BYTES", "1048576", 1);
  const OrdersConfig config = ReadOrdersConfig(&environment);
  CHECK_EQUAL(std::string(), environment.error());
  CHECK(std::chrono::milliseconds(7) == config.worker.redis_timeout);
  CHECK(LogLevel::kInfo == config.worker.log_level);
  CHECK(std::chrono::milliseconds(8) == config.postgres_timeout);
  CHECK(std::chrono::milliseconds(7) == config.lock_timeout);
  CHECK(StockPolicy::kReject == config.stock_policy);
  CHECK_EQUAL(std::string("http://images"), config.product_image_root);
  CHECK_EQUAL(int64_t{9}, config.events_maxlen);
  CHECK_EQUAL(int64_t{1'048'576}, config.events_max_bytes);
}

TEST(OrdersConfig, AWrongSettingIsNamedWithWhatItMustBe) {
  struct Case {
    const char* name;
    const char* value;
    const char* error;
  };
  const Case kCases[] = {
      {"REDIS_ADDRESS", "", "REDIS_ADDRESS must be a value, not ''"},
      {"POSTGRES_CONNINFO", "", "POSTGRES_CONNINFO must be a value, not ''"},
      {"REDIS_TIMEOUT_MS", "0", "REDIS_TIMEOUT_MS must be an integer from 1 to 60000, not '0'"},
      {"POSTGRES_TIMEOUT_MS", "60001", "POSTGRES_TIMEOUT_MS must be an integer from 1 to 60000, not '60001'"},
      {"LOCK_TIMEOUT_MS", "0", "LOCK_TIMEOUT_MS must be an integer from 1 to 2000, not '0'"},
      {"LOCK_TIMEOUT_MS", "2001", "LOCK_TIMEOUT_MS must be an integer from 1 to 2000, not '2001'"},
      {"STOCK_POLICY", "Reject", "STOCK_POLICY must be backorder or reject, not 'Reject'"},
      {"EVENTS_MAXLEN", "1k", "EVENTS_MAXLEN must be an integer from 1 to 1000000000, not '1k'"},
      {"EVENTS_MAX_BYTES", "1048575",
       "EVENTS_MAX_BYTES must be an integer from 1048576 to 1000000000000, not '1048575'"},
      {"LOG_LEVEL", "debug", "LOG_LEVEL must be warning or info, not 'debug'"},
  };
  for (const Case& c : kCases) {
    setup();
    setenv(c.name, c.value, 1);
    Environment wrong;
    ReadOrdersConfig(&wrong);
    CHECK_EQUAL(std::string(c.error), wrong.error());
  }
}

TEST(OrdersConfig, ALockIsWaitedForNoLongerThanAStatementMayTake) {
  setenv("POSTGRES_TIMEOUT_MS", "400", 1);
  CHECK(std::chrono::milliseconds(400) == ReadOrdersConfig(&environment).lock_timeout);
  setenv("LOCK_TIMEOUT_MS", "400", 1);
  CHECK(std::chrono::milliseconds(400) == ReadOrdersConfig(&environment).lock_timeout);
  CHECK_EQUAL(std::string(), environment.error());
  setenv("LOCK_TIMEOUT_MS", "401", 1);
  ReadOrdersConfig(&environment);
  CHECK_EQUAL(std::string("LOCK_TIMEOUT_MS must be an integer from 1 to 400, not '401'"), environment.error());
}

// The error shows no part of it, wherever the mistake is.
TEST(OrdersConfig, AConninfoWithAPasswordIsRefusedUnseen) {
  for (const char* conninfo :
       {"host=db password=s3cret", "host=db password = 's3 cret'", "host=db sslpassword=s3cret",
        "postgresql://orders:s3cret@db/airship", "postgres://orders:s3@cret@db/airship",
        "postgresql://db/airship?user=orders&password=s3cret", "postgresql://db/airship?%70assword=s3cret"}) {
    setenv("POSTGRES_CONNINFO", conninfo, 1);
    Environment wrong;
    ReadOrdersConfig(&wrong);
    CHECK_EQUAL_TEXT(
        std::string("POSTGRES_CONNINFO must be without a password: that belongs into the file that passfile= names"),
        wrong.error(), conninfo);
  }
}

TEST(OrdersConfig, AConninfoThatIsNoneIsRefusedUnseen) {
  for (const char* conninfo :
       {"host=db password=s3 cret", "host=db pasword=s3cret", "s3cret", "host=db password='s3cret",
        "postgresql://orders:s3cret@db:port:1/%zz", "postgresql://[s3cret"}) {
    setenv("POSTGRES_CONNINFO", conninfo, 1);
    Environment wrong;
    ReadOrdersConfig(&wrong);
    CHECK_EQUAL_TEXT(std::string("POSTGRES_CONNINFO must be a libpq connection string"), wrong.error(), conninfo);
  }
}

TEST(OrdersConfig, AConninfoWhoseHostsHaveNoPortEachIsRefused) {
  for (const char* conninfo : {"host=a,b port=1,2,3", "host=a, port=1", "postgresql://a:1,b:/airship"}) {
    setenv("POSTGRES_CONNINFO", conninfo, 1);
    Environment wrong;
    ReadOrdersConfig(&wrong);
    CHECK_EQUAL_TEXT(std::string("POSTGRES_CONNINFO must be with as many ports as hosts, or one port, and with no host "
                                 "left empty"),
                     wrong.error(), conninfo);
  }
}

TEST(OrdersConfig, AConninfoNamesThePasswordsFile) {
  for (const char* conninfo :
       {"host=db passfile=/etc/airship/pgpass", "service=shop", "postgresql://orders@db:5432/airship",
        "host=one,two port=5432,5433 target_session_attrs=read-write"}) {
    setenv("POSTGRES_CONNINFO", conninfo, 1);
    Environment right;
    CHECK_EQUAL_TEXT(std::string(conninfo), ReadOrdersConfig(&right).postgres_conninfo, conninfo);
    CHECK_EQUAL_TEXT(std::string(), right.error(), conninfo);
  }
}

TEST(OrdersConfig, TheReconcilerWaitsLongerThanAWorkerCanBeAtWork) {
  ReconcilerConfig config = ReadReconcilerConfig(&environment);
  CHECK_EQUAL(std::string(), environment.error());
  CHECK(std::chrono::milliseconds(1000) == config.interval);
  CHECK(std::chrono::milliseconds(10'000) == config.age_limit);

  setenv("REDIS_TIMEOUT_MS", "100", 1);
  setenv("POSTGRES_TIMEOUT_MS", "200", 1);
  setenv("RECONCILER_INTERVAL_MS", "50", 1);
  setenv("RECONCILER_AGE_LIMIT_MS", "1500", 1);
  config = ReadReconcilerConfig(&environment);
  CHECK_EQUAL(std::string(), environment.error());
  CHECK(std::chrono::milliseconds(50) == config.interval);
  CHECK(std::chrono::milliseconds(1500) == config.age_limit);

  setenv("RECONCILER_AGE_LIMIT_MS", "1499", 1);
  ReadReconcilerConfig(&environment);
  CHECK_EQUAL(std::string("RECONCILER_AGE_LIMIT_MS must be at least 1500 (REDIS_TIMEOUT_MS + 2 * POSTGRES_TIMEOUT_MS + "
                          "1000), not '1499'"),
              environment.error());
}

}  // namespace shop
