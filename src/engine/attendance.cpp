#include "engine/attendance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/backoff.hpp"

namespace headway::engine {
namespace {

constexpr Milliseconds kConnecting{5000};
constexpr Milliseconds kBetweenCancels{50};

}  // namespace

Attendance::Attendance(Context& context, Connection& connection)
    : context_(context), connection_(connection), backend_pid_(connection.server().backend_pid) {
  if (context.settings.look_around <= Milliseconds::zero()) return;
  thread_ = std::jthread([this](const std::stop_token& ended) { attend(ended); });
}

Attendance::~Attendance() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  if (told_something_) context_.observer.activity({});
}

void Attendance::transaction_begun() {
  const std::lock_guard lock(mutex_);
  waited_with_locks_ = Milliseconds::zero();
}

std::optional<std::string> Attendance::reason() {
  const std::lock_guard lock(mutex_);
  return std::exchange(reason_, std::nullopt);
}

void Attendance::progress(std::optional<CommandProgress> progress) {
  const std::lock_guard lock(mutex_);
  progress_ = std::move(progress);
}

std::optional<std::string> Attendance::take_blocked() {
  const std::lock_guard lock(mutex_);
  return std::exchange(blocked_, std::nullopt);
}

std::string Attendance::blockers() const {
  const std::lock_guard lock(mutex_);
  return blockers_;
}

void Attendance::arm(bool armed) {
  const std::lock_guard lock(mutex_);
  armed_ = armed;
  waited_with_locks_ = Milliseconds::zero();
  if (armed) reason_.reset();
}

/// False: it is over.
bool Attendance::pause(const std::stop_token& ended, Milliseconds pause) {
  std::unique_lock lock(mutex_);
  wakeup_.wait_for(lock, ended, pause, [&ended] { return ended.stop_requested(); });
  return !ended.stop_requested();
}

void Attendance::attend(const std::stop_token& ended) {
  while (pause(ended, context_.settings.look_around)) {
    try {
      if (look(ended)) continue;
    } catch (const Error& error) {
      if (ended.stop_requested()) return;
      context_.observer.unattended(error.info());
    }
    return attend_alone(ended);
  }
}

/// Without a connection.
void Attendance::attend_alone(const std::stop_token& ended) {
  while (pause(ended, context_.settings.look_around)) tell({});
}

bool Attendance::look(const std::stop_token& ended) {
  if (!reader_) reader_ = context_.connector.attend(ended, kConnecting);
  if (!reader_) return false;
  const Activity activity = reader_->read(backend_pid_);
  tell(activity);
  judge(activity);
  // A cancel may fall between two statements.
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (!armed_ || !reason_) return true;
      connection_.cancel();
    }
    if (!pause(ended, kBetweenCancels)) return false;
  }
}

void Attendance::tell(Activity activity) {
  {
    const std::lock_guard lock(mutex_);
    if (progress_) activity.progress = progress_;
  }
  if (activity.empty() && !told_something_) return;
  told_something_ = !activity.empty();
  context_.observer.activity(activity);
}

void Attendance::judge(const Activity& activity) {
  const Settings& settings = context_.settings;
  const std::lock_guard lock(mutex_);
  blockers_ = activity.blocking.empty() ? std::string() : text_of(activity.blocking);
  if (!activity.blocked.empty()) blocked_ = text_of(activity.blocked);
  if (!armed_ || reason_) return;
  const Milliseconds blocked = activity.longest_blocked();
  if (settings.abort_if_blocking && blocked >= *settings.abort_if_blocking) {
    reason_ = fmt::format("gave way to {} that had waited for it for {}", text_of(activity.blocked),
                          words(blocked));
    return;
  }
  if (activity.blocking.empty() || !activity.holds_blocking_lock) return;
  waited_with_locks_ += std::min(settings.look_around, activity.waited);
  if (settings.max_blocked_wait && waited_with_locks_ >= *settings.max_blocked_wait) {
    reason_ =
        fmt::format("waited {} for {} while it held locks that others need (--max-blocked-wait)",
                    words(waited_with_locks_), text_of(activity.blocking));
  }
}

}  // namespace headway::engine
