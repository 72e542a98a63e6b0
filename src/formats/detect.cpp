#include "formats/detect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "formats/dotted.hpp"
#include "formats/python.hpp"
#include "formats/text.hpp"
#include "sql/splitter.hpp"

namespace headway::formats {
namespace {

/// So many texts are looked into: a tool's mark stands in each of its files.
constexpr std::size_t kLookedInto = 32;

bool lower_starts_with(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && same_letters(text.substr(0, lower.size()), lower);
}

bool is_versioned(std::string_view path, char prefix) {
  const std::string_view name = base_name(path);
  return name.size() > 3 && name[0] == prefix && is_digit(name[1]) &&
         name.find("__") != std::string_view::npos;
}

/// Not one that declares types, or tests.
bool is_program_in_typescript(std::string_view name) {
  return name.ends_with(".ts") && !name.ends_with(".d.ts") && !name.ends_with(".test.ts") &&
         !name.ends_with(".spec.ts");
}

class Detector {
 public:
  explicit Detector(const Listing& listing) {
    for (const migration::SourceFile& file : listing.files) by_name(file.name);
    for (const migration::SourceFile& file : listing.aside) by_name(file.name);
    for (const std::string& other : listing.others) by_name(other);
    const std::size_t step = std::max<std::size_t>(1, listing.files.size() / kLookedInto);
    for (std::size_t i = 0; i < listing.files.size(); i += step) by_text(listing.files[i]);
    for (const migration::SourceFile& file : listing.files) by_first_line(file);
    for (const migration::SourceFile& file : listing.aside) by_program(file);
  }

  [[nodiscard]] Detection decide() {
    const auto weighs_full = [](const Claim& claim) { return claim.weight == Weight::Full; };
    if (std::ranges::any_of(claims_, weighs_full)) {
      std::erase_if(claims_, std::not_fn(weighs_full));
    }
    // Each is a way of writing that others have taken over, or a file that stands beside theirs.
    give_way(Format::Atlas, {Format::GolangMigrate, Format::Goose, Format::Dbmate, Format::Flyway,
                             Format::Liquibase});
    give_way(Format::GolangMigrate,
             {Format::Sqlx, Format::Goose, Format::Dbmate, Format::SqlMigrate});
    give_way(Format::Flyway, {Format::Refinery, Format::Liquibase});
    judge_undo_files();
    // golang-migrate would leave these out, sqlx would run them.
    const bool is_pairs = claims_.size() == 1 && claims_[0].format == Format::GolangMigrate;
    if (is_pairs && !single_.empty()) {
      claim(Format::Sqlx, fmt::format("{} is neither an up nor a down file", single_));
    }
    if (claims_.empty()) return {};
    if (claims_.size() > 1) throw two_claims();
    return {claims_.front().format, claims_.front().because};
  }

 private:
  enum class Weight : std::uint8_t {
    Low,  ///< by the name of something that may just as well lie beside another tool's files
    Full
  };
  struct Claim {
    Format format;
    std::string because;
    Weight weight;
  };

  void claim(Format format, std::string because, Weight weight = Weight::Full) {
    const auto made = std::ranges::find(claims_, format, &Claim::format);
    if (made == claims_.end()) {
      claims_.push_back({format, std::move(because), weight});
    } else if (made->weight < weight) {
      *made = {format, std::move(because), weight};
    }
  }

  void give_way(Format format, std::initializer_list<Format> to) {
    const bool others = std::ranges::any_of(claims_, [&to](const Claim& claim) {
      return std::ranges::find(to, claim.format) != to.end();
    });
    if (others) std::erase_if(claims_, [format](const Claim& c) { return c.format == format; });
  }

