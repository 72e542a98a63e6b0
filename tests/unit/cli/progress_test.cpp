#include "cli/progress.hpp"

#include <doctest/doctest.h>

namespace headway::cli {

using namespace std::chrono_literals;

TEST_CASE("the live line shows a bar over the migrations and the statement's time") {
  ProgressLine line;
  line.index = 3;
  line.total = 12;
  line.title = "0004 create_index";
  line.statement = 2;
  line.statements = 5;
  line.elapsed = 12'345ms;
  CHECK(render_progress(line, 200) ==
        "[#####---------------] 3/12  12.3 s  0004 create_index  statement 2 of 5");
  CHECK(render_progress(line, 30) == "[#####---------------] 3/12  …");
}

TEST_CASE("the live line of a single statement does not count statements") {
  ProgressLine line;
  line.total = 1;
  line.title = "1 a";
  line.statement = 1;
  line.statements = 1;
  CHECK(render_progress(line, 200) == "[--------------------] 0/1  0.0 s  1 a");
}

TEST_CASE("the live line says what is waited for") {
  ProgressLine line;
  line.waiting = "waiting for headway api-1 (pid 7, local) to finish";
  line.elapsed = 61s;
  CHECK(render_progress(line, 200) == "1m 01s waiting for headway api-1 (pid 7, local) to finish");
}

}  // namespace headway::cli
