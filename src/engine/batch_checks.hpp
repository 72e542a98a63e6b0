// Finds the batches of a file, statement by statement, and refuses what would not be done exactly
// once.  Pure.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "migration/batch.hpp"
#include "migration/source.hpp"
#include "sql/splitter.hpp"

namespace headway::engine {

class BatchChecks {
 public:
  /// `script` outlives this.
  explicit BatchChecks(const migration::Script& script);

  /// The batch above the next statement; null if there is none.  Throws Error BadDirective or
  /// BadBatch.
  [[nodiscard]] std::shared_ptr<const migration::Batch> take(const sql::Statement& statement);
  /// After the last one.
  void finish() const;

 private:
  [[nodiscard]] std::optional<migration::Batch> above(std::size_t statement) const;
  void check(const migration::Batch& batch, const sql::Statement& statement) const;
  void refuse_placeholders(const sql::Statement& statement) const;
  [[nodiscard]] Error refused(const sql::Statement& statement, std::size_t offset,
                              std::string message) const;

  const migration::Script& script_;
  bool may_hold_batch_;
  bool may_hold_placeholder_;
  std::size_t behind_ = 0;  // the last statement
};

}  // namespace headway::engine
