#include "engine/mirroring.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "engine/adoption.hpp"

namespace headway::engine {
namespace {

Error refused(const std::string& why) {
  return Error(ErrorId::BadFlag, "--mirror-history: " + why)
      .next(
          "Leave it away, since Headway's own history tells it all; or say whose the files are "
          "with "
          "--format.");
}

}  // namespace

void Mirroring::begin(Connection& connection) {
  const AdoptSettings& settings = context_.settings.adopt;
  if (!settings.mirror) return;
  if (!mirror_) {
    auto table = find_foreign_table(connection, source_, settings);
    const bool made = !table.has_value();
    if (made) {
      const auto statements = formats::creation(source_.layout(), source_.history_table());
      if (statements.empty()) {
        throw refused("these are files of Headway's own, and no other tool's table is here");
      }
      for (const std::string& statement : statements) connection.create_foreign_table(statement);
      table = find_foreign_table(connection, source_, settings);
      if (!table) throw refused("the table that was made for it is not to be found");
    }
    if (!formats::can_mirror(table->format)) {
      throw refused(fmt::format("the table of {} is read, and never written",
                                formats::format_info(table->format).title));
    }
    mirror_.emplace(*table, source_);
    if (made) {
      for (const std::string& statement : mirror_->beginning())
        connection.create_foreign_table(statement);
    }
  }
  connection.keep_mirror(&*mirror_);
}

}  // namespace headway::engine