  void by_name(std::string_view path) {
    const std::string_view name = base_name(path);
    const auto lies = [&path] { return fmt::format("{} lies there", path); };
    const bool here = path.find('/') == std::string_view::npos;
    const Weight weight = here ? Weight::Full : Weight::Low;
    const std::size_t digits = leading_digits(name);
    if (name == "atlas.sum" && here) claim(Format::Atlas, lies());
    if (name == "tern.conf" && here) claim(Format::Tern, lies());
    if (name == "sqlx.toml" && here) claim(Format::Sqlx, lies());
    if ((name == "sqitch.plan" || name == "sqitch.conf") && here) claim(Format::Sqitch, lies());
    if (name == "script.py.mako" || name == "alembic.ini" ||
        (name.ends_with(".py") &&
         (path.starts_with("versions/") || path.find("/versions/") != std::string_view::npos))) {
      claim(Format::Alembic, lies(), weight);
    }
    if (name == "structure.sql" || (digits == 14 && name.ends_with(".rb"))) {
      claim(Format::Rails, lies(), Weight::Low);
    }
    if (name == "migration_lock.toml" ||
        (name == "migration.sql" && leading_digits(folder_of(path)) > 0)) {
      claim(Format::Prisma, lies(), weight);
    }
    if (name == "up.sql" && leading_digits(folder_of(path)) > 0)
      claim(Format::Diesel, lies(), weight);
    if (path.starts_with("committed/") && digits > 0) claim(Format::Graphile, lies(), weight);
    if (here && digits > 0 &&
        (name.ends_with(".js") || is_program_in_typescript(name) || name.ends_with(".cjs") ||
         name.ends_with(".mjs"))) {
      claim(Format::NodePgMigrate, lies());
    }
    const auto way = way_of(name);
    if (here && digits > 0 && name.ends_with(".go") && !name.ends_with("_test.go") && !way) {
      claim(Format::Goose, lies());
    }
    if (name.find("changelog") != std::string_view::npos &&
        (name.ends_with(".xml") || name.ends_with(".yaml") || name.ends_with(".yml") ||
         name.ends_with(".json"))) {
      claim(Format::Liquibase, lies(), Weight::Low);
    }
    if (is_versioned(path, 'V') && name.ends_with(".rs")) claim(Format::Refinery, lies(), weight);
    if (name.ends_with(".sql")) by_letter(path);
    if (here && digits > 0 && way && !way->down) claim(Format::GolangMigrate, lies());
    const bool numbered = digits > 0 && digits < name.size() && name[digits] == '_';
    if (here && numbered && !way && name.ends_with(".sql") && single_.empty()) single_ = name;
  }

  void by_letter(std::string_view path) {
    const std::string_view name = base_name(path);
    const std::size_t divider = std::min(name.find("__"), name.size());
    const std::string version =
        replaced(name.substr(std::min<std::size_t>(1, divider), divider - 1), '_', '.');
    const bool here = path.find('/') == std::string_view::npos;
    if (is_versioned(path, 'V')) {
      claim(Format::Flyway, fmt::format("{} lies there", path), here ? Weight::Full : Weight::Low);
      if (is_dotted(version)) forth_.emplace(version);
    } else if (is_versioned(path, 'U') && is_dotted(version)) {
      undo_.emplace(version, path);
    } else if (is_versioned(path, 'B') || name.starts_with("R__")) {
      is_flyway_ = true;
    }
  }

  /// To refinery a U file is a migration like the others, to Flyway the way back of one.  One that
  /// takes back nothing may be left over, or be a migration: nobody but the team can know.
  void judge_undo_files() {
    if (is_flyway_ || undo_.empty()) return;
    const auto takes_back = [this](const auto& one) { return forth_.contains(one.first); };
    if (std::ranges::any_of(undo_, takes_back)) return;
    const std::string_view path = undo_.begin()->second;
    const bool here = path.find('/') == std::string_view::npos;
    claim(Format::Refinery, fmt::format("{} takes no V file back", path),
          here ? Weight::Full : Weight::Low);
  }

