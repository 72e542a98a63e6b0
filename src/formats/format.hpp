// The tools whose directories are known, by the names that --format takes.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "migration/habits.hpp"

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
  std::string_view id;            ///< "golang-migrate"
  std::string_view title;         ///< as its authors write it
  bool tree = false;              ///< its files lie in directories below the source's
  std::string_view refusal = {};  ///< why its files can't be run as they are; empty: they can
  migration::Habits habits = {};
};

inline constexpr migration::Habits kLate{.forgets = false, .late = true};
inline constexpr migration::Habits kForgets{.forgets = true, .late = false};
inline constexpr migration::Habits kLateAndForgets{.forgets = true, .late = true};

/// In the order of the enum.
inline constexpr std::array kFormats{
    FormatInfo{Format::Headway, "headway", "Headway"},
    FormatInfo{Format::GolangMigrate, "golang-migrate", "golang-migrate"},
    FormatInfo{Format::Goose, "goose", "goose", false, {}, kForgets},
    FormatInfo{Format::Dbmate, "dbmate", "dbmate", false, {}, kLateAndForgets},
    FormatInfo{Format::Flyway, "flyway", "Flyway", true},
    FormatInfo{Format::Sqlx, "sqlx", "sqlx", false, {}, kLate},
    FormatInfo{Format::Atlas, "atlas", "Atlas"},
    FormatInfo{Format::Tern, "tern", "tern", true},
    FormatInfo{Format::Prisma, "prisma", "Prisma", true, {}, kLateAndForgets},
    FormatInfo{Format::Diesel, "diesel", "Diesel", true, {}, kLateAndForgets},
    FormatInfo{Format::Refinery, "refinery", "refinery", true},
    FormatInfo{Format::SqlMigrate, "sql-migrate", "sql-migrate", false, {}, kLate},
    FormatInfo{Format::Alembic, "alembic", "Alembic", true},
    FormatInfo{Format::Graphile, "graphile-migrate", "graphile-migrate", true,
               "its files hold includes and placeholders of its own, and one of them is run again "
               "and again while it is written"},
    FormatInfo{Format::NodePgMigrate, "node-pg-migrate", "node-pg-migrate", false,
               "its migrations are programs in JavaScript, as those of Knex, TypeORM and Sequelize "
               "are, or depend on such programs"},
    FormatInfo{Format::Rails, "rails", "Rails", false,
               "its migrations are programs in Ruby, and structure.sql is a dump of where they "
               "lead to"},
    FormatInfo{Format::Sqitch, "sqitch", "Sqitch", true,
               "its scripts are written for psql, and its plan orders them by dependencies"},
    FormatInfo{Format::Liquibase, "liquibase", "Liquibase", true,
               "its changelogs describe changes that it turns into SQL itself"},
};

[[nodiscard]] constexpr const FormatInfo& format_info(Format format) noexcept {
  return kFormats[static_cast<std::size_t>(format)];
}

}  // namespace headway::formats
