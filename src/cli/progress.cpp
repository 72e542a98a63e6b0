#include "cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/mutex.hpp"
#include "cli/error_text.hpp"
#include "cli/invocation.hpp"
#include "cli/report_text.hpp"

namespace headway::cli {
namespace {

constexpr std::size_t kBar = 20;
constexpr std::string_view kErase = "\r\x1b[K";
constexpr Milliseconds kFrame{100};

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

class Progress final : public engine::Observer {
 public:
  Progress(Paint paint, bool live) : paint_(paint), live_(live) {}
  ~Progress() override { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void connect_failed(const ErrorInfo& error, int attempt, Milliseconds) override {
    wait_for(fmt::format("connecting (attempt {}): {}", attempt, one_line(error.message)));
  }

  void connected(const engine::ServerInfo&) override {
    // Who waits for the lock connects anew for each look, and goes on waiting.
    if (!waits_for_lock_) stop_waiting();
  }

  void lock_waiting(const engine::LockAttempt& attempt, Milliseconds) override {
    waits_for_lock_ = true;
    wait_for(attempt.holder
                 ? fmt::format("waiting for {} to finish", one_line(attempt.holder->text()))
                 : std::string("waiting for another process to finish"));
  }

  void lock_acquired(Milliseconds) override {
    waits_for_lock_ = false;
    stop_waiting();
  }

  void not_yet(std::string_view reason, Milliseconds) override {
    wait_for(fmt::format("waiting: {}", one_line(reason)));
  }

  void step_started(const engine::StepInfo& step) override {
    {
      const MutexLock lock(mutex_);
      line_ = {};
      line_.index = step.index;
      line_.total = step.total;
      line_.statements = step.statements;
      line_.title = title_of(step.step.version.text(), step.step.name);
      since_ = Steady::now();
      shown_ = true;
    }
    draw_from_now_on();
  }

  void statement_started(const engine::StepInfo&, std::size_t index,
                         const engine::PreparedStatement&) override {
    const MutexLock lock(mutex_);
    line_.statement = index + 1;
    since_ = Steady::now();
  }

  void activity(const engine::Activity& activity) override {
    const MutexLock lock(mutex_);
    line_.around.clear();
    if (!activity.blocking.empty()) {
      line_.around = "waits for " + one_line(engine::text_of(activity.blocking));
    } else if (!activity.blocked.empty()) {
      line_.around = "holds up " + one_line(engine::text_of(activity.blocked));
    } else if (activity.progress) {
      line_.around = one_line(activity.progress->text());
    }
  }

  void unattended(const ErrorInfo& error) override {
    note(fmt::format("{} nobody looks at whom the migrations wait for: {}\n",
                     paint_.yellow("note:"), one_line(error.message)));
  }

  void retrying(std::string_view reason, const ErrorInfo& error, int attempt,
                Milliseconds pause) override {
    note(fmt::format("{} {}; trying again in {} ({}, attempt {})\n", paint_.yellow("note:"),
                     what_happened(error), format_duration(pause), reason, attempt));
  }

  void warning(std::string_view, std::string_view message) override {
    note(fmt::format("{} {}\n", paint_.yellow("warning:"), one_line(message)));
  }

  void run_finished(const engine::RunReport&) override { end(); }

 private:
  using Steady = std::chrono::steady_clock;

  void wait_for(std::string what) {
    {
      const MutexLock lock(mutex_);
      if (line_.waiting.empty()) since_ = Steady::now();
      line_.waiting = std::move(what);
      shown_ = true;
    }
    draw_from_now_on();
  }

  void stop_waiting() {
    const MutexLock lock(mutex_);
    if (line_.waiting.empty()) return;
    line_ = {};
    shown_ = false;
    erase();
  }

  void draw_from_now_on() {
    if (!live_ || thread_.joinable()) return;
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const MutexLock lock(mutex_);
        draw();
        wakeup_.wait_for(mutex_, stop, kFrame, [] { return false; });
      }
    });
  }

  void draw() HEADWAY_REQUIRES(mutex_) {
    if (!shown_) return;
    line_.elapsed = std::chrono::duration_cast<Microseconds>(Steady::now() - since_);
    // The last column stays free: some terminals wrap when it is written.
    std::string frame(kErase);
    frame += render_progress(line_, terminal_width() - 1);
    print_error(frame);
    drawn_ = true;
  }

  void erase() HEADWAY_REQUIRES(mutex_) {
    if (drawn_) print_error(kErase);
    drawn_ = false;
  }

  void note(const std::string& text) {
    const MutexLock lock(mutex_);
    erase();
    print_error(text);
  }

  void end() {
    if (thread_.joinable()) {
      thread_.request_stop();
      thread_.join();
    }
    const MutexLock lock(mutex_);
    shown_ = false;
    erase();
  }

  const Paint paint_;
  const bool live_;
  bool waits_for_lock_ = false;  // of the engine's thread alone
  Mutex mutex_;
  Condition wakeup_;
  ProgressLine line_ HEADWAY_GUARDED_BY(mutex_);
  Steady::time_point since_ HEADWAY_GUARDED_BY(mutex_);
  bool shown_ HEADWAY_GUARDED_BY(mutex_) = false;
  bool drawn_ HEADWAY_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace

std::string render_progress(const ProgressLine& line, std::size_t width) {
  // In one unit as long as that is readable: a text that changes its form flickers.
  const auto tenths = line.elapsed.count() / 100'000;
  const std::string elapsed = tenths < 600 ? fmt::format("{}.{} s", tenths / 10, tenths % 10)
                                           : format_duration(line.elapsed);
  if (!line.waiting.empty()) {
    return cut_to(fmt::format("{} {}", elapsed, line.waiting), width);
  }
  const std::size_t full = line.total == 0 ? 0 : std::min(kBar, line.index * kBar / line.total);
  std::string text = fmt::format("[{}{}] {}/{}", std::string(full, '#'),
                                 std::string(kBar - full, '-'), line.index, line.total);
  text += fmt::format("  {}  {}", elapsed, line.title);
  if (line.statements > 1 && line.statement != 0) {
    text += fmt::format("  statement {} of {}", line.statement, line.statements);
  }
  if (!line.around.empty()) text += "  " + line.around;
  return cut_to(text, width);
}

std::unique_ptr<engine::Observer> make_progress(Paint paint, bool live) {
  return std::make_unique<Progress>(paint, live);
}

}  // namespace headway::cli
