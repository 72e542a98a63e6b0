// Tells by names and texts which tool a directory was made for.
#pragma once
#include <string>

#include "formats/format.hpp"
#include "formats/listing.hpp"

namespace headway::formats {

struct Detection {
  Format format = Format::Headway;
  std::string because;  ///< "atlas.sum lies there"; empty: nothing speaks for another tool
};

/// Looks at all names, and into a few of the files.  Throws Error UnknownFormat if two tools have
/// equal claims.
[[nodiscard]] Detection detect(const Listing& listing);

}  // namespace headway::formats
