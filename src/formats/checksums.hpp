// The checksums that other tools keep of their files.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/format.hpp"
#include "migration/source.hpp"

namespace headway::formats {

/// Flyway's: CRC-32 over the lines without their ends, as a signed number.
[[nodiscard]] std::int32_t flyway_checksum(std::string_view text);
/// refinery's: SipHash-1-3 with a key of zeros over name, version and text as Rust's Hash feeds
/// them.
[[nodiscard]] std::uint64_t refinery_checksum(std::string_view name, std::int64_t version,
                                              bool wide_version, std::string_view text);

/// Whether what the tool stored when it ran the file fits the file.  Also if only line ends or a
/// byte order mark differ; true where the tool keeps none.
[[nodiscard]] bool fits(Format format, const migration::Migration& migration,
                        std::string_view stored);
/// Of a repeatable Flyway keeps the sum of what it has run: with its placeholders put in.
[[nodiscard]] bool flyway_has_run(const migration::Repeatable& repeatable, std::string_view stored);

}  // namespace headway::formats
