// What a statement that can't run in a transaction leaves in the catalogue, as far as its words
// tell: the place to look when nobody saw how it ended.  Pure.
#pragma once
#include <string>
#include <string_view>

namespace headway::sql {

struct Effect {
  enum class Kind {
    Unknown,       ///< nothing in the catalogue tells
    CreateIndex,   ///< CREATE INDEX CONCURRENTLY with a name
    DropIndex,     ///< DROP INDEX CONCURRENTLY
    ReindexIndex,  ///< REINDEX INDEX CONCURRENTLY
    ReindexTable,  ///< REINDEX TABLE CONCURRENTLY
    Detach,        ///< ALTER TABLE .. DETACH PARTITION .. CONCURRENTLY
    CreateDatabase,
    DropDatabase,
    Again,  ///< may simply be run again: VACUUM, CLUSTER, ALTER SYSTEM ...
  };
  Kind kind = Kind::Unknown;
  // Names as they are written, quoted or not, qualified or not:
  std::string name;   ///< of the index, partition, table (ReindexTable) or database
  std::string table;  ///< of CreateIndex and Detach
  /// CreateIndex: the statement without its name and CONCURRENTLY, up to the table's name and
  /// behind it: `CREATE UNIQUE INDEX ON ` and ` USING btree (a)`.
  std::string definition_head;
  std::string definition_tail;
};

[[nodiscard]] Effect effect_of(std::string_view statement);

}  // namespace headway::sql
