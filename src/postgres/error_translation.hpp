// The one place where what libpq and libpqxx report becomes headway::Error.
#pragma once
#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "engine/script.hpp"

namespace headway::postgres {

/// What a translation has to know about the session.
struct TranslationContext {
  const PGconn* connection = nullptr;
  bool cancelled = false;     ///< cancel() was called: 57014 is an interruption
  bool log_literals = false;  ///< keep DETAIL and the statements' constants
};

/// A statement of a migration failed; the position is worked out to a place in its file.
[[nodiscard]] Error statement_error(const PGresult* result, const TranslationContext& context,
                                    const engine::PreparedStatement& statement,
                                    const std::string& path);

/// A statement of our own failed.  `what`: "read the history".
[[nodiscard]] Error own_error(const PGresult* result, const TranslationContext& context,
                              std::string_view what);

/// Called in a catch block: turns the pqxx exception in flight into an Error; others are rethrown.
[[nodiscard]] Error current_pqxx_error(const TranslationContext& context, std::string_view what);

/// libpq could not even send, or got no answer.
[[nodiscard]] Error lost_error(const PGconn* connection, std::string_view what);
[[nodiscard]] bool is_lost(const PGconn* connection) noexcept;

/// An attempt to connect failed.  libpq offers no SQLSTATE for that; with PQERRORS_VERBOSE set
/// before the attempt it stands in the message, which may be in any language.
[[nodiscard]] Error connect_error(std::string_view message, std::string_view where);

/// "28P01" out of `FATAL:  28P01: password ...`; empty if there is none.
[[nodiscard]] std::string sqlstate_in(std::string_view verbose_message);

}  // namespace headway::postgres
