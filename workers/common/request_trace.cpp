#include "workers/common/request_trace.h"

#include <algorithm>
#include <numeric>

#include "workers/common/integer.h"

namespace shop {
namespace {

int64_t Microseconds(RequestTrace::Clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

// "1795272543.512" as nginx writes it: always three decimals.
std::optional<std::chrono::system_clock::time_point> ParseTime(std::string_view text) {
  const size_t point = text.find('.');
  if (point == std::string_view::npos || text.size() != point + 4) return std::nullopt;
  const auto seconds = ParseInteger<uint32_t>(text.substr(0, point));
  const auto milliseconds = ParseInteger<uint32_t>(text.substr(point + 1));
  if (!seconds || !milliseconds) return std::nullopt;
  return std::chrono::system_clock::time_point(std::chrono::seconds(*seconds) +
                                               std::chrono::milliseconds(*milliseconds));
}

}  // namespace

void RequestTrace::Begin(Clock::time_point now) {
  queued_.reset();
  std::fill(std::begin(phases_), std::end(phases_), Clock::duration::zero());
  calls_.clear();
  phase_began_ = now;
}

void RequestTrace::SetQueued(std::string_view sent_at, std::chrono::system_clock::time_point now) {
  const auto sent = ParseTime(sent_at);
  if (sent) queued_ = std::max<Clock::duration>(now - *sent, Clock::duration::zero());
}

void RequestTrace::End(Phase phase, Clock::time_point now) {
  phases_[phase] += now - phase_began_;
  phase_began_ = now;
}

void RequestTrace::AddCall(std::string_view store, std::string_view call, Clock::duration duration) {
  auto known = std::find_if(calls_.begin(), calls_.end(),
                            [&](const Call& one) { return one.name == call && one.store == store; });
  if (known == calls_.end()) known = calls_.insert(known, {store, call, 0, Clock::duration::zero()});
  ++known->count;
  known->duration += duration;
}

std::chrono::microseconds RequestTrace::Worked() const {
  return std::chrono::microseconds(Microseconds(phases_[kReceive] + phases_[kHandle]));
}

RequestTrace::Clock::duration RequestTrace::Total() const {
  return std::accumulate(std::begin(phases_), std::end(phases_), queued_.value_or(Clock::duration::zero()));
}

void RequestTrace::WriteFields(JsonWriter* json) const {
  int64_t own = Microseconds(phases_[kHandle]);
  int64_t total = own + Microseconds(phases_[kReceive]) + Microseconds(phases_[kAnswer]);
  if (queued_) total += Microseconds(*queued_);
  json->Key("total_us").Int(total);
  if (queued_) json->Key("queue_us").Int(Microseconds(*queued_));
  json->Key("receive_us").Int(Microseconds(phases_[kReceive]));
  json->Key("calls").BeginArray();
  for (const Call& call : calls_) {
    own -= Microseconds(call.duration);
    json->BeginObject().Key("store").String(call.store).Key("call").String(call.name);
    json->Key("count").Int(call.count).Key("us").Int(Microseconds(call.duration)).EndObject();
  }
  json->EndArray();
  json->Key("own_us").Int(own).Key("answer_us").Int(Microseconds(phases_[kAnswer]));
}

}  // namespace shop
