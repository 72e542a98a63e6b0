// Scripts that are hard to cut, every one of them accepted by PostgreSQL's own parser.
#pragma once
#include <span>
#include <string_view>

namespace headway::test {

[[nodiscard]] std::span<const std::string_view> tricky_scripts();

}  // namespace headway::test
