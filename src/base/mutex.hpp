// std::mutex with the annotations that let clang's -Wthread-safety see an unlocked access;
// libstdc++'s own mutex has none.  https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define HEADWAY_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define HEADWAY_THREAD_ANNOTATION(x)
#endif
#define HEADWAY_CAPABILITY(x) HEADWAY_THREAD_ANNOTATION(capability(x))
#define HEADWAY_SCOPED_CAPABILITY HEADWAY_THREAD_ANNOTATION(scoped_lockable)
#define HEADWAY_GUARDED_BY(x) HEADWAY_THREAD_ANNOTATION(guarded_by(x))
#define HEADWAY_REQUIRES(...) HEADWAY_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define HEADWAY_ACQUIRE(...) HEADWAY_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define HEADWAY_RELEASE(...) HEADWAY_THREAD_ANNOTATION(release_capability(__VA_ARGS__))

namespace headway {

class HEADWAY_CAPABILITY("mutex") Mutex {
 public:
  void lock() HEADWAY_ACQUIRE() { mutex_.lock(); }
  void unlock() HEADWAY_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class HEADWAY_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) HEADWAY_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() HEADWAY_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// Waits on a Mutex: std::condition_variable_any takes any lockable.
using Condition = std::condition_variable_any;

}  // namespace headway
