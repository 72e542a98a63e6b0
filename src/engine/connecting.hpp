// Getting a connection: again and again, with jitter, as long as another attempt may help.
#pragma once
#include <memory>

#include "engine/connection.hpp"
#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

enum class Needs { Reading, Writing };

/// Throws the last attempt's Error once connect_timeout (or auth_retry, for what only credentials
/// can cure) is spent, at once for what no retry can cure, and Interrupted when stopped.
[[nodiscard]] std::unique_ptr<Connection> connect(Context& context, const Stopping& stopping,
                                                  Needs needs);

}  // namespace headway::engine
