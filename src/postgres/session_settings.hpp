// What Headway sets in a session, as one statement: for the session, or for one transaction behind
// a transaction pooler.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/connector.hpp"

namespace headway::postgres {

class SessionSettings {
 public:
  /// `parameters`: what came with the URL gives way to `settings`.  `server_version`: 150004.
  SessionSettings(const ConnectorSettings& settings, const ConnectionParameters& parameters,
                  int server_version);

  /// set_config() for each; with `only_pid`, the server does it only if that is its process: what
  /// a pooler hands out belongs to others as well.
  [[nodiscard]] std::string session_sql(std::optional<int> only_pid) const;
  [[nodiscard]] std::string transaction_sql() const;
  /// RESET ROLE, or SET ROLE; `local`: until the transaction ends.
  [[nodiscard]] std::string role_sql(bool local) const;

  using Values = std::vector<std::pair<std::string, std::string>>;
  /// What is set besides, last; in place of what was given before.
  void keep(Values kept) { kept_ = std::move(kept); }
  [[nodiscard]] bool keeps_any() const noexcept { return !kept_.empty(); }
  /// Whether it is ours to set, whatever a migration does.
  [[nodiscard]] bool is_own(std::string_view name) const;

  /// Not every platform's server can check whether its client is still there.
  void without_connection_check();
  [[nodiscard]] bool has_connection_check() const;

 private:
  [[nodiscard]] std::string sql(bool local, std::optional<int> only_pid) const;

  Values connection_values_;  // of the connection between the server and whoever it talks to
  Values values_;
  Values kept_;
  std::string role_;
};

/// A setting whose unit is milliseconds, as current_setting() shows it: "500ms", "1s", "2min".
/// Nothing for what is not one.
[[nodiscard]] std::optional<Milliseconds> parse_time_setting(std::string_view text);

}  // namespace headway::postgres
