#include "migration/phases.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "migration/lacking.hpp"
#include "migration/plan.hpp"
#include "unit/migration/scene.hpp"

using headway::ErrorId;
using headway::ErrorInfo;
using headway::migration::heads_of;
using headway::migration::History;
using headway::migration::Order;
using headway::migration::Phase;
using headway::migration::Phases;
using headway::migration::Plan;
using headway::migration::Policy;
using headway::migration::RowState;
using headway::migration::Source;
using headway::migration::WaitTarget;
using headway::testing::contains;
using headway::testing::error_of;
using headway::testing::File;
using headway::testing::Scene;
using headway::testing::source_of;
using headway::testing::steps_of;
using headway::testing::Texts;
using headway::testing::texts_of;
using headway::testing::versions_of;

namespace {

constexpr Policy kExpand{{}, {}, Phases::Expand};
constexpr Policy kContract{{}, {}, Phases::Contract};

/// "e1 c2 e3": the phase and the version of each, after the one before it.
std::vector<File> phased(const std::string& line) {
  std::vector<File> files;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    const std::string version = line.substr(at + 1, end - at - 1);
    files.push_back({version + "_m.sql", line[at] == 'c' ? "-- headway: phase=contract\n" : ""});
    files.push_back({version + "_m.down.sql"});
    at = end + 1;
  }
  return files;
}

Texts run(Scene& scene, Policy policy, std::string_view target = "head") {
  const Texts steps = steps_of(scene.upgrade(target, policy));
  scene.run();
  return steps;
}

ErrorInfo refused(Scene& scene, Policy policy, std::string_view target = "head") {
  return error_of([&] { return scene.upgrade(target, policy); });
}

std::vector<Phases> both() { return {Phases::Expand, Phases::Contract}; }

}  // namespace

TEST_CASE("expand runs pass contract migrations by, contract runs follow") {
  Scene scene(phased("e1 c2 e3"));
  CHECK(run(scene, kExpand) == Texts{"apply 1", "apply 3"});
  CHECK(texts_of(scene.upgrade("head", kExpand).target) == Texts{"3"});
  CHECK(scene.upgrade("head", kExpand).empty());
  CHECK(run(scene, kContract) == Texts{"apply 2"});
  CHECK(scene.applied() == Texts{"1", "3", "2"});
  CHECK(scene.upgrade().empty());
  scene.deploy(phased("e1 c2 e3 e4 c5"));
  CHECK(run(scene, kExpand) == Texts{"apply 4"});
  CHECK(run(scene, kContract) == Texts{"apply 5"});
}

TEST_CASE("a contract migration that was left pending is not out of order") {
  Scene scene(phased("e1 c2 e3"));
  run(scene, kExpand);
  CHECK(run(scene, {}) == Texts{"apply 2"});

  Scene many(phased("e1 c2 e3 c4 e5 c6"));
  run(many, kExpand);
  CHECK(run(many, {}) == Texts{"apply 2", "apply 4", "apply 6"});
}

TEST_CASE("within a phase the order is kept") {
  Scene scene(phased("e1 e3 c4"));
  run(scene, {});
  scene.deploy(phased("e1 e2 e3 c4"));
  CHECK(refused(scene, {}).id == ErrorId::OutOfOrder);
  CHECK(refused(scene, kExpand).id == ErrorId::OutOfOrder);
  scene.deploy(phased("e1 c2 e3 c4"));
  CHECK(refused(scene, {}).id == ErrorId::OutOfOrder);
  CHECK(refused(scene, kContract).id == ErrorId::OutOfOrder);
  CHECK(scene.upgrade("head", kExpand).empty());
  // What turns up before an expand migration and after every contract one is merely pending.
  scene.deploy(phased("e1 e3 c4 c5 e6"));
  run(scene, kExpand);
  scene.deploy(phased("e1 e3 c4 c5 e6"));
  CHECK(run(scene, kContract) == Texts{"apply 5"});
}

TEST_CASE("a contract migration never runs before an earlier expand one") {
  Scene scene(phased("e1 c2 e3 c4"));
  const ErrorInfo first = refused(scene, kContract);
  CHECK(first.id == ErrorId::PhaseOrder);
  CHECK(first.exit_code() == 23);
  CHECK(contains(first.message, "2_m"));
  CHECK(contains(first.message, "1_m"));
  CHECK(contains(std::string(first.next_step()), "--phase=expand"));
  run(scene, kExpand, "1");
  CHECK(refused(scene, kContract).id == ErrorId::PhaseOrder);  // 4 comes after 3
  CHECK(run(scene, kContract, "2") == Texts{"apply 2"});
  for (const Order order : {Order::Strict, Order::Any, Order::Skip}) {
    CHECK(refused(scene, {order, {}, Phases::Contract}).id == ErrorId::PhaseOrder);
  }
  run(scene, kExpand);
  CHECK(run(scene, kContract) == Texts{"apply 4"});
}

