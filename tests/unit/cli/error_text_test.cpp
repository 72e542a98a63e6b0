#include "cli/error_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <new>

namespace headway::cli {

TEST_CASE("an error is three lines: what happened, why it matters, what to do next") {
  ErrorInfo error;
  error.id = ErrorId::MigrationFailed;
  error.message = "column \"email\" already exists";
  error.where = {"migrations/0042_add_email.sql", 7, 3};
  error.version = "0042 add_email";
  error.statement = "alter table users add email text default $1";
  error.sqlstate = "42701";
  error.server_text = "column \"email\" already exists";
  error.server_hint = "Drop it\nfirst.";
  CHECK(error_text(error, Paint(false)) ==
        "error: migrations/0042_add_email.sql:7:3: column \"email\" already exists; hint: Drop it "
        "first.; statement: alter table users add email text default $1 [migration-failed, "
        "SQLSTATE 42701]\n"
        "why: The migration was rolled back; those before it stay applied.\n"
        "next: Correct the migration and run it again.\n");
}

TEST_CASE("every id makes three lines") {
  for (const ErrorIdInfo& id : all_error_ids()) {
    ErrorInfo error;
    error.id = id.id;
    error.message = "x";
    const std::string text = error_text(error, Paint(false));
    CAPTURE(text);
    CHECK(std::ranges::count(text, '\n') == 3);
  }
}

TEST_CASE("what is not an Error of ours is internal") {
  const auto caught = [](auto thrower) {
    try {
      thrower();
    } catch (...) {
      return current_error();
    }
    return ErrorInfo{};
  };
  CHECK(caught([] { throw std::bad_alloc(); }).message == "out of memory");
  CHECK(caught([] { throw std::runtime_error("odd"); }).message == "odd");
  CHECK(caught([] { throw 1; }).exit_code() == 1);
  CHECK(caught([] { throw Error(ErrorId::LockBusy, "busy"); }).exit_code() == 11);
}

}  // namespace headway::cli
