#include "engine/connection.hpp"

#include <fmt/format.h>

#include "engine/observer.hpp"

namespace headway::engine {

std::string LockHolder::text() const {
  return fmt::format("{} (pid {}, {})", application_name.empty() ? "a session" : application_name,
                     pid, client.empty() ? "address unknown" : client);
}

std::unique_ptr<ActivityReader> Connector::attend(const std::stop_token& /*stop*/,
                                                  Milliseconds /*longest*/) {
  return nullptr;
}

RetryClass retry_class(const ErrorInfo& error) noexcept {
  switch (error.id) {
    case ErrorId::Unreachable:
    case ErrorId::ConnectionLost:
    case ErrorId::ReadOnly: return RetryClass::Connection;
    case ErrorId::AuthenticationFailed:
    case ErrorId::UntrustedServer:
    case ErrorId::TlsUnavailable:
    case ErrorId::NoSuchDatabase: return RetryClass::Authentication;
    default: return RetryClass::Never;
  }
}

std::string_view state_name(State state) noexcept {
  switch (state) {
    case State::Connecting: return "connecting";
    case State::WaitingLock: return "waiting_lock";
    case State::Validating: return "validating";
    case State::Applying: return "applying";
    case State::Done: return "done";
    case State::Failed: return "failed";
  }
  return "failed";
}

}  // namespace headway::engine
