// sql-migrate: a file is a migration, its name the id; Up and Down may take turns.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "formats/collection.hpp"
#include "formats/readers.hpp"
#include "formats/sections.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

constexpr std::string_view kCommand = "-- +migrate ";

class SqlMigrateFile {
 public:
  SqlMigrateFile(const SourceFile& file, Collection& collection)
      : file_(file), collection_(collection) {
    each_line(file.text, [this](const Line& line) { take(line); });
    if (direction_ == Direction::None) {
      throw misplaced("there is no line \"-- +migrate Up\"", file.path, 1);
    }
    if (block_ > 0) throw misplaced("this StatementBegin has no StatementEnd", file.path, block_);
  }

  [[nodiscard]] Entry entry() && {
    const std::string_view name = file_.name;
    Entry entry{Version(file_.name), std::string(name.substr(0, name.rfind('.'))),
                Section{file_.path, std::move(sections_).up(), up_, nullptr, true}};
    if (has_down_)
      entry.down = Section{file_.path, std::move(sections_).down(), down_, nullptr, true};
    return entry;
  }

 private:
  void take(const Line& line) {
    if (line.text.starts_with(kCommand)) {
      command(trim(line.text.substr(kCommand.size())), line);
      return;
    }
    if (line.text.starts_with("-- ")) {
      // It takes such lines out, even of a function's body.
      if (block_ > 0) {
        ++taken_out_;
      } else {
        sections_.add(direction_, "");
      }
      return;
    }
    if (trim(line.text).starts_with(kCommand)) {
      warn(line, "sql-migrate takes this for a comment, since its line does not begin with it");
    }
    sections_.add(direction_, line.text);
  }

  void command(std::string_view words, const Line& line) {
    const std::string_view name = words.substr(0, words.find_first_of(" \t"));
    const Running running = words.find("notransaction") == std::string_view::npos
                                ? Running::Transaction
                                : Running::Statements;
    std::string_view kept;
    if (name == "Up") {
      direction_ = Direction::Up;
      if (running == Running::Statements) up_ = running;
    } else if (name == "Down") {
      direction_ = Direction::Down;
      has_down_ = true;
      if (running == Running::Statements) down_ = running;
    } else if (name == "StatementBegin") {
      if (direction_ != Direction::None) block_ = line.number;
    } else if (name == "StatementEnd") {
      if (std::exchange(block_, 0) > 0) kept = ";";
      // What follows stands in its own line again.
      for (; taken_out_ > 0; --taken_out_) sections_.add(direction_, "");
    } else {
      warn(line, fmt::format("sql-migrate knows no command \"{}\", and does without", name));
    }
    sections_.add(direction_, kept);
  }

  void warn(const Line& line, std::string_view what) {
    collection_.warn(fmt::format("{}:{}: {}", file_.path, line.number, what));
  }

  const SourceFile& file_;
  Collection& collection_;
  Sections sections_;
  Direction direction_ = Direction::None;
  Running up_ = Running::Transaction;
  Running down_ = Running::Transaction;
  bool has_down_ = false;
  std::size_t block_ = 0;      // the line of the StatementBegin that is open
  std::size_t taken_out_ = 0;  // lines, of this block
};

/// Names with a number in front before others, by number, else by name.
bool comes_before(const SourceFile& a, const SourceFile& b) {
  const Version left(a.name.substr(0, leading_digits(a.name)));
  const Version right(b.name.substr(0, leading_digits(b.name)));
  if (left.empty() != right.empty()) return right.empty();
  if (left != right) return left < right;
  return a.name < b.name;
}

}  // namespace

migration::Source read_sql_migrate(Listing listing, const Reading& reading) {
  std::ranges::sort(listing.files, comes_before);
  Collection collection(Format::SqlMigrate, reading);
  for (const SourceFile& file : listing.files) {
    collection.add(SqlMigrateFile(file, collection).entry());
  }
  return std::move(collection).build();
}

}  // namespace headway::formats
