// A libpq result that frees itself, and its fields as text.
#pragma once
#include <libpq-fe.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace headway::postgres {

struct ResultDeleter {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

/// Empty for NULL.
[[nodiscard]] inline std::string_view field(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column),
          static_cast<std::size_t>(PQgetlength(result, row, column))};
}

[[nodiscard]] inline bool is_true(const PGresult* result, int row, int column) {
  return field(result, row, column) == "t";
}

/// One of PG_DIAG_*; empty if the server did not send it.
[[nodiscard]] inline std::string diagnostic(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace headway::postgres