  void by_text(const migration::SourceFile& file) {
    const std::string_view text = file.text;
    if (file.name.find('/') != std::string::npos) return;
    bool begun = false;
    each_line(text, [&](const Line& line) {
      const bool first = !begun && !trim(line.text).empty();
      begun = begun || first;
      const std::size_t mark = line.text.find("--");
      if (mark == std::string_view::npos) return;
      by_line(file, line, trim(line.text.substr(mark)), first);
    });
  }

  /// A mark that stands only in those files that need it.
  void by_first_line(const migration::SourceFile& file) {
    if (leading_digits(file.name) == 0 || file.name.find('/') != std::string::npos) return;
    std::string_view text = file.text;
    if (text.starts_with(sql::kByteOrderMark)) text.remove_prefix(sql::kByteOrderMark.size());
    // What its `migrate add` writes; the first one is a mark that it heeds.
    for (const std::string_view mark :
         {"-- no-transaction", "-- Add migration script here", "-- Add up migration script here",
          "-- Add down migration script here"}) {
      if (text.starts_with(mark)) {
        claim(Format::Sqlx, fmt::format("{} begins with {}", file.name, mark));
      }
    }
  }

  void by_program(const migration::SourceFile& file) {
    if (!file.name.ends_with(".py") || file.name.find('/') != std::string::npos) return;
    if (python_constant(file.text, "revision") && python_constant(file.text, "down_revision")) {
      claim(Format::Alembic, fmt::format("{} has a revision and a down_revision", file.name));
    }
  }

  /// `first`: of the lines that are not empty.
  void by_line(const migration::SourceFile& file, const Line& line, std::string_view mark,
               bool first) {
    const auto says = [&] {
      return fmt::format("{}:{} says \"{}\"", file.name, line.number, mark);
    };
    const std::string_view words = comment_words(mark);
    const std::size_t dashes = std::min(mark.find_first_not_of("- \t"), mark.size());
    if (lower_starts_with(mark.substr(dashes), "+goose ")) claim(Format::Goose, says());
    if (words.starts_with("+migrate ")) claim(Format::SqlMigrate, says());
    if (words.starts_with("migrate:up")) claim(Format::Dbmate, says());
    if (mark.starts_with("---- create above / drop below ----")) claim(Format::Tern, says());
    if (lower_starts_with(words, "up migration") && trim(line.text).starts_with("--")) {
      claim(Format::NodePgMigrate, says(), Weight::Low);  // to other tools it is a comment
    }
    if (mark.starts_with("--! Previous:")) claim(Format::Graphile, says());
    if (!first) return;
    if (lower_starts_with(words, "liquibase formatted")) claim(Format::Liquibase, says());
    const bool goes =
        words.ends_with(" to pg") || words.ends_with(" from pg") || words.ends_with(" on pg");
    if (goes && (words.starts_with("Deploy ") || words.starts_with("Revert ") ||
                 words.starts_with("Verify "))) {
      claim(Format::Sqitch, says());
    }
  }

  [[nodiscard]] Error two_claims() const {
    std::vector<std::string> texts;
    std::vector<std::string_view> ids;
    for (const Claim& claim : claims_) {
      texts.push_back(fmt::format("{} ({})", format_info(claim.format).title, claim.because));
      ids.push_back(format_info(claim.format).id);
    }
    return Error(ErrorId::UnknownFormat,
                 fmt::format("these migrations could be those of {}", fmt::join(texts, " or of ")))
        .next(fmt::format("Say which with --format={}, or keep them in directories of their own.",
                          fmt::join(ids, " or --format=")));
  }

  std::vector<Claim> claims_;
  std::set<Dotted> forth_;                   ///< versions of V files
  std::map<Dotted, std::string_view> undo_;  ///< versions of U files, their paths
  bool is_flyway_ = false;                   ///< something that only Flyway has
  std::string single_;                       ///< a numbered .sql file that is not one of a pair
};

}  // namespace

Detection detect(const Listing& listing) { return Detector(listing).decide(); }

}  // namespace headway::formats
