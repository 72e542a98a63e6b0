// One function for each tool: its files, as plain text, to a Source.  They throw Error for the
// first file that its tool would not take.
//
// Formats as of golang-migrate 4.19, goose 3.27, dbmate 2.28, Flyway 11, sqlx 0.9, Atlas 0.38, tern
// 2.4, Prisma 6, Diesel 2.3, refinery 0.9 and sql-migrate 1.8.
#pragma once
#include <vector>

#include "formats/listing.hpp"
#include "formats/reading.hpp"
#include "migration/source.hpp"

namespace headway::formats {

// N_name.up.sql and N_name.down.sql, by number; each file one message.
[[nodiscard]] migration::Source read_golang_migrate(Listing listing, const Reading& reading);
// N_name.sql with "-- +goose Up" and "-- +goose Down"; also N_name.go.
[[nodiscard]] migration::Source read_goose(Listing listing, const Reading& reading);
// N_name.sql with "-- migrate:up" and "-- migrate:down", by file name.
[[nodiscard]] migration::Source read_dbmate(Listing listing, const Reading& reading);
// V1.2__name.sql, U1.2__name.sql, R__name.sql, and .conf files beside them.
[[nodiscard]] migration::Source read_flyway(Listing listing, const Reading& reading);
// N_name.sql, or N_name.up.sql and N_name.down.sql; "-- no-transaction" as the first bytes.
[[nodiscard]] migration::Source read_sqlx(Listing listing, const Reading& reading);
// version_name.sql by file name, with "-- atlas:" directives.
[[nodiscard]] migration::Source read_atlas(Listing listing, const Reading& reading);
// 001_name.sql without gaps, with a dividing line.
[[nodiscard]] migration::Source read_tern(Listing listing, const Reading& reading);
// <14 digits>_name/migration.sql
[[nodiscard]] migration::Source read_prisma(Listing listing, const Reading& reading);
// version_name/up.sql and down.sql, metadata.toml
[[nodiscard]] migration::Source read_diesel(Listing listing, const Reading& reading);
// V1__name.sql and U1__name.sql; also .rs
[[nodiscard]] migration::Source read_refinery(Listing listing, const Reading& reading);
// Any name; "-- +migrate Up" and "-- +migrate Down"
[[nodiscard]] migration::Source read_sql_migrate(Listing listing, const Reading& reading);

// versions/*.py: the graph alone
[[nodiscard]] migration::Source read_alembic(Listing listing, const Reading& reading);

}  // namespace headway::formats
