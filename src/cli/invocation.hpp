// What a command gets: settings that are resolved, and the process around it as values.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/settings.hpp"
#include "cli/text.hpp"
#include "cli/variables.hpp"

namespace headway::cli {

struct Invocation {
  const Command& command;
  Settings settings;
  Variables variables;
  std::vector<std::string> warnings;  ///< of reading the configuration
  bool out_is_terminal = false;
  bool err_is_terminal = false;

  [[nodiscard]] bool json() const { return settings.output == Output::Json; }
  /// Standard error is a log of JSON lines, and holds nothing else.
  [[nodiscard]] bool logs_json() const {
    using telemetry::LogFormat;
    return settings.log_format.value_or(err_is_terminal ? LogFormat::Text : LogFormat::Json) ==
           LogFormat::Json;
  }
  [[nodiscard]] Paint out_paint() const { return paint(out_is_terminal); }
  [[nodiscard]] Paint err_paint() const { return paint(err_is_terminal); }

 private:
  [[nodiscard]] Paint paint(bool terminal) const {
    return Paint(settings.color == Color::Always || (settings.color == Color::Auto && terminal));
  }
};

/// Writes all of `text` to standard output.  Throws Error Internal if it can't be written; a reader
/// that went away (`| head`) is not an error.
void print(std::string_view text);
/// To standard error; what can't be written is lost.
void print_error(std::string_view text) noexcept;

}  // namespace headway::cli
