// hiredis' own reader reads a RedisCommand as an array of its words.

#include <fuzzer/FuzzedDataProvider.h>
#include <hiredis/hiredis.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/property.h"
#include "workers/common/redis.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  std::vector<std::string> words;
  while (input.remaining_bytes() > 0) words.push_back(input.ConsumeRandomLengthString());
  const shop::RedisCommand command(std::vector<std::string_view>(words.begin(), words.end()));

  const std::unique_ptr<redisReader, void (*)(redisReader*)> reader(redisReaderCreate(), redisReaderFree);
  void* reply = nullptr;
  redisReaderFeed(reader.get(), command.text().data(), command.text().size());
  Require(redisReaderGetReply(reader.get(), &reply) == REDIS_OK && reply != nullptr, "a command is a whole value");
  const std::unique_ptr<void, void (*)(void*)> owner(reply, freeReplyObject);
  Require(reader->pos == reader->len, "nothing follows a command");
  const auto* array = static_cast<const redisReply*>(reply);
  Require(array->type == REDIS_REPLY_ARRAY && array->elements == words.size(), "a command has as many words");
  for (size_t i = 0; i < words.size(); ++i) {
    const redisReply* word = array->element[i];
    Require(word->type == REDIS_REPLY_STRING && words[i] == std::string_view(word->str, static_cast<size_t>(word->len)),
            "a word is any bytes");
  }
  return 0;
}
