// What makes a session fresh again after a migration.
#pragma once
#include <array>
#include <string_view>

namespace headway::engine {

/// In this order; each may run inside a transaction as well.  Never DISCARD ALL, which drops the
/// advisory lock.  DEALLOCATE ALL belongs to it, but takes what the connection itself prepared.
inline constexpr std::array<std::string_view, 7> kSessionReset{"RESET SESSION AUTHORIZATION",
                                                               "RESET ROLE",
                                                               "RESET ALL",
                                                               "CLOSE ALL",
                                                               "UNLISTEN *",
                                                               "DISCARD TEMP",
                                                               "DISCARD SEQUENCES"};

}  // namespace headway::engine
