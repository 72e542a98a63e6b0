// Looks at what goes on around a session while it migrates, from a thread and on a connection of
// its own, once a second; and has the migration give way where its patience, or that of others,
// ends.
//
// A run that is over within a second is never looked at.  The connection is a convenience: a server
// that refuses it is told of once, and the migration goes on without; what is told then is what the
// migration itself says about how far it has come.
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/connection.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

class Attendance {
 public:
  /// Begins to look; all outlive this.
  Attendance(Context& context, Connection& connection);
  ~Attendance();
  Attendance(const Attendance&) = delete;
  Attendance& operator=(const Attendance&) = delete;

  /// While it lives the running statement may be cancelled for the sake of others.
  class Yielding {
   public:
    explicit Yielding(Attendance& attendance) : attendance_(attendance) { attendance.arm(true); }
    ~Yielding() { attendance_.arm(false); }
    Yielding(const Yielding&) = delete;
    Yielding& operator=(const Yielding&) = delete;

   private:
    Attendance& attendance_;
  };

  /// A transaction begins: its time for waiting with locks in hand is not spent yet.
  void transaction_begun();

  /// How far the migration itself says it has come, which is told with what is seen; nothing: it
  /// says no more.
  void progress(std::optional<CommandProgress> progress);

  /// Who was seen waiting for us since it was asked last; nothing if nobody.
  [[nodiscard]] std::optional<std::string> take_blocked();

  /// Why the statement was cancelled, if it was for one of our reasons; asked once.
  [[nodiscard]] std::optional<std::string> reason();
  /// Whom the migration was last seen waiting for; empty if nobody.
  [[nodiscard]] std::string blockers() const;

 private:
  void arm(bool armed);
  void attend(const std::stop_token& ended);
  bool look(const std::stop_token& ended);
  void attend_alone(const std::stop_token& ended);
  void judge(const Activity& activity);
  void tell(Activity activity);
  [[nodiscard]] bool pause(const std::stop_token& ended, Milliseconds pause);

  Context& context_;
  Connection& connection_;
  const int backend_pid_;  // what the connection tells of the server belongs to its own thread
  std::unique_ptr<ActivityReader> reader_;  // of the thread alone
  bool told_something_ = false;             // so is this
  mutable std::mutex mutex_;
  std::condition_variable_any wakeup_;
  bool armed_ = false;
  Milliseconds waited_with_locks_{};  // in the transaction that is open
  std::optional<std::string> reason_;
  std::string blockers_;
  std::optional<std::string> blocked_;
  std::optional<CommandProgress> progress_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace headway::engine
