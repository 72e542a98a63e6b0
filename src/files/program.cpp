#include "files/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers,hicpp-deprecated-headers): sigset_t is POSIX
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace headway::files {
namespace {

[[noreturn]] void fail(const char* what, int code) {
  throw Error(ErrorId::Internal, fmt::format("{}: {}", what, std::strerror(code)));
}

/// Takes what a program writes, however much: a file in memory, which nobody has to empty
/// meanwhile.
class Catch {
 public:
  Catch() : fd_(::memfd_create("output", MFD_CLOEXEC)) {
    if (fd_ < 0) fail("memfd_create", errno);
  }
  ~Catch() { ::close(fd_); }
  Catch(const Catch&) = delete;
  Catch& operator=(const Catch&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::string text() const {
    std::string out;
    std::array<char, 16384> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
    for (;;) {
      const ssize_t got = ::pread(fd_, piece.data(), piece.size(), static_cast<off_t>(out.size()));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("pread", errno);
      if (got == 0) return out;
      out.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int fd_;
};

/// What the child's descriptors are.
class FileActions {
 public:
  FileActions(int out, int err) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
  }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// The child's signals are as a program expects them, whatever ours do.
class DefaultSignals {
 public:
  DefaultSignals() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~DefaultSignals() { ::posix_spawnattr_destroy(&attributes_); }
  DefaultSignals(const DefaultSignals&) = delete;
  DefaultSignals& operator=(const DefaultSignals&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

ProgramEnd run_program(const std::string& command, const std::vector<std::string>& arguments) {
  const Catch out;
  const Catch err;
  const FileActions actions(out.fd(), err.fd());
  const DefaultSignals signals;
  std::vector<std::string> words{"sh", "-c", command + " \"$@\"", "headway"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  pid_t pid = 0;
  const int problem =
      ::posix_spawn(&pid, "/bin/sh", actions.get(), signals.get(), argv.data(), environ);
  if (problem != 0) fail("can't start /bin/sh", problem);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid", errno);
  }
  static constexpr int kSignalled = 128;  // as a shell tells it
  return {WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status), out.text(),
          err.text()};
}

}  // namespace headway::files
