// Telling a pooler from a server, and what --pooler allows behind one.
#pragma once
#include <string>
#include <string_view>

#include "postgres/connector.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// The process id that the connection was told against the one that answers: they differ behind
/// PgBouncer in every mode.  Empty: no sign of a pooler.
[[nodiscard]] std::string pooler_sign(int told_pid, int answering_pid);

/// Whether the server sees our own socket at the other end, by its address and port: then nothing
/// is in between that speaks PostgreSQL's protocol.
[[nodiscard]] bool is_own_address(PGconn* connection, std::string_view address,
                                  std::string_view port);

/// Pgpool passes process ids on, but answers SHOW pool_version.  One round trip.
[[nodiscard]] bool is_pgpool(Wire& wire);

/// --pooler=session is the user's word; it is broken when statements reach several backends.
/// Throws Error Pooler.
void require_one_backend(Wire& wire, int expected_pid);

[[nodiscard]] Error pooler_refused(const std::string& sign);

}  // namespace headway::postgres
