#include "base/error.hpp"

#include <utility>

namespace headway {

const KindInfo& kind_info(Kind kind) noexcept {
  static constexpr KindInfo kInternal{"internal", 1, 500, "internal", false};
  static constexpr KindInfo kUsage{"usage", 2, 500, "config", true};
  static constexpr KindInfo kBadSource{"bad-source", 2, 500, "config", true};
  static constexpr KindInfo kUnreachable{"unreachable", 10, 503, "connection", false};
  static constexpr KindInfo kInDoubt{"in-doubt", 10, 503, "connection", false};
  static constexpr KindInfo kLockBusy{"lock-busy", 11, 503, "lock", false};
  static constexpr KindInfo kLockTimeout{"lock-timeout", 12, 503, "lock_timeout", false};
  static constexpr KindInfo kInterrupted{"interrupted", 13, 503, "interrupted", false};
  static constexpr KindInfo kWaitTimeout{"wait-timeout", 14, 503, "order", false};
  static constexpr KindInfo kFailed{"migration-failed", 20, 500, "sql", true};
  static constexpr KindInfo kHalfApplied{"half-applied", 21, 500, "sql", true};
  static constexpr KindInfo kMismatch{"mismatch", 22, 500, "checksum", true};
  static constexpr KindInfo kOrder{"order", 23, 500, "order", true};
  static constexpr KindInfo kAccess{"access", 24, 500, "auth", true};
  static constexpr KindInfo kUnsupported{"unsupported", 25, 500, "config", true};
  static constexpr KindInfo kPolicy{"policy", 26, 500, "policy", true};
  static constexpr KindInfo kPending{"pending", 30, 503, "order", false};
  switch (kind) {
    case Kind::Internal: return kInternal;
    case Kind::Usage: return kUsage;
    case Kind::BadSource: return kBadSource;
    case Kind::Unreachable: return kUnreachable;
    case Kind::InDoubt: return kInDoubt;
    case Kind::LockBusy: return kLockBusy;
    case Kind::LockTimeout: return kLockTimeout;
    case Kind::Interrupted: return kInterrupted;
    case Kind::WaitTimeout: return kWaitTimeout;
    case Kind::MigrationFailed: return kFailed;
    case Kind::HalfApplied: return kHalfApplied;
    case Kind::Mismatch: return kMismatch;
    case Kind::Order: return kOrder;
    case Kind::Access: return kAccess;
    case Kind::Unsupported: return kUnsupported;
    case Kind::Policy: return kPolicy;
    case Kind::Pending: return kPending;
  }
  return kInternal;
}

std::string Location::text() const {
  std::string out = file;
  if (line == 0) return out;
  out += ':';
  out += std::to_string(line);
  if (column == 0) return out;
  out += ':';
  out += std::to_string(column);
  return out;
}

Kind ErrorInfo::kind() const noexcept { return error_id_info(id).kind; }
std::string_view ErrorInfo::id_text() const noexcept { return error_id_info(id).text; }
std::string_view ErrorInfo::why() const noexcept { return error_id_info(id).why; }
std::string_view ErrorInfo::next_step() const noexcept {
  return next.empty() ? error_id_info(id).next : std::string_view(next);
}
int ErrorInfo::exit_code() const noexcept { return kind_info(kind()).exit_code; }

std::string_view ErrorInfo::metric_class() const noexcept {
  if (sqlstate == "40P01") return "deadlock";
  if (sqlstate == "57014" && kind() == Kind::MigrationFailed) return "statement_timeout";
  return kind_info(kind()).metric_class;
}

namespace {

std::string what_text(const ErrorInfo& info) {
  const std::string where = info.where.text();
  return where.empty() ? info.message : where + ": " + info.message;
}

}  // namespace

Error::Error(ErrorInfo info) : std::runtime_error(what_text(info)), info_(std::move(info)) {}

Error::Error(ErrorId id, std::string message)
    : Error([&] {
        ErrorInfo info;
        info.id = id;
        info.message = std::move(message);
        return info;
      }()) {}

Error&& Error::at(Location where) && {
  info_.where = std::move(where);
  static_cast<std::runtime_error&>(*this) = std::runtime_error(what_text(info_));
  return std::move(*this);
}

Error&& Error::version(std::string version) && {
  info_.version = std::move(version);
  return std::move(*this);
}

Error&& Error::statement(std::string normalized) && {
  info_.statement = std::move(normalized);
  return std::move(*this);
}

Error&& Error::sqlstate(std::string state) && {
  info_.sqlstate = std::move(state);
  return std::move(*this);
}

Error&& Error::next(std::string step) && {
  info_.next = std::move(step);
  return std::move(*this);
}

}  // namespace headway
