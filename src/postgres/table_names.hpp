// The names of the history's tables in one database, and the queries with those names filled in.
//
// With the default --history-table=history the others are repeatable, events and layout; with
// another name T they are T_repeatable, T_events and T_layout.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headway::postgres {

class TableNames {
 public:
  /// Throws Error BadConfiguration for names that PostgreSQL would cut off.
  TableNames(std::string schema, std::string table);

  /// Replaces {{schema}}, {{history}}, {{repeatable}}, {{events}}, {{layout}} and their kin.
  [[nodiscard]] std::string fill(std::string_view query) const;

  [[nodiscard]] const std::string& schema() const noexcept { return schema_; }
  [[nodiscard]] const std::string& history() const noexcept { return history_; }
  [[nodiscard]] const std::string& repeatable() const noexcept { return repeatable_; }
  [[nodiscard]] const std::string& events() const noexcept { return events_; }
  [[nodiscard]] const std::string& layout() const noexcept { return layout_; }
  /// "headway.history", quoted where needed: for messages.
  [[nodiscard]] std::string qualified_history() const;

 private:
  std::string schema_;
  std::string history_;
  std::string repeatable_;
  std::string events_;
  std::string layout_;
  std::vector<std::pair<std::string, std::string>> placeholders_;
};

}  // namespace headway::postgres
