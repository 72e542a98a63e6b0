// A directory on disk as a source of migrations; reads Kubernetes volume mounts right.
#pragma once
#include <string>
#include <vector>

#include "migration/source.hpp"

namespace headway::files {

/// The SQL files of `directory` in order of name: plain files and symlinks to plain files whose
/// name does not begin with a dot (so not `..data`) and ends with .sql, in whatever case.  What
/// stands in subdirectories does not count.  If a mounted ConfigMap is exchanged meanwhile, all
/// files are of one of its versions.  Throws Error SourceMissing, SourceUnreadable; SourceEmpty if
/// there is no such file and not `allow_empty`.
[[nodiscard]] std::vector<migration::SourceFile> read_directory(const std::string& directory,
                                                                bool allow_empty);

/// Writes a new file; throws Error BadConfiguration if it exists or can't be written.
void write_new_file(const std::string& path, const std::string& text);

}  // namespace headway::files
