// What a fuzz target asserts: it says what is broken and aborts, which libFuzzer reports with the
// input.
#pragma once
#include <cstdio>
#include <cstdlib>

namespace headway::testing {

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace headway::testing
