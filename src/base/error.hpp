// What can stop Headway, and what the world outside sees of it.
//
// An Error carries properties instead of a family tree: an id from the table in error_id.hpp (which
// fixes its kind, why it matters and the next step), where it happened, and what the server said.
// Kinds map to exit code, HTTP status and metric class in exactly one table, kind_info().
//
// Never put a password, or the text of a statement that was not normalised (sql::normalize), into
// an Error: everything in it is printed.
#pragma once
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error_id.hpp"

namespace headway {

struct KindInfo {
  std::string_view name;          ///< "lock-busy": in JSON output and logs
  int exit_code;                  ///< section 8 of the design
  int http_status;                ///< what an HTTP endpoint answers
  std::string_view metric_class;  ///< label of headway_errors_total
  bool fail;                      ///< true: a Job should fail at once; false: count and try again
};

[[nodiscard]] const KindInfo& kind_info(Kind kind) noexcept;

/// A place in a file: 1-based; 0 means "not known".  Columns count characters, not bytes.
struct Location {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;

  /// "file:line:column" with the unknown parts left out; empty if nothing is known.
  [[nodiscard]] std::string text() const;
  bool operator==(const Location&) const = default;
};

/// An Error's content as a value, for reports and rendering.
struct ErrorInfo {
  ErrorId id = ErrorId::Internal;
  std::string message;      ///< what happened, one line, names the object
  Location where;           ///< may be empty
  std::string version;      ///< the migration concerned, if one is
  std::string statement;    ///< normalised and shortened; may be empty
  std::string sqlstate;     ///< five characters or empty
  std::string server_text;  ///< the server's primary message
  std::string server_hint;  ///< the server's HINT
  std::string detail;       ///< the server's DETAIL; filled only under --log-literals
  std::string next;         ///< replaces the table's next step where a better one is known

  [[nodiscard]] Kind kind() const noexcept;
  [[nodiscard]] std::string_view id_text() const noexcept;
  [[nodiscard]] std::string_view why() const noexcept;
  [[nodiscard]] std::string_view next_step() const noexcept;
  /// The class label of headway_errors_total: the kind's, refined by SQLSTATE (57014, 40P01).
  [[nodiscard]] std::string_view metric_class() const noexcept;
  [[nodiscard]] int exit_code() const noexcept;
};

class Error : public std::runtime_error {
 public:
  Error(ErrorId id, std::string message);
  explicit Error(ErrorInfo info);

  [[nodiscard]] const ErrorInfo& info() const noexcept { return info_; }
  [[nodiscard]] ErrorId id() const noexcept { return info_.id; }
  [[nodiscard]] Kind kind() const noexcept { return info_.kind(); }
  [[nodiscard]] const std::string& sqlstate() const noexcept { return info_.sqlstate; }

  // Builders, to be chained where the error is thrown: throw Error(...).at(...).next(...)
  Error&& at(Location where) &&;
  Error&& version(std::string version) &&;
  Error&& statement(std::string normalized) &&;
  Error&& sqlstate(std::string state) &&;
  Error&& next(std::string step) &&;

 private:
  ErrorInfo info_;
};

}  // namespace headway
