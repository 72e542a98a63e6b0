// The one statement of a batched data migration, as far as its words tell: what it does to which
// table, and where the range of keys goes that it is run for.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headway::sql {

/// `:batch_first` or `:batch_last`, the ends of the range, both of them in it.  Never in a quoted
/// text, a comment or behind the second colon of a cast.
struct BatchPlaceholder {
  enum class Kind { First, Last, Unknown };  ///< Unknown: another name that begins with batch_
  Kind kind = Kind::Unknown;
  std::size_t begin = 0;  ///< of the colon
  std::size_t end = 0;
};

[[nodiscard]] std::vector<BatchPlaceholder> batch_placeholders(std::string_view statement);

/// The statement with SQL expressions in the place of its placeholders.
[[nodiscard]] std::string with_range(std::string_view statement, std::string_view first,
                                     std::string_view last);

/// Which offset of the statement an offset of its with_range() comes from.
[[nodiscard]] std::size_t offset_as_written(std::string_view statement, std::string_view first,
                                            std::string_view last, std::size_t offset);

struct BatchStatement {
  enum class Kind { Update, Delete, Insert, Merge, Other };
  Kind kind = Kind::Other;
  std::string target;                 ///< the table, as written; empty if it is not plain to see
  std::vector<std::string> assigned;  ///< Update: the columns, as written
  bool selects = false;               ///< Insert: from a query
};

/// What comes after a WITH, too.
[[nodiscard]] BatchStatement batch_statement(std::string_view statement);

}  // namespace headway::sql
