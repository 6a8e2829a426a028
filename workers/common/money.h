#ifndef WORKERS_COMMON_MONEY_H_
#define WORKERS_COMMON_MONEY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shop {

// An exact amount with two decimals. It never passes through binary floating point.
class Money {
 public:
  Money() = default;

  // Reads [0-9]{1,16}(\.[0-9]{1,2})?, as clients write amounts; nothing for any other form.
  static std::optional<Money> Parse(std::string_view text);

  // Reads a PostgreSQL numeric(18,2): the same form, or negative, as rows that another program wrote may be.
  static std::optional<Money> ParseNumeric(std::string_view text);

  // With two decimals: "100000.99".
  std::string ToString() const;

  friend bool operator==(Money a, Money b) = default;

 private:
  explicit Money(int64_t hundredths) : hundredths_(hundredths) {}

  int64_t hundredths_ = 0;
};

}  // namespace shop

#endif  // WORKERS_COMMON_MONEY_H_
