#include "postgres/connector.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/mutex.hpp"
#include "postgres/activity_reader.hpp"
#include "postgres/candidates.hpp"
#include "postgres/endpoints.hpp"
#include "postgres/error_translation.hpp"
#include "postgres/fleet_session.hpp"
#include "postgres/scratch_session.hpp"
#include "postgres/session.hpp"
#include "postgres/socket_wait.hpp"
#include "postgres/table_names.hpp"
#include "postgres/tls_files.hpp"
#include "postgres/tls_problem.hpp"

namespace headway::postgres {
namespace {

using SteadyClock = std::chrono::steady_clock;

// One address of several gets at least this long, within the whole attempt's time.
constexpr Milliseconds kShortestSetUp{1000};
constexpr Milliseconds kShortestShare{1000};

struct ConnectionDeleter {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, ConnectionDeleter>;

/// Ours, unless the user says otherwise.
void add_default(std::vector<std::pair<std::string, std::string>>& keywords,
                 std::string_view keyword, std::string value) {
  for (const auto& [name, given] : keywords) {
    if (name == keyword && !given.empty()) return;
  }
  keywords.emplace_back(keyword, std::move(value));
}

void set(std::vector<std::pair<std::string, std::string>>& keywords, std::string_view keyword,
         std::string value) {
  std::erase_if(keywords, [keyword](const auto& entry) { return entry.first == keyword; });
  keywords.emplace_back(keyword, std::move(value));
}

std::vector<std::pair<std::string, std::string>> with_defaults(
    std::vector<std::pair<std::string, std::string>> keywords, const ConnectorSettings& settings) {
  set(keywords, "client_encoding", "UTF8");
  if (!settings.application_name.empty()) {
    set(keywords, "application_name", settings.application_name);
  }
  add_default(keywords, "keepalives", "1");
  add_default(keywords, "keepalives_idle", "15");
  add_default(keywords, "keepalives_interval", "5");
  add_default(keywords, "keepalives_count", "3");
  add_default(keywords, "tcp_user_timeout", "30000");
  add_default(keywords, "gssencmode", "disable");
  return keywords;
}

ConnectionPtr start(const Keywords& keywords) {
  ConnectionPtr connection(PQconnectStart(libpq_string(keywords).c_str()));
  if (!connection) throw Error(ErrorId::Internal, "out of memory while connecting");
  return connection;
}

std::optional<Milliseconds> connect_timeout(const ConnectionParameters& parameters) {
  const auto* text = parameters.find("connect_timeout");
  if (text == nullptr || text->empty()) return std::nullopt;
  const long seconds = std::strtol(text->c_str(), nullptr, 10);
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

ConnectionPtr connect_to(const Candidate& candidate, const ConnectorSettings& settings,
                         const TlsFiles& files, SteadyClock::time_point deadline,
                         const StopEvent& stop) {
  if (!candidate.problem.empty()) {
    throw Error(ErrorId::Unreachable,
                fmt::format("could not connect to {}: {}", candidate.where, candidate.problem));
  }
  auto keywords = with_defaults(candidate.keywords, settings);
  files.apply(keywords);
  forget_verification();
  auto connection = start(keywords);
  // The message then holds the SQLSTATE, which is offered nowhere else.
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  PQsetNoticeReceiver(
      connection.get(), [](void*, const PGresult*) {}, nullptr);
  const auto began = SteadyClock::now();
  auto status =
      PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED) {
      throw connect_error(files.own_names(PQerrorMessage(connection.get())), candidate.where);
    }
    const auto events = static_cast<short>(status == PGRES_POLLING_READING ? POLLIN : POLLOUT);
    const auto waited = wait_for(connection.get(), events, deadline, stop);
    if (waited == Waited::Stopped) {
      throw Error(ErrorId::Interrupted, fmt::format("stopped connecting to {}", candidate.where));
    }
    if (waited == Waited::TimeOver) {
      const auto spent = std::chrono::duration_cast<Milliseconds>(SteadyClock::now() - began);
      throw Error(ErrorId::Unreachable,
                  fmt::format("could not connect to {}: no answer within {} ms", candidate.where,
                              spent.count()));
    }
    status = PQconnectPoll(connection.get());
  }
  return connection;
}

bool may_try_next(const Error& error) {
  return error.id() == ErrorId::Unreachable || error.id() == ErrorId::ReadOnly;
}

/// Several addresses failed: the first one's kind, everybody's words.
Error also(std::optional<Error> before, const Error& error) {
  if (!before) return error;
  auto info = before->info();
  info.message += "; " + error.info().message;
  return Error(std::move(info));
}

/// Takes over an established connection and sets it up within the time, or refuses it: then the
/// next server is tried.
using Use = std::function<void(PGconn*, SteadyClock::time_point deadline)>;

void connect_to_one(const std::vector<Candidate>& list, const ConnectionParameters& parameters,
                    const ConnectorSettings& settings, const StopEvent& stop,
                    SteadyClock::time_point deadline, const Use& use) {
  const TlsFiles files(parameters);
  std::optional<Error> failure;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto now = SteadyClock::now();
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - now);
    auto share = std::max(kShortestShare, left / static_cast<long>(list.size() - i));
    if (const auto limit = connect_timeout(parameters)) share = std::min(share, *limit);
    try {
      auto connection = connect_to(list[i], settings, files, std::min(deadline, now + share), stop);
      return use(connection.release(), std::max(deadline, SteadyClock::now() + kShortestSetUp));
    } catch (const Error& error) {
      if (!may_try_next(error)) throw;
      failure = also(std::move(failure), error);
    }
  }
  throw Error(*failure);
}

