// What really arrives on standard error.
#include "telemetry/log.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "unit/telemetry/simulated_run.hpp"

using namespace headway;
using namespace headway::telemetry;
using namespace headway::testing;

namespace {

/// Collects standard error in a file while it lives.
class CapturedStderr {
 public:
  CapturedStderr() : file_(std::tmpfile()), saved_(::dup(STDERR_FILENO)) {
    std::fflush(stderr);
    REQUIRE(file_ != nullptr);
    REQUIRE(::dup2(::fileno(file_), STDERR_FILENO) >= 0);
  }
  ~CapturedStderr() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    std::fclose(file_);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  [[nodiscard]] std::string text() const {
    std::string out;
    char buffer[4096];
    ssize_t n = 0;
    off_t at = 0;
    while ((n = ::pread(::fileno(file_), buffer, sizeof buffer, at)) > 0) {
      out.append(buffer, static_cast<std::size_t>(n));
      at += n;
    }
    return out;
  }

 private:
  std::FILE* file_;
  int saved_;
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    REQUIRE(end != std::string_view::npos);  // the last line ends, too
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

template <typename Tell>
std::vector<std::string> logged(const LogSettings& settings, Tell tell) {
  const CapturedStderr captured;
  const auto observer = make_log_observer(settings);
  tell(*observer);
  return lines_of(captured.text());
}

LogSettings json(LogLevel level = LogLevel::Info) {
  LogSettings settings;
  settings.format = LogFormat::Json;
  settings.level = level;
  settings.database = "hive";
  return settings;
}

}  // namespace

TEST_CASE("every line of a run is one JSON object with a time and a level") {
  const auto lines = logged(json(LogLevel::Debug), [](engine::Observer& observer) {
    simulate_run(observer, Outcome::Failure);
  });
  REQUIRE(lines.size() > 10);
  const std::regex rfc3339(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
  for (const std::string& line : lines) {
    CAPTURE(line);
    const boost::json::object object = boost::json::parse(line).as_object();
    CHECK(std::regex_match(std::string(object.at("time").as_string()), rfc3339));
    const std::string level(object.at("level").as_string());
    CHECK((level == "debug" || level == "info" || level == "warning" || level == "error"));
    CHECK(object.at("database").as_string() == "hive");
    CHECK_FALSE(object.at("event").as_string().empty());
    CHECK_FALSE(object.at("message").as_string().empty());
  }
  const boost::json::object last = boost::json::parse(lines.back()).as_object();
  CHECK(last.at("event").as_string() == "run_finished");
  CHECK(last.at("exit_code").as_int64() == 20);
  CHECK(last.at("duration_seconds").as_double() == doctest::Approx(1.5));
}

TEST_CASE("hostile values stay inside their JSON string") {
  const std::string hostile = "a\"}\n{\"level\":\"info\",\\ \xff\xfe \x1b[31m";
  const auto lines = logged(json(), [&](engine::Observer& observer) {
    observer.warning("id\n\"", hostile);
    ErrorInfo error = unreachable();
    error.server_hint = hostile;
    observer.connect_failed(error, 1, Milliseconds{5});
    const migration::Step applied = step("1\n2", hostile);
    observer.step_finished({applied, 0, 1, 1}, Microseconds{1});
  });
  REQUIRE(lines.size() == 3);
  const std::string shown = "a\"}\n{\"level\":\"info\",\\ \uFFFD\uFFFD \x1b[31m";
  CHECK(boost::json::parse(lines[0]).as_object().at("message").as_string() == shown);
  CHECK(boost::json::parse(lines[1]).as_object().at("hint").as_string() == shown);
  CHECK(boost::json::parse(lines[2]).as_object().at("name").as_string() == shown);
  CHECK(boost::json::parse(lines[2]).as_object().at("version").as_string() == "1\n2");
}

TEST_CASE("no line grows beyond what a container runtime keeps in one piece") {
  const auto lines = logged(json(), [](engine::Observer& observer) {
    observer.warning("id", std::string(1'000'000, 'x'));
  });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].size() < 8 * 1024);
}

TEST_CASE("lines below the level are not written") {
  const auto lines = logged(json(LogLevel::Warning), [](engine::Observer& observer) {
    simulate_run(observer, Outcome::Success);
  });
  REQUIRE(lines.size() == 1);
  CHECK(boost::json::parse(lines[0]).as_object().at("event").as_string() == "connect_failed");
  CHECK(logged(json(LogLevel::Error), [](engine::Observer& observer) {
          simulate_run(observer, Outcome::Success);
        }).empty());
}

TEST_CASE("text is aligned, and an error has three lines") {
  const auto lines =
      logged({}, [](engine::Observer& observer) { simulate_run(observer, Outcome::Failure); });
  const std::regex head(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (INFO |WARN |ERROR) \S.*)");
  const std::regex below(R"( {30}(why:  |next: )\S.*)");
  std::size_t heads = 0;
  std::size_t belows = 0;
  for (const std::string& line : lines) {
    CAPTURE(line);
    const bool is_head = std::regex_match(line, head);
    CHECK((is_head || std::regex_match(line, below)));
    CHECK(line.find('\x1b') == std::string::npos);
    ++(is_head ? heads : belows);
  }
  CHECK(heads == 11);
  CHECK(belows == 2);
}

TEST_CASE("text keeps a value on its line") {
  const auto lines = logged({}, [](engine::Observer& observer) {
    observer.warning("x", "first\n2026-01-01 00:00:00.000 INFO  forged\x1b[2J");
  });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with("first 2026-01-01 00:00:00.000 INFO  forged\uFFFD[2J"));
}

TEST_CASE("colours come only when asked for, and never into JSON") {
  LogSettings settings;
  settings.color = true;
  const auto warn = [](engine::Observer& observer) { observer.warning("x", "careful"); };
  CHECK(logged(settings, warn)[0].find("\x1b[") != std::string::npos);
  settings.format = LogFormat::Json;
  CHECK(logged(settings, warn)[0].find('\x1b') == std::string::npos);
}
