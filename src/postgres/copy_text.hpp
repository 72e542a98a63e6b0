// The text format of COPY .. TO STDOUT, in which the server answers without planning a query. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace headway::postgres {

/// One line, as the server sent it, column by column.
class CopiedRow {
 public:
  explicit CopiedRow(std::string_view line);

  /// A NULL is empty, and so is what lies behind the last column.
  [[nodiscard]] std::string next();
  /// Of a column that holds no text: nothing in it is escaped.
  [[nodiscard]] std::string_view next_plain();
  [[nodiscard]] bool at_end() const noexcept { return at_end_; }

 private:
  std::string_view rest_;
  bool escapes_;
  bool at_end_ = false;
};

/// Nothing for what is no integer, or too large.
[[nodiscard]] std::optional<int> copied_integer(std::string_view text);

/// A timestamp with time zone as the server writes it with DateStyle ISO; nothing for one that is
/// no point in time, or not of our era.
[[nodiscard]] std::optional<Timestamp> copied_timestamp(std::string_view text);

}  // namespace headway::postgres
