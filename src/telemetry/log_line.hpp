// One line of the log as a value, and its two renderings.  Time and level are the logger's.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "telemetry/log.hpp"

namespace headway::telemetry {

struct LogLine {
  using Value = std::variant<std::string, std::int64_t, double>;

  LogLevel level = LogLevel::Info;
  std::string_view event;  ///< "migration_applied": stable, what alerts and queries name
  std::string message;     ///< a sentence for people
  std::vector<std::pair<std::string_view, Value>> fields;
  std::vector<std::string> more;  ///< text only: further lines below the message

  /// An empty text is left out: absent and empty are one.
  void add(std::string_view key, std::string_view text) {
    if (!text.empty()) fields.emplace_back(key, std::string(text));
  }
  void add_number(std::string_view key, std::int64_t number) { fields.emplace_back(key, number); }
  void add_seconds(std::string_view key, Microseconds duration) {
    fields.emplace_back(key, std::chrono::duration<double>(duration).count());
  }
};

/// The members of the JSON object from "event" on, without braces.
[[nodiscard]] std::string json_members(const LogLine& line);

/// The message and what stands below it, each on a line of its own after `indent` blanks.
[[nodiscard]] std::string text_lines(const LogLine& line, std::size_t indent);

/// Where lines go.
class LogWriter {
 public:
  virtual ~LogWriter() = default;
  /// False: a line of this level would not be seen, so it need not be made.
  [[nodiscard]] virtual bool wants(LogLevel level) const = 0;
  virtual void write(const LogLine& line) = 0;
};

}  // namespace headway::telemetry
