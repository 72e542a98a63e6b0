#include "cli/runtime.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cli/adapters.hpp"
#include "cli/error_text.hpp"
#include "cli/http_routes.hpp"
#include "cli/identity.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "engine/script.hpp"
#include "files/directory.hpp"
#include "formats/detect.hpp"
#include "formats/source.hpp"
#include "telemetry/log.hpp"
#include "telemetry/termination_log.hpp"

namespace headway::cli {
namespace {

bool is_directory(const char* path) {
  struct stat status {};
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

std::string_view outcome_of(const engine::RunReport& report, int exit_code) {
  if (!report.error) return report.changed() ? "done" : "nothing-to-do";
  if (exit_code == 0) return "degraded";
  return report.error->kind() == Kind::Interrupted ? "interrupted" : "failed";
}

formats::Reading reading_of(const Settings& settings) {
  formats::Reading reading;
  reading.environment = settings.environment;
  reading.replace_placeholders = !settings.no_placeholders;
  reading.skip_foreign_code = settings.skip_foreign_code;
  for (const auto& [name, value] : settings.placeholders) reading.placeholders[name] = value;
  if (!settings.search_path.empty()) reading.default_schema = settings.search_path.front();
  reading.variable = [](const std::string& name) -> std::optional<std::string> {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  return reading;
}

}  // namespace

std::string source_directory(const Settings& settings) {
  if (!settings.migrations.empty()) return settings.migrations;
  return is_directory("/migrations") ? "/migrations" : "migrations";
}

bool has_default_source() { return is_directory("/migrations") || is_directory("migrations"); }

migration::Source load_source(const Settings& settings) {
  return load_source_and_format(settings).source;
}

LoadedSource load_source_and_format(const Settings& settings) {
  formats::Listing listing = files::read_directory(source_directory(settings), files::Depth::Flat);
  formats::Detection detection =
      settings.format ? formats::Detection{*settings.format, ""} : formats::detect(listing);
  const formats::Format format = detection.format;
  if (formats::format_info(format).tree) {
    listing = files::read_directory(source_directory(settings), files::Depth::Tree);
  }
  // A long statement is held by us and twice by libpq: what is done with goes back at once.
  static constexpr int kLargestKept = 1024 * 1024;
  const auto is_large = [](const migration::SourceFile& file) { return file.large != nullptr; };
  if (std::ranges::any_of(listing.files, is_large)) mallopt(M_MMAP_THRESHOLD, kLargestKept);
  const std::string directory = listing.directory;
  const std::vector<std::string> below = formats::folders_below(listing);
  migration::Source source =
      formats::build_source(format, std::move(listing), reading_of(settings), engine::outline_of);
  const bool empty =
      source.migrations().empty() && source.repeatables().empty() && source.skipped().empty();
  if (empty && !settings.allow_empty) {
    const std::string message = fmt::format("there is no migration of {} in {}",
                                            formats::format_info(format).title, directory);
    if (below.empty()) throw Error(ErrorId::SourceEmpty, message);
    throw Error(ErrorId::SourceEmpty, message)
        .next(fmt::format(
            "There are .sql files in {}: give --migrations={}/{}, if they are the migrations.",
            fmt::join(below, ", "), directory, below.front()));
  }
  return {std::move(source), std::move(detection)};
}

void print_warnings(const Invocation& invocation, std::string_view id,
                    const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  if (invocation.logs_json()) {
    const auto log =
        telemetry::make_log_observer(log_settings(invocation, telemetry::LogLevel::Warning));
    for (const std::string& warning : warnings) log->warning(id, warning);
    return;
  }
  const Paint paint = invocation.err_paint();
  for (const std::string& warning : warnings) {
    print_error(fmt::format("{} {}\n", paint.yellow("warning:"), one_line(warning)));
  }
}

Runtime::Runtime(const Invocation& invocation, Access access)
    : invocation_(invocation),
      settings_(invocation.settings),
      access_(access),
      run_id_(random_uuid()),
      random_(std::random_device{}()) {
  // First of all, because threads inherit the signal mask.
  signals_ = server::watch_signals(settings_.drain, settings_.shutdown_timeout);
  build_observers();
  build_metrics();
  for (const std::string& warning : invocation_.warnings) warn("configuration", warning);
}

Runtime::~Runtime() = default;

engine::Context& Runtime::context() {
  if (!context_) {
    build_connector();
    context_.emplace(
        engine::Context{*connector_,
                        observers_,
                        clock_,
                        random_,
                        {signals_->soon(), signals_->now()},
                        engine_settings(settings_, run_name(invocation_.command), run_id_)});
  }
  return *context_;
}

void Runtime::connect_ahead() noexcept {
  try {
    build_connector();
    located_ = locate();
    connector_->begin(std::max(settings_.connect_timeout, Milliseconds{1000}));
  } catch (const std::exception&) {
    // The source's mistakes come first; a Secret may still appear.
    return;
  }
}

postgres::ConnectionParameters Runtime::locate() {
  if (located_) return *std::exchange(located_, std::nullopt);
  postgres::ConnectionParameters parameters =
      postgres::locate(database_places(settings_, invocation_.variables));
  if (!std::exchange(warned_, true)) {
    for (const std::string& warning : parameters.warnings) warn("database-url", warning);
    if (!parameters.unverified.empty()) warn("unverified-server", parameters.unverified);
  }
  return parameters;
}

void Runtime::build_observers() {
  const bool terminal = invocation_.err_is_terminal;
  // A person wants the live line; who asks for a log gets the log.
  if (terminal && !settings_.log_format && !settings_.log_level) {
    console_ = make_progress(invocation_.err_paint(), !settings_.no_progress);
  } else {
    // Who only asks wants the answer; what changes a database leaves a trace.
    console_ = telemetry::make_log_observer(
        log_settings(invocation_, access_ == Access::Read ? telemetry::LogLevel::Warning
                                                          : telemetry::LogLevel::Info));
    logs_ = true;
  }
  observers_.add(*console_);
}

void Runtime::build_metrics() {
  // A variable names the address for a whole container: what is executed there beside `serve`, such
  // as `status`, must not listen on it, too.
  if (access_ != Access::Write || !find_option("http")->commands.contains(invocation_.command.id)) {
    return;
  }
  if (settings_.metrics_file.empty() && settings_.pushgateway_url.empty() &&
      settings_.http.empty()) {
    return;
  }
  const Build build = build_info();
  metrics_ = telemetry::make_metrics(
      {settings_.name, std::string(build.version), std::string(build.revision)});
  observers_.add(*metrics_);
  if (settings_.http.empty()) return;
  live_ = std::make_unique<LiveView>(settings_.name, clock_, settings_.phases);
  observers_.add(*live_);
  http_ = server::start_http_server(settings_.http,
                                    [this](std::string_view path) { return respond(path); });
}

server::HttpResponse Runtime::respond(std::string_view path) {
  if (path != "/metrics") return cli::respond(path, live_->status(), clock_.now());
  scrapes_.count();
  return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_->render()};
}

void Runtime::await_scrapes(Milliseconds longest) {
  if (http_ != nullptr) scrapes_.await_two(longest, signals_->soon());
}

void Runtime::let_start_degraded() {
  if (live_ != nullptr) live_->let_start_degraded();
}

void Runtime::build_connector() {
  if (connector_) return;
  postgres::require_database(database_places(settings_, invocation_.variables));
  postgres::ConnectorSettings s = connector_settings(invocation_, run_id_);
  s.parameters = [this] { return locate(); };
  s.read_only = access_ != Access::Write;
  s.history_ahead = true;
  // The status page shows all of the history.
  s.quick_look =
      access_ == Access::Write && invocation_.command.id == CommandId::Upgrade && live_ == nullptr;
  connector_ = std::make_unique<ConnectAhead>(postgres::make_connector(std::move(s)));
}

engine::RunReport Runtime::failed_before_start(ErrorInfo error) {
  engine::RunReport report;
  report.command = run_name(invocation_.command);
  report.run_id = run_id_;
  report.started = clock_.now();
  report.error = std::move(error);
  observers_.run_started(report.command, report.run_id);
  observers_.state_changed(engine::State::Failed);
  observers_.run_finished(report);
  return report;
}

void Runtime::write_termination_log(const engine::RunReport& report, int exit_code) noexcept {
  try {
    telemetry::Termination ending;
    ending.outcome = outcome_of(report, exit_code);
    ending.exit_code = exit_code;
    ending.command = invocation_.command.name;
    ending.database = settings_.name;
    ending.current = report.current;
    ending.target = report.target;
    ending.applied = report.done.size();
    ending.error = report.error;
    ending.headway_version = build_info().version;
    if (!telemetry::write_termination_log(settings_.termination_log,
                                          telemetry::termination_line(ending))) {
      warn("termination-log", fmt::format("can't write {}", settings_.termination_log));
    }
  } catch (...) {
    return;  // the exit code tells, too
  }
}

void Runtime::publish(const engine::RunReport& report) noexcept {
  if (metrics_ == nullptr) return;
  // Fifty idle pods must not overwrite the one that migrated.
  cli::publish(*metrics_, invocation_, report.changed() || report.error, observers_);
}

}  // namespace headway::cli
