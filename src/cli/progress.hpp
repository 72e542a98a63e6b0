// What a person at a terminal sees while Headway works: one live line on standard error with a bar
// over the migrations and the running statement's elapsed time, and a line for each warning.
//
// A thread redraws the line ten times a second, started when there is something to show; the line
// is erased at the end of the run.
#pragma once
#include <memory>

#include "cli/text.hpp"
#include "engine/observer.hpp"

namespace headway::cli {

/// What the live line tells.
struct ProgressLine {
  std::string waiting;  ///< what is waited for; empty while migrations run
  std::size_t index = 0;
  std::size_t total = 0;
  std::string title;          ///< "20261122093000 create_metrics"
  std::size_t statement = 0;  ///< 1-based
  std::size_t statements = 0;
  Microseconds elapsed{};
  std::string around;  ///< whom it waits for, who waits for it, or how far a command has come
};

/// At most `width` characters.
[[nodiscard]] std::string render_progress(const ProgressLine& line, std::size_t width);

/// Draws on standard error, a terminal.
[[nodiscard]] std::unique_ptr<engine::Observer> make_progress(Paint paint, bool live);

}  // namespace headway::cli
