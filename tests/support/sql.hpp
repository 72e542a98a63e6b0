// SQL for tests, straight through libpq: what a test looks at must not pass through the code under
// test.  Everything throws SqlError, which fails the test with the server's words.
#pragma once
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace headway::testing {

using Row = std::vector<std::string>;  ///< NULL is kNull
using Rows = std::vector<Row>;
inline constexpr std::string_view kNull = "<null>";

class SqlError : public std::runtime_error {
 public:
  SqlError(const std::string& message, std::string sqlstate)
      : std::runtime_error(message), sqlstate_(std::move(sqlstate)) {}
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  std::string sqlstate_;
};

/// One backend, for what needs a session: an open transaction, a lock held.  Not for two threads.
class SqlSession {
 public:
  explicit SqlSession(const std::string& url);
  ~SqlSession();
  SqlSession(SqlSession&&) noexcept;
  SqlSession& operator=(SqlSession&&) noexcept;

  /// The last statement's rows; `sql` may hold several statements.
  Rows rows(const std::string& sql);
  /// The one value of the one row.
  std::string value(const std::string& sql);
  void exec(const std::string& sql);
  /// Starts a statement and returns without waiting: one that will block.
  void send(const std::string& sql);
  /// The result of send().
  Rows receive();
  [[nodiscard]] int backend_pid() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The same, each on a connection of its own.
Rows rows(const std::string& url, const std::string& sql);
std::string value(const std::string& url, const std::string& sql);
void exec(const std::string& url, const std::string& sql);

/// Whether the server lets us in.
[[nodiscard]] bool can_connect(const std::string& url);

/// The schema as text, for comparing: pg_dump --schema-only without comments, blank lines and what
/// differs from run to run.  `excluded`: schemas to leave out.
[[nodiscard]] std::string dump(const std::string& url,
                               const std::vector<std::string>& excluded = {"headway"});
/// The same with the data, as INSERT statements.
[[nodiscard]] std::string dump_with_data(const std::string& url,
                                         const std::vector<std::string>& excluded = {"headway"});

/// `url` with one more parameter.
[[nodiscard]] std::string with_parameter(const std::string& url, std::string_view name,
                                         std::string_view value);
[[nodiscard]] std::string percent_encode(std::string_view text);
/// The database that a URL of a TempCluster names, percent-decoding aside.
[[nodiscard]] std::string database_of(const std::string& url);

/// "prefix_" and ten random characters: for roles and other objects that a cluster's tests share.
[[nodiscard]] std::string unique_name(std::string_view prefix);

}  // namespace headway::testing
