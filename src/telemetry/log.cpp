#include "telemetry/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <array>

#include "telemetry/log_line.hpp"
#include "telemetry/log_observer.hpp"

namespace headway::telemetry {
namespace {

/// Width of "2026-11-22 09:30:00.123 INFO  ".
constexpr std::size_t kTextIndent = 30;

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return spdlog::level::debug;
    case LogLevel::Info: return spdlog::level::info;
    case LogLevel::Warning: return spdlog::level::warn;
    case LogLevel::Error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// The level in capitals, five wide.
class AlignedLevel final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& dest) override {
    static constexpr std::array<std::string_view, 7> kNames{"TRACE", "DEBUG", "INFO ", "WARN ",
                                                            "ERROR", "FATAL", "OFF  "};
    const std::string_view name = kNames.at(static_cast<std::size_t>(msg.level));
    dest.append(name.data(), name.data() + name.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<AlignedLevel>();
  }
};

std::unique_ptr<spdlog::formatter> make_formatter(LogFormat format) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (format == LogFormat::Json) {
    formatter->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})");
  } else {
    formatter->add_flag<AlignedLevel>('*').set_pattern("%Y-%m-%d %H:%M:%S.%e %^%*%$ %v");
  }
  return formatter;
}

/// A logger of its own: spdlog's global registry is never made.
class SpdlogWriter final : public LogWriter {
 public:
  explicit SpdlogWriter(const LogSettings& settings)
      : format_(settings.format), logger_("headway", make_sink(settings)) {
    logger_.set_level(spdlog_level(settings.level));
    logger_.flush_on(spdlog::level::trace);
    // The log is the only channel there is; if it is gone there is nobody to tell.
    logger_.set_error_handler([](const std::string&) {});
  }

  [[nodiscard]] bool wants(LogLevel level) const override {
    return logger_.should_log(spdlog_level(level));
  }

  void write(const LogLine& line) override {
    if (!wants(line.level)) return;
    const std::string text =
        format_ == LogFormat::Json ? json_members(line) : text_lines(line, kTextIndent);
    logger_.log(spdlog_level(line.level), spdlog::string_view_t(text));
  }

 private:
  static spdlog::sink_ptr make_sink(const LogSettings& settings) {
    const bool color = settings.color && settings.format == LogFormat::Text;
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(
        color ? spdlog::color_mode::always : spdlog::color_mode::never);
    sink->set_formatter(make_formatter(settings.format));
    return sink;
  }

  const LogFormat format_;
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<engine::Observer> make_log_observer(const LogSettings& settings) {
  return make_log_observer(settings.database, std::make_unique<SpdlogWriter>(settings));
}

void log_targets(const LogSettings& settings, const TargetsSummary& summary) {
  SpdlogWriter(settings).write(targets_line(settings.database, summary));
}

void log_error(const LogSettings& settings, const ErrorInfo& error) {
  SpdlogWriter(settings).write(error_line(settings.database, error));
}

}  // namespace headway::telemetry
