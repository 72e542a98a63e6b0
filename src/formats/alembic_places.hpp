// Which of the programs in a directory Alembic would take for revisions.
#pragma once
#include <vector>

#include "migration/source.hpp"

namespace headway::formats {

/// The .py files of its version locations: those that an alembic.ini names, else the `versions`
/// beside an env.py, else what lies in the directory itself; what lies deeper in them only with
/// recursive_version_locations, or where they are one graph with them.  All of `files` if there is
/// nothing in such places: a program may say where they are.  `files` outlives the result.
[[nodiscard]] std::vector<const migration::SourceFile*> alembic_files(
    const std::vector<migration::SourceFile>& files);

}  // namespace headway::formats
