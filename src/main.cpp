#include <malloc.h>

#include "cli/run.hpp"

namespace {

/// Ten thousand migrations are built and thrown away in milliseconds: pages that were touched are
/// used again instead of being asked of the kernel anew, by all threads together.
void keep_pages() {
  static constexpr int kLargestKept = 64 * 1024 * 1024;
  static constexpr int kAskedForAtOnce = 1024 * 1024;
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TOP_PAD, kAskedForAtOnce);
}

}  // namespace

int main(int argc, char** argv) {
  keep_pages();
  return headway::cli::run(argc, argv);
}
