#include "cli/fleet.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/fleet_report.hpp"
#include "cli/json.hpp"

namespace headway::cli {
namespace {

using State = TargetResult::State;

TargetResult ended(std::string name, std::optional<ErrorId> id = std::nullopt) {
  TargetResult out;
  out.name = std::move(name);
  out.state = id ? State::Failed : State::Ok;
  if (id) {
    out.error.emplace();
    out.error->id = *id;
    out.error->message = "it broke";
  }
  return out;
}

int exit_code(std::vector<std::optional<ErrorId>> ids) {
  FleetReport report;
  for (const auto& id : ids) report.results.push_back(ended("t", id));
  const ErrorInfo* error = report.deciding_error();
  return error == nullptr ? 0 : error->exit_code();
}

}  // namespace

TEST_CASE("shards are stable, and every target is in exactly one") {
  // Fixed for ever: whoever upgrades Headway in the middle of a fleet must not skip anybody.
  CHECK(shard_of("tenant_1", 8) == 1);
  CHECK(shard_of("tenant_2", 8) == 3);
  CHECK(shard_of("tenant_3", 8) == 1);
  CHECK(shard_of("", 1) == 0);
  std::vector<int> sizes(7);
  for (int i = 0; i < 7000; ++i) {
    const std::size_t shard = shard_of(fmt::format("tenant_{}", i), 7);
    REQUIRE(shard < 7);
    ++sizes[shard];
  }
  for (const int size : sizes) CHECK(size > 850);
}

TEST_CASE("the exit code is the first that a Job should fail with, else the first") {
  CHECK(exit_code({}) == 0);
  CHECK(exit_code({std::nullopt, std::nullopt}) == 0);
  CHECK(exit_code({ErrorId::LockBusy, ErrorId::Unreachable}) == 11);
  CHECK(exit_code({ErrorId::LockBusy, std::nullopt, ErrorId::ChecksumMismatch,
                   ErrorId::MigrationFailed}) == 22);
  CHECK(exit_code({ErrorId::MigrationFailed, ErrorId::ChecksumMismatch}) == 20);
  CHECK(exit_code({ErrorId::Pending, ErrorId::ChecksumMismatch}) == 22);
}

TEST_CASE("what was stopped is to be run again, whatever else failed") {
  CHECK(exit_code({ErrorId::MigrationFailed, ErrorId::Interrupted}) == 13);
  FleetReport report;
  report.results = {ended("a", ErrorId::MigrationFailed), TargetResult{}};
  report.stopped.emplace();
  report.stopped->id = ErrorId::Interrupted;
  CHECK(report.deciding_error()->exit_code() == 13);
}

TEST_CASE("a run's text names those that failed, and counts") {
  FleetReport report;
  report.results = {ended("a"), ended("b", ErrorId::LockBusy), ended("c")};
  report.results[0].done = 2;
  report.results[2].state = State::NotStarted;
  report.elsewhere = 4;
  report.duration = Milliseconds{1500};
  CHECK(fleet_text(report, FleetView::Run, Paint(false)) ==
        "failed b: it broke [lock-busy]\n"
        "3 targets: 1 ok, 1 failed, 1 not started; 4 in other shards; 2 steps done in 1 target; "
        "1.5 s.\n");
}

TEST_CASE("a status has a line for each target") {
  FleetReport report;
  report.results = {ended("a"), ended("bb", ErrorId::Unreachable), ended("c")};
  report.results[0].current = "0002";
  report.results[0].steps.resize(1);
  report.results[2].current = "0003";
  report.results[2].schema.emplace();
  report.results[2].schema->ahead = true;
  CHECK(fleet_text(report, FleetView::Status, Paint(false)) ==
        "TARGET  CURRENT  PENDING  STATE\n"
        "a       0002     1        pending\n"
        "bb      -        -        unreachable\n"
        "c       0003     0        ahead\n"
        "\n"
        "failed bb: it broke [unreachable]\n"
        "3 targets: 2 ok, 1 failed; 1 pending; 0.0 ms.\n");
}

TEST_CASE("the document counts and lists") {
  FleetReport report;
  report.command = "upgrade";
  report.results = {ended("a"), ended("b", ErrorId::LockBusy)};
  report.results[0].done = 3;
  const auto document = fleet_json(report);
  CHECK(document.at("exit_code").as_int64() == 11);
  CHECK(document.at("counts").at("ok").to_number<int>() == 1);
  CHECK(document.at("counts").at("done").to_number<int>() == 3);
  CHECK(document.at("targets").as_array().size() == 2);
  CHECK(document.at("targets").at(1).at("state").as_string() == "failed");
  CHECK(document.at("targets").at(1).at("error").at("id").as_string() == "lock-busy");
  CHECK(document.at("error").at("id").as_string() == "lock-busy");
}

}  // namespace headway::cli
