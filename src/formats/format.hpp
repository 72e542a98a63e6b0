// The tools whose directories are known, by the names that --format takes.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headway::formats {

enum class Format : std::uint8_t {
  Headway,
  GolangMigrate,
  Goose,
  Dbmate,
  Flyway,
  Sqlx,
  Atlas,
  Tern,
  Prisma,
  Diesel,
  Refinery,
  SqlMigrate,
  Alembic,  ///< its graph and its history; what it runs is code
  // Known, so that they can be refused by name:
  Graphile,
  NodePgMigrate,
  Rails,
  Sqitch,
  Liquibase,
};

struct FormatInfo {
  Format format;
  std::string_view id;     ///< "golang-migrate"
  std::string_view title;  ///< as its authors write it
  bool tree = false;       ///< its files lie in directories below the source's
  bool forgets =
      false;  ///< goes on when the file of an applied migration is gone (Source::forgets)
  std::string_view refusal = {};  ///< why its files can't be run as they are; empty: they can
};

/// In the order of the enum.
inline constexpr std::array kFormats{
    FormatInfo{Format::Headway, "headway", "Headway"},
    FormatInfo{Format::GolangMigrate, "golang-migrate", "golang-migrate"},
    FormatInfo{Format::Goose, "goose", "goose", false, true},
    FormatInfo{Format::Dbmate, "dbmate", "dbmate", false, true},
    FormatInfo{Format::Flyway, "flyway", "Flyway", true},
    FormatInfo{Format::Sqlx, "sqlx", "sqlx"},
    FormatInfo{Format::Atlas, "atlas", "Atlas"},
    FormatInfo{Format::Tern, "tern", "tern", true},
    FormatInfo{Format::Prisma, "prisma", "Prisma", true, true},
    FormatInfo{Format::Diesel, "diesel", "Diesel", true, true},
    FormatInfo{Format::Refinery, "refinery", "refinery", true},
    FormatInfo{Format::SqlMigrate, "sql-migrate", "sql-migrate"},
    FormatInfo{Format::Alembic, "alembic", "Alembic", true},
    FormatInfo{Format::Graphile, "graphile-migrate", "graphile-migrate", true, false,
               "its files hold includes and placeholders of its own, and one of them is run again "
               "and again while it is written"},
    FormatInfo{Format::NodePgMigrate, "node-pg-migrate", "node-pg-migrate", false, false,
               "its migrations are programs in JavaScript, or depend on such programs"},
    FormatInfo{Format::Rails, "rails", "Rails", false, false,
               "its migrations are programs in Ruby, and structure.sql is a dump of where they "
               "lead to"},
    FormatInfo{Format::Sqitch, "sqitch", "Sqitch", true, false,
               "its scripts are written for psql, and its plan orders them by dependencies"},
    FormatInfo{Format::Liquibase, "liquibase", "Liquibase", true, false,
               "its changelogs describe changes that it turns into SQL itself"},
};

[[nodiscard]] constexpr const FormatInfo& format_info(Format format) noexcept {
  return kFormats[static_cast<std::size_t>(format)];
}

}  // namespace headway::formats
