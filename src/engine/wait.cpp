#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/backoff.hpp"
#include "engine/schema_status.hpp"
#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"
#include "migration/lacking.hpp"

namespace headway::engine {
namespace {

constexpr Milliseconds kFirstPause{500};
constexpr Milliseconds kLongestPause{5000};
constexpr Milliseconds kShortestAttempt{1000};

class Waiting {
 public:
  Waiting(Context& context, const migration::Source& source, const WaitRequest& request)
      : context_(context),
        source_(source),
        target_(source, request.target, context.settings.policy.phases),
        timeout_(request.timeout),
        stopping_(context.stop),
        started_(context.clock.steady()) {}

  WaitReport run() {
    Backoff backoff(kFirstPause, kLongestPause, context_.random);
    for (;;) {
      stopping_.check("the schema is not known to be at its target");
      if (looks_good()) return report_;
      const Milliseconds left = timeout_ - waited();
      if (left <= Milliseconds::zero()) throw timed_out();
      context_.observer.not_yet(reason_, waited());
      context_.clock.sleep(std::min(left, backoff.next()), stopping_.token());
    }
  }

 private:
  bool looks_good() {
    try {
      const HistorySnapshot snapshot = look();
      require_repeatables(snapshot, source_);
      error_.reset();
      first_refusal_.reset();
      const migration::Lacking lacking =
          target_.lacking(snapshot.history, context_.settings.policy.order);
      // Without a table nothing is known, not even that an empty source is satisfied.
      if (snapshot.exists && lacking.empty()) {
        report_ = {snapshot.history.last().text(), target_.text(), waited()};
        return true;
      }
      reason_ = reason_of(lacking, snapshot);
    } catch (const Error& error) {
      stopping_.check("the schema is not known to be at its target");
      if (!may_change(error.info()) || refused_for_too_long(error.info())) throw;
      error_ = error.info();
      reason_ = error.info().message;
      // The GRANTs: whoever reads this now need not wait for the end.
      if (error.id() == ErrorId::PermissionDenied) {
        reason_ += fmt::format(" ({})", error.info().next_step());
      }
    }
    return false;
  }

  [[nodiscard]] HistorySnapshot look() const {
    const auto connection = context_.connector.connect(
        stopping_.token(), std::max(timeout_ - waited(), kShortestAttempt));
    context_.observer.database_up(true);
    return connection->read_history();
  }

  /// Credentials that are wrong for good; a rotated Secret takes its time to arrive.
  bool refused_for_too_long(const ErrorInfo& error) {
    context_.observer.database_up(false);
    if (retry_class(error) != RetryClass::Authentication) {
      first_refusal_.reset();
      return false;
    }
    const auto now = context_.clock.steady();
    if (!first_refusal_) first_refusal_ = now;
    return now - *first_refusal_ >= context_.settings.auth_retry;
  }

  [[nodiscard]] Error timed_out() const {
    ErrorInfo info;
    info.id = ErrorId::WaitTimeout;
    info.message = fmt::format("waited {} for the schema to reach {}: {}", words(timeout_),
                               target_.text(), reason_);
    // The missing GRANTs, or what else would help the last look.
    if (error_) {
      info.sqlstate = error_->sqlstate;
      info.next = error_->next_step();
    }
    return Error(std::move(info));
  }

  [[nodiscard]] Milliseconds waited() const {
    return std::chrono::duration_cast<Milliseconds>(context_.clock.steady() - started_);
  }

  Context& context_;
  const migration::Source& source_;
  const migration::WaitTarget target_;
  const Milliseconds timeout_;
  const Stopping stopping_;
  const Clock::Steady started_;
  WaitReport report_;
  std::string reason_;
  std::optional<ErrorInfo> error_;  ///< of the last look
  std::optional<Clock::Steady> first_refusal_;
};

}  // namespace

bool may_change(const ErrorInfo& error) {
  switch (error.id) {
    case ErrorId::PermissionDenied:
    case ErrorId::ConnectionLost:
    case ErrorId::OutcomeUnknown:
    case ErrorId::LockTimeout:
    case ErrorId::Deadlock:
    case ErrorId::Serialization: return true;
    default: return retry_class(error) != RetryClass::Never;
  }
}

std::string reason_of(const migration::Lacking& lacking, const HistorySnapshot& snapshot) {
  if (!snapshot.exists) return "the database has no history of migrations yet";
  std::string reason = fmt::format("the schema is at {}; not applied yet, or not wholly: ",
                                   snapshot.history.last().text());
  if (!lacking.migrations.empty()) {
    reason += fmt::format("{} migration{}, the first is {}", lacking.migrations.size(),
                          lacking.migrations.size() == 1 ? "" : "s", lacking.migrations.front());
  } else {
    reason += fmt::format("the repeatable {}", lacking.repeatables.front());
  }
  return reason;
}

WaitReport wait(Context& context, const migration::Source& source, const WaitRequest& request) {
  return Waiting(context, source, request).run();
}

}  // namespace headway::engine
