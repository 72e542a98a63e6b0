// The `alembic` of a project on this machine: asked what its revisions do.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "formats/alembic_import.hpp"

namespace headway::cli {

/// What Alembic says of one revision.
struct PrintedRevision {
  formats::AlembicScript up;
  formats::AlembicScript down;
  std::string up_problem;    ///< one line; empty: none
  std::string down_problem;  ///< the same
};

class Alembic {
 public:
  /// `command`: words for a shell that start it; it runs in our working directory.
  explicit Alembic(std::string command) : command_(std::move(command)) {}

  /// All revisions, parents first, dependencies as ids.  Throws Error BadConfiguration if Alembic
  /// fails, SourceEmpty if there are none, and what formats::in_order() throws.
  [[nodiscard]] std::vector<formats::AlembicRevision> revisions() const;

  /// Asks for each, several at once.  `done` is called with how many are through, from one thread
  /// at a time.
  [[nodiscard]] std::vector<PrintedRevision> print(
      const std::vector<formats::AlembicRevision>& revisions, bool with_down,
      const std::function<void(std::size_t)>& done) const;

 private:
  /// Its output.  Throws Error BadConfiguration.
  [[nodiscard]] std::string ask(const std::vector<std::string>& arguments) const;
  void print_way(const formats::AlembicRevision& revision, formats::AlembicWay way,
                 formats::AlembicScript& script, std::string& problem) const;

  std::string command_;
};

}  // namespace headway::cli
