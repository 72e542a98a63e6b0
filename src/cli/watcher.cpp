#include "cli/watcher.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <random>

#include "cli/error_text.hpp"
#include "cli/text.hpp"

namespace headway::cli {
namespace {

/// SIGTERM after the work is done ends the process within 100 ms.
constexpr Milliseconds kPatience{50};

std::string in_words(const engine::SchemaStatus& schema) {
  if (schema.dirty) return "a migration is half applied";
  if (schema.pending > 0) {
    return fmt::format("the schema is at {}, behind {}: {} pending", schema.current_version,
                       schema.target_version, count_of(schema.pending, "migration"));
  }
  if (schema.checksum_mismatches > 0) {
    return fmt::format("{} not what was applied", count_of(schema.checksum_mismatches, "file is"));
  }
  if (schema.ahead) {
    return fmt::format("the schema is at {}, ahead of this image: a newer one was here",
                       schema.current_version);
  }
  return {};
}

}  // namespace

Watcher::Watcher(Runtime& runtime, const migration::Source& source, Milliseconds interval)
    : runtime_(runtime), source_(source), interval_(interval), end_(ended_.get_future()) {
  if (interval <= Milliseconds::zero()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    run(stop);
    ended_.set_value();
  });
}

Watcher::~Watcher() = default;

void Watcher::stop_or_exit(int exit_code) {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  if (end_.wait_for(kPatience) != std::future_status::ready) ::_exit(exit_code);
}

void Watcher::run(const std::stop_token& stop) {
  engine::Context& context = runtime_.context();
  std::uniform_real_distribution<double> jitter(0.9, 1.1);
  for (;;) {
    const double pause = static_cast<double>(interval_.count()) * jitter(context.random);
    if (!context.clock.sleep(Milliseconds(static_cast<long>(pause)), stop)) return;
    look();
  }
}

void Watcher::look() {
  std::string words;
  try {
    words = in_words(engine::watch(runtime_.context(), source_));
  } catch (...) {
    if (runtime_.stop_token().stop_requested()) return;
    words = fmt::format("can't look at the history: {}", current_error().message);
  }
  // Once, and again when it is something else: a line a minute helps nobody.
  if (words != told_ && !words.empty()) runtime_.warn("watch", words);
  if (words.empty() && !told_.empty()) runtime_.recovered("the schema is at its target again");
  told_ = std::move(words);
}

}  // namespace headway::cli
