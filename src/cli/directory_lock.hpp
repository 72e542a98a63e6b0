// The directory that new migrations are written into.
#pragma once
#include <string>

namespace headway::cli {

/// With those above it.  Throws Error BadConfiguration.
void make_directory(const std::string& directory);

/// Holds a lock on the directory: two that make a revision at once would take the same version.
class DirectoryLock {
 public:
  /// Waits for it.  Throws Error BadConfiguration if the directory can't be opened.
  explicit DirectoryLock(const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int fd_;
};

}  // namespace headway::cli
