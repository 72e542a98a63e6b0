// What Alembic prints, turned into native files: one for each of its revisions.  Pure: who runs
// `alembic` hands over its output.
//
// Formats as of Alembic 1.20; `history --verbose` and `upgrade --sql` have looked like this since
// 0.7.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "migration/source.hpp"

namespace headway::formats {

struct AlembicRevision {
  std::string id;
  std::string message;  ///< one line
  std::vector<std::string> parents;
  /// As written: ids, parts of ids, or the labels of branches.
  std::vector<std::string> depends_on;
  std::string path;  ///< of its Python file
};

/// The entries of `alembic history --verbose` or `alembic show`, in the order of the output.
[[nodiscard]] std::vector<AlembicRevision> parse_alembic_history(std::string_view output);

/// Parents before children.  Throws Error UnknownParent, Cycle, DuplicateVersion.
[[nodiscard]] std::vector<AlembicRevision> in_order(std::vector<AlembicRevision> revisions);

/// The way to a revision or from it, as Alembic prints it with --sql.
struct AlembicScript {
  bool found = false;    ///< whether the output holds it
  std::string text;      ///< its statements, without those that belong to Alembic
  bool commits = false;  ///< it was printed with a COMMIT in between: autocommit_block()
  bool doubled_percent = false;
};
enum class AlembicWay { Up, Down };

/// What `revision` does, cut out of an output that may hold other revisions as well.  Throws what
/// sql::split() throws, with `name` as the file.
[[nodiscard]] AlembicScript script_of(std::string_view output, const AlembicRevision& revision,
                                      AlembicWay way, const std::string& name);

/// The texts of the files.
[[nodiscard]] std::string imported_up(const AlembicRevision& revision, const AlembicScript& script);
[[nodiscard]] std::string imported_down(const AlembicRevision& revision,
                                        const AlembicScript& script);
/// An up file that fails when it is run, for a revision that Alembic can't print because of
/// `reason`.
[[nodiscard]] std::string imported_refusal(const AlembicRevision& revision,
                                           std::string_view reason);

}  // namespace headway::formats