void connect_with(const ConnectionParameters& parameters, const ConnectorSettings& settings,
                  const std::stop_token& stop, Milliseconds longest, const Use& use) {
  if (may_use_tls(parameters)) watch_tls();
  auto list = candidates(parameters);
  // libpq's own order of preference within a list of servers: standbys first, then any.
  const auto* wanted = parameters.find("target_session_attrs");
  if (wanted != nullptr && *wanted == "prefer-standby" && list.size() > 1) {
    auto standbys = list;
    for (auto& candidate : standbys) set(candidate.keywords, "target_session_attrs", "standby");
    for (auto& candidate : list) set(candidate.keywords, "target_session_attrs", "any");
    list.insert(list.begin(), standbys.begin(), standbys.end());
  }
  connect_to_one(list, parameters, settings, StopEvent(stop),
                 SteadyClock::now() + std::min(settings.attempt_timeout, longest), use);
}

class PostgresConnector final : public engine::Connector {
 public:
  explicit PostgresConnector(ConnectorSettings settings)
      : settings_(std::make_shared<const ConnectorSettings>(std::move(settings))),
        names_(settings_->history_schema, settings_->history_table) {}

  std::unique_ptr<engine::Connection> connect(const std::stop_token& stop,
                                              Milliseconds longest) override {
    const auto parameters = settings_->parameters();
    {
      const MutexLock lock(mutex_);
      description_ = parameters.description();
    }
    std::unique_ptr<engine::Connection> session;
    connect_with(parameters, *settings_, stop, longest,
                 [&](PGconn* connection, SteadyClock::time_point deadline) {
                   session = std::make_unique<Session>(connection, settings_, names_, parameters,
                                                       deadline);
                 });
    return session;
  }

  /// Not behind a pooler, where a process id says nothing.
  [[nodiscard]] std::unique_ptr<engine::ActivityReader> attend(const std::stop_token& stop,
                                                               Milliseconds longest) override {
    if (settings_->pooler != PoolerMode::Refuse) return nullptr;
    const auto parameters = settings_->parameters();
    std::unique_ptr<engine::ActivityReader> reader;
    connect_with(parameters, *settings_, stop, longest,
                 [&](PGconn* connection, SteadyClock::time_point) {
                   reader = std::make_unique<SessionActivityReader>(connection);
                 });
    return reader;
  }

  [[nodiscard]] std::string description() const override {
    const MutexLock lock(mutex_);
    return description_.empty() ? std::string("the database") : description_;
  }

 private:
  std::shared_ptr<const ConnectorSettings> settings_;
  TableNames names_;
  mutable Mutex mutex_;
  std::string description_ HEADWAY_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<engine::Connector> make_connector(ConnectorSettings settings) {
  return std::make_unique<PostgresConnector>(std::move(settings));
}

std::unique_ptr<FleetReader> connect_reader(const ConnectorSettings& settings,
                                            const std::stop_token& stop, Milliseconds longest) {
  const auto parameters = settings.parameters();
  std::unique_ptr<FleetReader> reader;
  connect_with(parameters, settings, stop, longest,
               [&](PGconn* connection, SteadyClock::time_point deadline) {
                 reader =
                     std::make_unique<FleetSession>(connection, settings, parameters, deadline);
               });
  return reader;
}

std::unique_ptr<ScratchServer> connect_scratch_server(const ConnectorSettings& settings,
                                                      const std::stop_token& stop,
                                                      Milliseconds longest) {
  std::unique_ptr<ScratchServer> server;
  connect_with(settings.parameters(), settings, stop, longest,
               [&](PGconn* connection, SteadyClock::time_point) {
                 server = std::make_unique<ScratchSession>(connection, settings);
               });
  return server;
}

}  // namespace headway::postgres
