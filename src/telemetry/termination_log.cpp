#include "telemetry/termination_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "telemetry/text.hpp"

namespace headway::telemetry {
namespace {

constexpr std::size_t kVersionBytes = 80;
constexpr std::size_t kNameBytes = 64;

/// At most `size` bytes of valid UTF-8, and no half character at its end.
std::string cut(std::string_view text, std::size_t size) {
  std::string out = one_line(text);
  if (out.size() <= size) return out;
  while (size > 0 && (static_cast<unsigned char>(out[size]) & 0xC0U) == 0x80U) --size;
  out.resize(size);
  return out;
}

class Line {
 public:
  void add(std::string_view key, std::string_view text) {
    if (text.empty()) return;
    begin(key);
    append_json_string(text_, text);
  }
  void add(std::string_view key, std::size_t number) {
    begin(key);
    text_ += std::to_string(number);
  }
  [[nodiscard]] std::string end() const { return text_ + "}\n"; }

 private:
  void begin(std::string_view key) {
    text_ += text_.empty() ? '{' : ',';
    append_json_string(text_, key);
    text_ += ':';
  }
  std::string text_;
};

std::string what_happened(const ErrorInfo& error) {
  std::string out = error.where.text();
  if (!out.empty()) out += ": ";
  out += error.message;
  if (!error.server_text.empty() && error.message.find(error.server_text) == std::string::npos) {
    out += ": " + error.server_text;
  }
  return out;
}

std::string rendered(const Termination& t, std::string_view message) {
  Line line;
  line.add("outcome", t.outcome);
  line.add("exit_code", static_cast<std::size_t>(t.exit_code));
  line.add("command", cut(t.command, kNameBytes));
  line.add("database", cut(t.database, kNameBytes));
  line.add("current", cut(t.current, kVersionBytes));
  line.add("target", cut(t.target, kVersionBytes));
  line.add("applied", t.applied);
  if (t.targets) {
    line.add("targets", t.targets->total);
    line.add("targets_ok", t.targets->ok);
    line.add("targets_failed", t.targets->failed);
    line.add("failed_target", cut(t.targets->failed_target, kVersionBytes));
  }
  if (t.error) {
    line.add("error_id", t.error->id_text());
    line.add("version", cut(t.error->version, kVersionBytes));
    line.add("sqlstate", cut(t.error->sqlstate, kNameBytes));
    line.add("message", message);
  }
  line.add("headway_version", cut(t.headway_version, kNameBytes));
  return line.end();
}

}  // namespace

std::string termination_line(const Termination& termination) {
  const std::string message = termination.error ? what_happened(*termination.error) : std::string();
  std::size_t room = kTerminationBytes;
  for (;;) {
    std::string line = rendered(termination, cut(message, room));
    if (line.size() <= kTerminationBytes || room == 0) return line;
    // Escapes take up to six bytes for one, so what is over is an upper bound only for plain text.
    room -= std::min(room, std::max<std::size_t>((line.size() - kTerminationBytes + 5) / 6, 1));
  }
}

bool write_termination_log(const std::string& path, std::string_view line) noexcept {
  const int file = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file < 0) return errno == ENOENT || errno == ENOTDIR;
  while (!line.empty()) {
    const ssize_t written = ::write(file, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::close(file) == 0 && line.empty();
}

}  // namespace headway::telemetry
