#include "support/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace headway::testing {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read, write;
};

Pipe make_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {Descriptor(fds[0]), Descriptor(fds[1])};
}

// The whole input lies in memory, so that nobody has to feed a pipe.
Descriptor make_input(const std::string& text) {
  if (text.empty()) return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Descriptor fd(memfd_create("stdin", MFD_CLOEXEC));
  if (fd.get() < 0) fail("memfd_create");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = write(fd.get(), text.data() + done, text.size() - done);
    if (n < 0) fail("write to memfd");
    done += static_cast<std::size_t>(n);
  }
  lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
};

// Not getpwnam: it wants shared libraries even in a static program.
Identity find_user(const std::string& name) {
  std::ifstream passwd("/etc/passwd");
  for (std::string line; std::getline(passwd, line);) {
    if (!line.starts_with(name + ":")) continue;
    const auto uid = line.find(':', name.size() + 1) + 1;
    const auto gid = line.find(':', uid) + 1;
    return {static_cast<uid_t>(std::stoul(line.substr(uid))),
            static_cast<gid_t>(std::stoul(line.substr(gid)))};
  }
  throw std::runtime_error("there is no user " + name + " in /etc/passwd");
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string rest = path != nullptr ? path : "/usr/bin:/bin";
  rest += ":/usr/sbin:/sbin:";
  for (std::size_t colon; (colon = rest.find(':')) != std::string::npos;
       rest = rest.substr(colon + 1)) {
    std::string candidate = rest.substr(0, colon) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw std::runtime_error("there is no program " + name + " in PATH");
}

std::vector<std::string> make_environment(const Command& command) {
  static constexpr std::array kKept{
      "PATH=", "TMPDIR=", "ASAN_OPTIONS=", "TSAN_OPTIONS=", "UBSAN_OPTIONS=", "LSAN_OPTIONS="};
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool keep = command.inherit_environment ||
                      std::ranges::any_of(kKept, [&](auto name) { return text.starts_with(name); });
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::ranges::any_of(command.environment,
                                              [&](const auto& pair) { return pair.first == name; });
    if (keep && !replaced) out.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (auto& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Everything between fork and exec; only calls that are safe in the child of a threaded process.
// On failure errno goes up `report`.
struct Child {
  const char* program;
  char** argv;
  char** envp;
  int in, out, err, report;
  const char* working_directory;
  std::optional<Identity> identity;
  int death_signal;
  pid_t parent;

  [[noreturn]] void exec() const {
    setpgid(0, 0);
    for (int signal = 1; signal < 32; ++signal) ::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const bool ok = dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2 && drop() &&
                    (working_directory == nullptr || chdir(working_directory) == 0);
    // After the change of identity, which clears it.
    if (ok) prctl(PR_SET_PDEATHSIG, death_signal);
    if (ok && getppid() == parent) execve(program, argv, envp);
    const int error = errno;
    if (write(report, &error, sizeof error) < 0) _exit(126);
    _exit(127);
  }

  [[nodiscard]] bool drop() const {
    return !identity || (setgroups(1, &identity->gid) == 0 && setgid(identity->gid) == 0 &&
                         setuid(identity->uid) == 0);
  }
};

}  // namespace

std::string Exit::text() const {
  std::string text =
      signal != 0 ? "signal " + std::to_string(signal) : "exit " + std::to_string(code);
  if (timed_out) text += " (killed: it took too long)";
  return text + "\n--- stdout\n" + out + "\n--- stderr\n" + err;
}

class Process::Impl {
 public:
  explicit Impl(const Command& command) : started_(steady_clock::now()) {
    if (command.args.empty()) throw std::runtime_error("a command needs a program");
    program_ = find_program(command.args.front());
    start(command);
    collector_ = std::thread([this] { collect(); });
  }

  ~Impl() {
    kill_group();
    collector_.join();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

  [[nodiscard]] bool running() const {
    const std::lock_guard lock(mutex_);
    return !ended_;
  }

  [[nodiscard]] std::string output(std::string Exit::*stream) const {
    const std::lock_guard lock(mutex_);
    return exit_.*stream;
  }

  void wait_for(const std::string& what, milliseconds timeout,
                const std::function<bool(const std::string&)>& found) const {
    std::unique_lock lock(mutex_);
    const auto is_found = [&] { return found(exit_.out) || found(exit_.err); };
    changed_.wait_for(lock, timeout, [&] { return is_found() || (ended_ && drained_); });
    if (is_found()) return;
    const std::string outcome = ended_ ? exit_.text() : "still running\n" + exit_.text();
    throw std::runtime_error(program_ + " has not written " + what + ": " + outcome);
  }

  void send_signal(int signal) const {
    const std::lock_guard lock(mutex_);
    if (!ended_) kill(pid_, signal);
  }

  Exit wait(milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const auto done = [this] { return ended_ && drained_; };
    if (!changed_.wait_for(lock, timeout, done)) {
      lock.unlock();
      kill_group();
      lock.lock();
      changed_.wait(lock, done);
      exit_.timed_out = true;
    }
    return exit_;
  }

 private:
  void start(const Command& command) {
    std::vector<std::string> args = command.args;
    std::vector<std::string> environment = make_environment(command);
    std::vector<char*> argv = pointers(args);
    std::vector<char*> envp = pointers(environment);
    const Descriptor in = make_input(command.input);
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    Pipe report = make_pipe();
    Child child{program_.c_str(),
                argv.data(),
                envp.data(),
                in.get(),
                out.write.get(),
                err.write.get(),
                report.write.get(),
                command.working_directory.empty() ? nullptr : command.working_directory.c_str(),
                std::nullopt,
                command.death_signal,
                getpid()};
    if (!command.user.empty() && geteuid() == 0) child.identity = find_user(command.user);

    pid_ = fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) child.exec();
    setpgid(pid_, pid_);  // both sides do it: whoever comes first
    report.write.close();
    int error = 0;
    if (read(report.read.get(), &error, sizeof error) > 0) {
      waitpid(pid_, nullptr, 0);
      errno = error;
      fail("cannot start " + program_);
    }
    out_ = std::move(out.read);
    err_ = std::move(err.read);
    fcntl(out_.get(), F_SETFL, O_NONBLOCK);
    fcntl(err_.get(), F_SETFL, O_NONBLOCK);
  }

  void collect() {
    const Descriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    const int pause = pidfd.get() >= 0 ? 1000 : 2;
    for (bool ended = false; !ended;) {
      std::array<pollfd, 3> fds{pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0},
                                pollfd{pidfd.get(), POLLIN, 0}};
      poll(fds.data(), fds.size(), pause);
      read_all();
      ended = reap();
    }
    read_all();  // what it wrote last; its own children may hold the pipes open for longer
    const std::lock_guard lock(mutex_);
    drained_ = true;
    changed_.notify_all();
  }

  void read_all() {
    read_some(out_, &Exit::out);
    read_some(err_, &Exit::err);
  }

  void read_some(Descriptor& from, std::string Exit::*stream) {
    std::array<char, 65536> buffer{};
    while (from.get() >= 0) {
      const ssize_t n = read(from.get(), buffer.data(), buffer.size());
      if (n < 0) return;
      if (n == 0) return from.close();
      const std::lock_guard lock(mutex_);
      (exit_.*stream).append(buffer.data(), static_cast<std::size_t>(n));
      changed_.notify_all();
    }
  }

  bool reap() {
    const std::lock_guard lock(mutex_);
    int status = 0;
    if (wait4(pid_, &status, WNOHANG, &exit_.usage) != pid_) return false;
    exit_.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    exit_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    exit_.duration = std::chrono::duration_cast<milliseconds>(steady_clock::now() - started_);
    ended_ = true;
    changed_.notify_all();
    return true;
  }

  // Only while the leader is not reaped: afterwards the number may be somebody else's.
  void kill_group() const {
    const std::lock_guard lock(mutex_);
    if (!ended_) kill(-pid_, SIGKILL);
  }

  const steady_clock::time_point started_;
  std::string program_;
  pid_t pid_ = -1;
  Descriptor out_, err_;  // of the collector, once it runs
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Exit exit_;
  bool ended_ = false;
  bool drained_ = false;
  std::thread collector_;
};

Process::Process(Command command) : impl_(std::make_unique<Impl>(command)) {}
Process::~Process() = default;
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;

pid_t Process::pid() const noexcept { return impl_->pid(); }
bool Process::running() const { return impl_->running(); }
std::string Process::out() const { return impl_->output(&Exit::out); }
std::string Process::err() const { return impl_->output(&Exit::err); }

void Process::wait_for_output(std::string_view text, milliseconds timeout) const {
  impl_->wait_for("\"" + std::string(text) + "\"", timeout, [text](const std::string& output) {
    return output.find(text) != std::string::npos;
  });
}

void Process::wait_for_output(const std::regex& pattern, milliseconds timeout) const {
  impl_->wait_for("what was expected", timeout, [&pattern](const std::string& output) {
    return std::regex_search(output, pattern);
  });
}

void Process::send_signal(int signal) const { impl_->send_signal(signal); }
Exit Process::wait(milliseconds timeout) { return impl_->wait(timeout); }

Exit Process::stop(int signal, milliseconds timeout) {
  send_signal(signal);
  return wait(timeout);
}

Exit run(Command command) {
  const milliseconds timeout = command.timeout;
  return Process(std::move(command)).wait(timeout);
}

}  // namespace headway::testing