TEST_CASE("an expand migration that names a pending contract one is refused") {
  std::vector<File> files = phased("e1 c2");
  files.push_back({"3_m.sql", "-- headway: after=2\n"});
  Scene scene(files);
  const ErrorInfo error = refused(scene, kExpand);
  CHECK(error.id == ErrorId::PhaseOrder);
  CHECK(contains(error.message, "after="));
  CHECK(error.where.file == "m/3_m.sql");
  CHECK(run(scene, kExpand, "2") == Texts{"apply 1"});
  run(scene, kContract, "2");
  CHECK(run(scene, kExpand) == Texts{"apply 3"});
}

TEST_CASE("a target bounds, the phase chooses within it") {
  Scene scene(phased("e1 c2 e3 c4 e5"));
  CHECK(steps_of(scene.upgrade("4", kExpand)) == Texts{"apply 1", "apply 3"});
  CHECK(texts_of(scene.upgrade("4", kExpand).target) == Texts{"3"});
  CHECK(steps_of(scene.upgrade("+2", kExpand)) == Texts{"apply 1", "apply 3"});
  CHECK(refused(scene, kExpand, "+4").id == ErrorId::BadTarget);
  run(scene, kExpand);
  CHECK(steps_of(scene.upgrade("3", kContract)) == Texts{"apply 2"});
  CHECK(steps_of(scene.upgrade("+1", kContract)) == Texts{"apply 2"});
  CHECK(scene.upgrade("1", kContract).empty());
}

TEST_CASE("repeatables come with the last expand migration") {
  std::vector<File> files = phased("e1 c2 e3");
  files.push_back({"R__views.sql"});
  Scene scene(files);
  CHECK(run(scene, kExpand, "2") == Texts{"apply 1"});
  CHECK(run(scene, kExpand) == Texts{"apply 3", "repeat views"});
  CHECK(run(scene, kContract) == Texts{"apply 2"});
  files.back().text = "SELECT 'new';\n";
  scene.deploy(files);
  CHECK(scene.upgrade("head", kContract).empty());
  CHECK(run(scene, kExpand) == Texts{"repeat views"});
}

TEST_CASE("each phase has its head") {
  const Source source = source_of(phased("e1 c2 e3 c4 e5"));
  CHECK(texts_of(source.heads()) == Texts{"5"});
  CHECK(texts_of(heads_of(source, Phases::All)) == Texts{"5"});
  CHECK(texts_of(heads_of(source, Phases::Expand)) == Texts{"5"});
  CHECK(texts_of(heads_of(source, Phases::Contract)) == Texts{"4"});
  CHECK(heads_of(source_of(phased("e1")), Phases::Contract).empty());
  // Side by side they are one head each, and only together two.
  std::vector<File> files = phased("e1 c2");
  files.push_back({"3_m.sql", "-- headway: after=1\n"});
  Scene scene(files);
  CHECK(refused(scene, {}).id == ErrorId::AmbiguousHead);
  CHECK(run(scene, kExpand) == Texts{"apply 1", "apply 3"});
  CHECK(run(scene, kContract) == Texts{"apply 2"});
}

TEST_CASE("a source that ends with a contract migration, or has none but it") {
  Scene scene(phased("c1 e2 c3"));
  CHECK(run(scene, kExpand) == Texts{"apply 2"});
  CHECK(run(scene, kContract) == Texts{"apply 1", "apply 3"});
  Scene only(phased("c1 c2"));
  CHECK(only.upgrade("head", kExpand).empty());
  CHECK(texts_of(only.upgrade("head", kExpand).target) == Texts{"base"});
  CHECK(run(only, kContract) == Texts{"apply 1", "apply 2"});
}

TEST_CASE("an older image with a contract migration left is not lost when a newer one was here") {
  Scene scene(phased("e1 c2"));
  run(scene, kExpand);
  scene.deploy(phased("e1 c2 e3 c4"));
  run(scene, kExpand);
  scene.deploy(phased("e1 c2"));  // a rollback, or a pod of the old version that starts
  CHECK(scene.upgrade("head", kExpand).empty());
  CHECK(run(scene, kContract) == Texts{"apply 2"});
  CHECK(scene.applied() == Texts{"1", "3", "2"});
  const Plan& plan = scene.upgrade();  // 3 stands in front of 2, and its file is not missing
  CHECK(plan.empty());
  REQUIRE(plan.warnings.size() == 1);
  CHECK(contains(plan.warnings.front(), "ahead"));
  CHECK(steps_of(scene.downgrade("head")) == Texts{"revert 3"});
  scene.deploy(phased("e1 c2 e3 c4"));
  CHECK(run(scene, kContract) == Texts{"apply 4"});
}

