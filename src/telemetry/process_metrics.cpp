#include "telemetry/process_metrics.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace headway::telemetry {
namespace {

std::string read_all(const char* path) {
  std::string text;
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return text;
}

std::optional<double> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return static_cast<double>(value);
}

/// The n-th word, counted from 0; empty if there are fewer.
std::string_view word(std::string_view text, std::size_t n) {
  for (;;) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (n == 0) return text.substr(0, end);
    if (end == text.size()) return {};
    text.remove_prefix(end + 1);
    --n;
  }
}

/// Seconds since 1970 at which the machine booted.
std::optional<double> boot_time() {
  const std::string stat = read_all("/proc/stat");
  constexpr std::string_view kKey = "\nbtime ";
  const std::size_t at = stat.find(kKey);
  if (at == std::string::npos) return std::nullopt;
  return number(std::string_view(stat).substr(at + kKey.size()));
}

std::optional<double> open_descriptors() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error)) {
    ++count;
  }
  if (error || count == 0) return std::nullopt;
  return count - 1;  // the one that reads the directory
}

void add(std::vector<prometheus::MetricFamily>& families, prometheus::MetricType type,
         std::string name, std::string help, std::optional<double> value) {
  if (!value) return;
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = *value;
  } else {
    metric.gauge.value = *value;
  }
  families.push_back({std::move(name), std::move(help), type, {metric}});
}

}  // namespace

std::vector<prometheus::MetricFamily> process_metrics() {
  using prometheus::MetricType;
  std::vector<prometheus::MetricFamily> families;

  // proc(5): the command stands in parentheses and may hold anything; the fields after it count
  // from 3, `state`.
  const std::string stat = read_all("/proc/self/stat");
  const std::size_t close = stat.rfind(')');
  if (close != std::string::npos && close + 2 <= stat.size()) {
    const std::string_view fields = std::string_view(stat).substr(close + 2);
    const auto field = [&](std::size_t n) { return number(word(fields, n - 3)); };
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto user = field(14);
    const auto system = field(15);
    if (user && system) {
      add(families, MetricType::Counter, "process_cpu_seconds_total",
          "Total user and system CPU time spent in seconds.", (*user + *system) / ticks);
    }
    const auto started = field(22);
    const auto boot = boot_time();
    if (started && boot) {
      add(families, MetricType::Gauge, "process_start_time_seconds",
          "Start time of the process since unix epoch in seconds.", *boot + *started / ticks);
    }
    add(families, MetricType::Gauge, "process_virtual_memory_bytes",
        "Virtual memory size in bytes.", field(23));
    if (const auto pages = field(24)) {
      add(families, MetricType::Gauge, "process_resident_memory_bytes",
          "Resident memory size in bytes.", *pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    }
  }
  add(families, MetricType::Gauge, "process_open_fds", "Number of open file descriptors.",
      open_descriptors());
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    add(families, MetricType::Gauge, "process_max_fds", "Maximum number of open file descriptors.",
        static_cast<double>(limit.rlim_cur));
  }
  return families;
}

}  // namespace headway::telemetry
