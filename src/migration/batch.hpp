// A batched data migration: one statement that runs again and again, each time for a range of a
// table's keys and in a transaction of its own.
//
//   -- headway: batch=orders key=id size=1000 pause=50ms
//   UPDATE orders SET total = net + tax WHERE id BETWEEN :batch_first AND :batch_last;
//
// The line stands in the comments directly above its statement and holds nothing else.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace headway::migration {

/// What its directive says.
struct Batch {
  std::string table;  ///< a name as SQL has it, qualified or not, quoted or not
  std::string key;    ///< of a column, likewise
  std::size_t size = 1000;
  std::chrono::milliseconds pause{0};
  Location table_at;
  Location key_at;
};

/// The directive in the comments of `text` from `begin` to `end`, where its statement begins.
/// Throws Error BadDirective.
[[nodiscard]] std::optional<Batch> batch_directive(std::string_view text, const std::string& file,
                                                   std::size_t begin, std::size_t end);

/// Of a batch in a file that has no row in the history to remember how far it has come.
[[nodiscard]] Error batch_without_history(Location where);

/// How far a batch has come: what the journal holds behind the statements that are finished.
struct BatchProgress {
  std::string statement;     ///< its hash
  std::uint64_t ranges = 0;  ///< that are committed
  std::uint64_t rows = 0;    ///< of the table that were in them
  std::uint64_t touched = 0;
  std::string last_key;  ///< where the last one ended, as the server wrote it
  bool operator==(const BatchProgress&) const = default;
};

/// As an entry of the journal, which no hash of a statement looks like: letters, digits and colons.
[[nodiscard]] std::string journal_entry(const BatchProgress& progress);
/// Nothing if it is another one.
[[nodiscard]] std::optional<BatchProgress> batch_progress(std::string_view journal_entry);

/// "37 ranges, 37000 rows, up to the key 37000"
[[nodiscard]] std::string words(const BatchProgress& progress);

}  // namespace headway::migration