TEST_CASE("a removed file is missing also in front of contract migrations") {
  Scene scene(phased("e1 e2 c3"));
  run(scene, {});
  scene.deploy(phased("e1 c3"));
  CHECK(refused(scene, {}).id == ErrorId::MissingFile);
  scene.deploy(phased("e1 c2 e3"));
  CHECK(refused(scene, {}).id != ErrorId::PhaseOrder);
}

TEST_CASE("a removed contract file is missing behind younger expand rows") {
  Scene scene(phased("e1 c2 e3 c4"));
  run(scene, kExpand);
  run(scene, kContract);
  scene.deploy(phased("e1 e3 c4"));
  CHECK(refused(scene, {}).id == ErrorId::MissingFile);
  scene.deploy(phased("e1 c2 e3"));
  CHECK(scene.upgrade().empty());  // 4 is ahead
}

TEST_CASE("the way back follows the chain between phases") {
  Scene scene(phased("e1 c2 e3"));
  run(scene, kExpand);
  run(scene, kContract);  // 1 3 2
  CHECK(steps_of(scene.downgrade("-1")) == Texts{"revert 2"});
  CHECK(steps_of(scene.downgrade("3")) == Texts{"revert 2"});
  CHECK(scene.downgrade("2").empty());
  CHECK(steps_of(scene.downgrade("1")) == Texts{"revert 2", "revert 3"});
  CHECK(steps_of(scene.redo_down()) == Texts{"revert 2"});

  Scene together(phased("e1 c2 e3"));
  run(together, {});  // 1 2 3
  CHECK(together.downgrade("3").empty());
  CHECK(steps_of(together.downgrade("2")) == Texts{"revert 3"});
}

TEST_CASE("a stamp means every migration up to its target, of both phases") {
  Scene scene(phased("e1 c2 e3"));
  run(scene, kExpand);
  CHECK(steps_of(scene.stamp("3")) == Texts{"insert 2"});
  scene.run();
  CHECK(scene.applied() == Texts{"1", "3", "2"});
  CHECK(scene.upgrade().empty());
}

TEST_CASE("waiting for a phase") {
  Scene scene(phased("e1 c2 e3"));
  const auto lacking = [&scene](Phases phases, std::string_view target = "head") {
    const WaitTarget wanted(scene.source(), headway::migration::parse_target(target), phases);
    return wanted.lacking(scene.database.history(), Order::Strict).migrations;
  };
  CHECK(lacking(Phases::Expand) == Texts{"1_m", "3_m"});
  run(scene, kExpand);
  CHECK(lacking(Phases::Expand).empty());
  CHECK(lacking(Phases::Expand, "2").empty());
  CHECK(lacking(Phases::Contract) == Texts{"2_m"});
  CHECK(lacking(Phases::All) == Texts{"2_m"});
  run(scene, kContract);
  CHECK(lacking(Phases::Contract).empty());
  CHECK(lacking(Phases::All).empty());
}

TEST_CASE("what is half applied is gone on with by a run of its phase") {
  std::vector<File> files = phased("e1 c2 e3");
  files[2].text += "-- headway: transaction=none\n";
  Scene scene(files);
  run(scene, kExpand);
  run(scene, kContract);
  scene.database.row("2").state = RowState::Failed;
  const Plan& expand = scene.upgrade("head", kExpand);
  CHECK(expand.empty());
  REQUIRE(expand.warnings.size() == 1);
  CHECK(contains(expand.warnings.front(), "--phase=contract"));
  CHECK(steps_of(scene.upgrade("head", kContract)) == Texts{"resume 2"});

  files = phased("e1 c2");
  files[0].text = "-- headway: transaction=none\n";
  Scene half(files);
  run(half, kExpand);
  half.database.row("1").state = RowState::Failed;
  CHECK(refused(half, kContract).id == ErrorId::PhaseOrder);
}

TEST_CASE("what an environment leaves out changes nothing about phases") {
  std::vector<File> files = phased("e1 c2 e3 e4");
  files[2].text = "-- headway: phase=contract environments=staging\n";
  Scene scene(files);
  CHECK(run(scene, kExpand) == Texts{"apply 1", "apply 3", "apply 4"});
  files[2].text = "-- headway: phase=contract\n";
  files[4].text = "-- headway: environments=staging\n";
  Scene other(files);
  CHECK(run(other, kExpand) == Texts{"apply 1", "apply 4"});
  CHECK(run(other, kContract) == Texts{"apply 2"});
}

