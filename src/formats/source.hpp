// A directory, of whatever tool, to a Source.
#pragma once
#include "formats/format.hpp"
#include "formats/listing.hpp"
#include "formats/reading.hpp"
#include "migration/source.hpp"

namespace headway::formats {

/// Throws Error ForeignFormat for a tool whose files can't be run as they are, and what the
/// format's reader throws.  `examine` is asked about large texts of Headway's own layout; those of
/// others are held.
[[nodiscard]] migration::Source build_source(Format format, Listing listing, const Reading& reading,
                                             const migration::Examine& examine = {});

}  // namespace headway::formats
