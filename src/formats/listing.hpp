// What an adapter has found in a directory of migrations.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "migration/source.hpp"

namespace headway::formats {

struct Listing {
  std::string directory;                     ///< for messages
  std::vector<migration::SourceFile> files;  ///< .sql files; of a tree those that lie deeper too
  std::vector<migration::SourceFile> aside;  ///< is_aside(), of a tree those that lie deeper too
  /// Everything else, by its path below the directory; what lies deeper as well, .sql files too.
  /// Names that begin with a dot are left out.
  std::vector<std::string> others;
};

/// Whether a file says how others are to be run: tern.conf, V1__x.sql.conf, metadata.toml,
/// migration_lock.toml, atlas.sum, alembic.ini; or is a program in Python that may say what it
/// follows; or is golang-migrate's, which takes any ending: 1_x.up.psql.
[[nodiscard]] bool is_aside(std::string_view name);

/// The folders of the directory that hold .sql files directly, or in folders of theirs; a few, that
/// of PostgreSQL first.
[[nodiscard]] std::vector<std::string> folders_below(const Listing& listing);

}  // namespace headway::formats