namespace {

/// Up to nine migrations with random phases, most in a line, some with up to two named parents.
std::vector<File> random_files(std::mt19937& random) {
  std::vector<File> files;
  const unsigned count = 1 + static_cast<unsigned>(random() % 9);
  for (unsigned number = 1; number <= count; ++number) {
    std::string text;
    if (random() % 2 == 0) text += "-- headway: phase=contract\n";
    if (number > 1 && random() % 4 == 0) {
      const unsigned a = 1 + static_cast<unsigned>(random() % (number - 1));
      const unsigned b = 1 + static_cast<unsigned>(random() % (number - 1));
      text += "-- headway: after=" + std::to_string(a);
      if (a != b) text += "," + std::to_string(b);
      text += "\n";
    }
    files.push_back({std::to_string(number) + "_m.sql", text});
    files.push_back({std::to_string(number) + "_m.down.sql"});
  }
  return files;
}

/// No contract migration stands in the chain before an expand one it comes after, and nothing
/// before what it needs.
void check_chain(const Scene& scene) {
  const History history = scene.database.history();
  for (const auto& row : history.rows()) {
    const auto* migration = scene.source().find(row.version);
    for (const auto& needed : migration->needed()) REQUIRE(history.find(needed) < &row);
    if (migration->phase == Phase::Expand) continue;
    for (const auto* earlier : scene.source().with_ancestors({&row.version, 1})) {
      const auto* const own = history.find(earlier->version);
      REQUIRE(own != nullptr);
      REQUIRE(own <= &row);
    }
  }
}

}  // namespace

TEST_CASE("any sequence of runs by phase ends where one run of all ends, always in order") {
  std::mt19937 random(20261123);
  std::size_t refusals = 0;
  for (int round = 0; round < 500; ++round) {
    const std::vector<File> files = random_files(random);
    Scene scene(files);
    const Texts versions = versions_of(scene.source());
    for (int step = 0; step < 12; ++step) {
      const Phases phases = random() % 5 == 0 ? Phases::All : both()[random() % 2];
      const std::string target = random() % 2 == 0 ? "heads" : versions[random() % versions.size()];
      const Policy policy{{}, {}, phases};
      try {
        scene.upgrade(target, policy);
        scene.run();
        REQUIRE(scene.upgrade(target, policy).empty());
      } catch (const headway::Error& error) {
        // Only ever because the other phase is behind: never out of order.
        REQUIRE(error.id() == ErrorId::PhaseOrder);
        ++refusals;
      }
      check_chain(scene);
    }
    scene.upgrade("heads");
    scene.run();
    check_chain(scene);
    Texts applied = scene.applied();
    std::ranges::sort(applied);
    Texts all = versions;
    std::ranges::sort(all);
    REQUIRE(applied == all);
  }
  CHECK(refusals > 100);
}

TEST_CASE("in a line of migrations expand and contract by turns never get stuck") {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::string line;
    std::size_t releases = 1 + random() % 5;
    unsigned number = 0;
    Scene scene(std::vector<File>{});
    for (; releases > 0; --releases) {
      for (std::size_t more = random() % 4; more > 0; --more) {
        line += (line.empty() ? "" : " ") + std::string(random() % 2 == 0 ? "e" : "c") +
                std::to_string(++number);
      }
      scene.deploy(phased(line));
      run(scene, kExpand);
      check_chain(scene);
      if (random() % 2 == 0) run(scene, kContract);  // or it is forgotten until later
      check_chain(scene);
    }
    run(scene, kContract);
    REQUIRE(scene.applied().size() == number);
    REQUIRE(scene.upgrade().empty());
    // And each version can be gone back to, and all comes up again.
    if (number == 0) continue;
    scene.downgrade(std::to_string(1 + random() % number));
    scene.run();
    check_chain(scene);
    run(scene, kExpand);
    run(scene, kContract);
    REQUIRE(scene.applied().size() == number);
  }
}

TEST_CASE("an old image that knows less is never out of order in its own phase") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::string old_line;
    const unsigned known = 1 + static_cast<unsigned>(random() % 5);
    const auto add = [&random](std::string& line, unsigned number) {
      line += (line.empty() ? "" : " ") + std::string(random() % 2 == 0 ? "e" : "c") +
              std::to_string(number);
    };
    for (unsigned number = 1; number <= known; ++number) add(old_line, number);
    std::string new_line = old_line;
    for (unsigned number = known + 1; number <= known + 3; ++number) add(new_line, number);
    Scene scene(phased(old_line));
    run(scene, kExpand);
    if (random() % 2 == 0) run(scene, kContract);
    scene.deploy(phased(new_line));
    run(scene, kExpand);
    if (random() % 2 == 0) run(scene, kContract);
    scene.deploy(phased(old_line));
    REQUIRE(scene.upgrade("head", kExpand).empty());
    run(scene, kContract);
    REQUIRE(scene.upgrade().empty());
    scene.deploy(phased(new_line));
    run(scene, kExpand);
    run(scene, kContract);
    REQUIRE(scene.upgrade().empty());
    check_chain(scene);
  }
}
