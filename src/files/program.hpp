// Running another program to its end.
#pragma once
#include <string>
#include <vector>

namespace headway::files {

struct ProgramEnd {
  int code = 0;  ///< exit code; 128 and the signal's number, as a shell tells it, if one ended it
  std::string out;
  std::string err;
};

/// Runs `command`, words as a shell takes them, with `arguments` behind it, which the shell does
/// not look into.  Standard input is empty; the environment and the working directory are our own.
/// From any thread, while nobody ignores SIGCHLD.  Throws Error Internal if no process can be
/// started.
[[nodiscard]] ProgramEnd run_program(const std::string& command,
                                     const std::vector<std::string>& arguments);

}  // namespace headway::files
