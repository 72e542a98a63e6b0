// How a container ended, for `kubectl describe pod`: one line of JSON in the file that the kubelet
// reads when the container is gone.
// https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace headway::telemetry {

struct Termination {
  std::string_view outcome;  ///< "done", "nothing-to-do", "degraded", "interrupted", "failed"
  int exit_code = 0;
  std::string_view command;
  std::string_view database;  ///< logical name
  std::string current;        ///< empty: not known
  std::string target;         ///< empty: not known
  std::size_t applied = 0;    ///< steps done
  struct Targets {
    std::size_t total = 0;
    std::size_t ok = 0;
    std::size_t failed = 0;
    std::string failed_target;  ///< whose error is `error`; empty: nobody's
  };
  std::optional<Targets> targets;  ///< of a run over many
  std::optional<ErrorInfo> error;
  std::string_view headway_version;
};

/// The pod's containers share 12 KiB, and a reader wants one screen.
inline constexpr std::size_t kTerminationBytes = 1024;

/// At most kTerminationBytes with the line's end; long texts are cut at a character.
[[nodiscard]] std::string termination_line(const Termination& termination);

/// Replaces the file's content if it exists, and never makes it: outside of Kubernetes there is
/// none.  False: it is there and can't be written.
bool write_termination_log(const std::string& path, std::string_view line) noexcept;

}  // namespace headway::telemetry
