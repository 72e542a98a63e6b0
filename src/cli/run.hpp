// The whole program: from argv to an exit code.
#pragma once

namespace headway::cli {

int run(int argc, char** argv) noexcept;

}  // namespace headway::cli
