// Migrations of another tool on their way into a Source, in the tool's own order.
#pragma once
#include <optional>
#include <string>

#include "formats/format.hpp"
#include "formats/reading.hpp"
#include "formats/script.hpp"
#include "migration/source_builder.hpp"
#include "migration/version.hpp"

namespace headway::formats {

struct Entry {
  migration::Version version;
  std::string name;
  Section up;
  std::optional<Section> down = std::nullopt;
  std::string tool_checksum = {};
};

class Collection {
 public:
  /// `reading` outlives this.
  Collection(Format format, const Reading& reading) : format_(format), reading_(reading) {}

  /// Each follows the one added before it.  Throws Error as read_section() does.
  void add(Entry entry);
  /// One that only its own tool can run.  Throws Error ForeignCode unless those are skipped.
  void add_code(migration::Version version, std::string name, const std::string& path,
                std::string_view why);
  void add_repeatable(std::string name, Section section);
  /// A file that sums up what was added so far, and is left aside.
  void add_summary(migration::Version version) { builder_.add_summary(std::move(version)); }
  void keeps_history_in(std::string table) { builder_.keeps_history_in(std::move(table)); }
  void warn(std::string warning) { builder_.warn(std::move(warning)); }
  [[nodiscard]] const Reading& reading() const noexcept { return reading_; }

  /// Throws Error DuplicateVersion, DuplicateName.
  [[nodiscard]] migration::Source build() &&;

 private:
  [[nodiscard]] bool wanted(const migration::Directives& directives) const;

  Format format_;
  const Reading& reading_;
  migration::SourceBuilder builder_;
};

}  // namespace headway::formats
