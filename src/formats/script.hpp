// From a piece of another tool's file to a script that runs as that tool would run it.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "migration/directives.hpp"
#include "migration/source.hpp"
#include "migration/source_builder.hpp"

namespace headway::formats {

/// What the tool does with the statements of a file.
enum class Running : std::uint8_t {
  Transaction,  ///< all in one transaction of its own
  /// Sends them as one message, without a transaction: the server makes one of them, unless there
  /// is but one statement.
  Message,
  /// The same by the file's wish: it holds what can't run in a transaction, if anything does.
  WithoutTransaction,
  Statements,   ///< one by one, each by itself
  ByStatement,  ///< in one transaction, unless every statement is one that can't be in one
};

struct Section {
  std::string path;  ///< for messages
  std::string text;  ///< plain; lines keep the numbers that they have in the file
  Running running = Running::Transaction;
  /// What the file holds, if `text` is something else that was made of it.
  std::shared_ptr<const std::string> original = nullptr;
  /// Of a file that holds more: then blanks around it are not what it is known by.  A file as a
  /// whole has the checksum that it would have as one of Headway's own.
  bool is_part = false;
};

struct ReadSection {
  migration::Script script;
  migration::Directives directives;
};

/// Takes Headway's own directives as well, but for `after` and `version`: order and identity are
/// the tool's to say.  A file that begins and ends transactions as it likes runs outside of ours,
/// with a warning.  Throws Error UnknownDirective, BadDirective.
[[nodiscard]] ReadSection read_section(Section section, migration::FileRole role,
                                       migration::SourceBuilder& builder);

}  // namespace headway::formats
