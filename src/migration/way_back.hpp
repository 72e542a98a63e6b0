// Other tools keep both ways in one file.  Read as ours it would undo what it has just done, and
// with IF EXISTS drop what was there before.
#pragma once
#include <string_view>

namespace headway::migration {

/// Whether a line begins the way back in the files of another tool.
[[nodiscard]] bool begins_way_back(std::string_view line);

}  // namespace headway::migration
