// A streaming replica of a TempCluster that has wal_level=replica and max_wal_senders.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "support/temp_cluster.hpp"

namespace headway::testing {

class TempStandby {
 public:
  /// Returns when it accepts connections.  The primary outlives this.
  explicit TempStandby(const TempCluster& primary);
  ~TempStandby();
  TempStandby(const TempStandby&) = delete;
  TempStandby& operator=(const TempStandby&) = delete;

  [[nodiscard]] std::string url(std::string_view database = "postgres") const;
  /// Stops, and goes on with, replaying what it receives.
  void pause_replay() const;
  void resume_replay() const;

 private:
  TempDir dir_;
  std::unique_ptr<Process> server_;
};

}  // namespace headway::testing
