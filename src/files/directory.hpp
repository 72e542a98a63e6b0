// A directory on disk as a source of migrations; reads Kubernetes volume mounts right.
#pragma once
#include <string>

#include "formats/listing.hpp"

namespace headway::files {

enum class Depth {
  Flat,  ///< files of the directory itself are read; of what lies deeper names are listed, some
  Tree,  ///< files in directories below it as well
};

/// What lies in `directory`, in order of name: plain files and symlinks to plain files whose name
/// does not begin with a dot (so not `..data`).  Those whose name ends with .sql, in whatever case,
/// and those that formats::is_aside() are read, of others only the name is told.  If a mounted
/// ConfigMap is exchanged meanwhile, all files are of one of its versions.  Throws Error
/// SourceMissing, SourceUnreadable.
[[nodiscard]] formats::Listing read_directory(const std::string& directory, Depth depth);

/// Writes a new file; throws Error BadConfiguration if it exists or can't be written.
void write_new_file(const std::string& path, const std::string& text);

}  // namespace headway::files
