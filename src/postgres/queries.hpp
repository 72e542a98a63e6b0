// The texts of sql/*.sql, embedded at build time by embed_sql.cmake, which also derives the names:
// insert_row.sql is kInsertRow.  {{placeholders}} are filled in by TableNames.
#pragma once
#include <string_view>

namespace headway::postgres::queries {

// Constants, though the compiler sees their values elsewhere.
// NOLINTBEGIN(readability-identifier-naming)
extern const std::string_view kActivity;
extern const std::string_view kBatchTable;
extern const std::string_view kCloseRow;
extern const std::string_view kCloseRowWithEvent;
extern const std::string_view kCommandProgress;
extern const std::string_view kCompleteTables;
extern const std::string_view kCreateSchema;
extern const std::string_view kCreateTables;
extern const std::string_view kDatabaseContent;
extern const std::string_view kDatabaseKind;
extern const std::string_view kDatabaseSettings;
extern const std::string_view kDefer;
extern const std::string_view kDeleteRow;
extern const std::string_view kFailRow;
extern const std::string_view kFindDatabase;
extern const std::string_view kFindIndex;
extern const std::string_view kFindPartition;
extern const std::string_view kFindTables;
extern const std::string_view kFinishRow;
extern const std::string_view kFleetTables;
extern const std::string_view kGrantReader;
extern const std::string_view kHistoryWriters;
extern const std::string_view kIndexDefinition;
extern const std::string_view kInsertEvent;
extern const std::string_view kInsertRow;
extern const std::string_view kLastFailure;
extern const std::string_view kLockHolder;
extern const std::string_view kLookupTables;
extern const std::string_view kOthersPrepared;
extern const std::string_view kQuickLook;
extern const std::string_view kReaderLacks;
extern const std::string_view kRecordRepeatable;
extern const std::string_view kReindexLeftovers;
extern const std::string_view kRelationSizes;
extern const std::string_view kReplication;
extern const std::string_view kResumeRow;
extern const std::string_view kSelectDown;
extern const std::string_view kSelectHistory;
extern const std::string_view kSelectLayout;
extern const std::string_view kSelectRepeatable;
extern const std::string_view kServerInfo;
extern const std::string_view kSetChecksum;
extern const std::string_view kSettingsLeft;
extern const std::string_view kWatchedRelations;
extern const std::string_view kWriteJournal;
// NOLINTEND(readability-identifier-naming)

}  // namespace headway::postgres::queries
