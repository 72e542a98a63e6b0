// A new migration's version, name and text.  Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "migration/source.hpp"

namespace headway::cli {

/// "Add an index!" -> "add_an_index".  Empty if the text has neither letters nor digits.
[[nodiscard]] std::string slug_of(std::string_view message);

enum class Numbering { Timestamp, Sequential };

/// A version that no migration and no file's name has and that comes after all of these that are
/// numeric: the time in UTC, or the number after the last one.
[[nodiscard]] migration::Version next_version(const migration::Source& source, Numbering numbering,
                                              Timestamp now);

/// The number after a numeric one, with its leading zeros.
[[nodiscard]] migration::Version number_after(const migration::Version& version);

[[nodiscard]] std::string up_text(std::string_view message);
[[nodiscard]] std::string down_text(std::string_view message);

}  // namespace headway::cli
