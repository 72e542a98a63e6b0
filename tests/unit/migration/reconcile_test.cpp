#include <doctest/doctest.h>

#include <string>

#include "migration/plan.hpp"
#include "migration/source_builder.hpp"
#include "unit/migration/scene.hpp"

using headway::migration::Checksum;
using headway::migration::History;
using headway::migration::reconcile;
using headway::migration::Reconciliation;
using headway::migration::RowKind;
using headway::migration::RowState;
using headway::migration::Source;
using headway::testing::line_of;
using headway::testing::SimulatedHistory;
using headway::testing::source_of;
using headway::testing::Texts;

namespace {

template <typename Pointers>
Texts versions(const Pointers& pointers) {
  Texts texts;
  for (const auto* each : pointers) texts.push_back(each->version.text());
  return texts;
}

/// A database with rows of these versions; those of `source` have its checksums.
SimulatedHistory database(const Source& source, const Texts& rows) {
  SimulatedHistory made;
  for (const std::string& version : rows) {
    auto& row = made.append(version);
    if (const auto* migration = source.find(row.version)) row.checksum = migration->up.checksum;
  }
  return made;
}

}  // namespace

TEST_CASE("an empty database has everything pending and nothing wrong") {
  const Source source = line_of(3);
  const History history;
  const Reconciliation state = reconcile(source, history);
  CHECK(versions(state.pending) == Texts{"1", "2", "3"});
  CHECK(state.out_of_order.empty());
  CHECK_FALSE(state.is_ahead());
}

TEST_CASE("at head nothing is left to say") {
  const Source source = line_of(3);
  const History history = database(source, {"1", "2", "3"}).history();
  const Reconciliation state = reconcile(source, history);
  CHECK(state.pending.empty());
  CHECK(state.missing.empty());
  CHECK(state.ahead.empty());
  CHECK(state.edited.empty());
  CHECK(state.unfinished.empty());
}

TEST_CASE("rows without a file are ahead behind the last known row and missing before it") {
  const Source source = line_of(2);
  const History history = database(source, {"x", "1", "y", "2", "z", "zz"}).history();
  const Reconciliation state = reconcile(source, history);
  CHECK(versions(state.missing) == Texts{"x", "y"});
  CHECK(versions(state.ahead) == Texts{"z", "zz"});
}

TEST_CASE("what was taken over without a file is gone only where its tool goes on") {
  const auto reconciled = [](bool forgets, RowKind kind) {
    headway::migration::SourceBuilder builder;
    builder.layout("tool", {.forgets = forgets, .late = false});
    headway::migration::Migration migration;
    migration.version = headway::testing::v("2");
    builder.add(std::move(migration), std::nullopt);
    const Source source = std::move(builder).build();
    SimulatedHistory made;
    auto& first = made.append("1");
    first.kind = kind;
    first.checksum = {};
    made.append("2").checksum = source.find(headway::testing::v("2"))->up.checksum;
    const History history = made.history();
    const Reconciliation state = reconcile(source, history);
    return std::pair(versions(state.gone), versions(state.missing));
  };
  CHECK(reconciled(true, RowKind::Adopted) == std::pair(Texts{"1"}, Texts{}));
  CHECK(reconciled(false, RowKind::Adopted) == std::pair(Texts{}, Texts{"1"}));
  CHECK(reconciled(true, RowKind::Migration) == std::pair(Texts{}, Texts{"1"}));
}

TEST_CASE("a database that this source knows nothing of is ahead") {
  const Source source = line_of(1);
  const History history = database(source, {"x", "y"}).history();
  const Reconciliation state = reconcile(source, history);
  CHECK(versions(state.ahead) == Texts{"x", "y"});
  CHECK(versions(state.pending) == Texts{"1"});
}

TEST_CASE("the chain decides what is ahead, not the number") {
  const Source source = source_of({{"5_a.sql"}});
  const History history = database(source, {"5", "3"}).history();
  CHECK(versions(reconcile(source, history).ahead) == Texts{"3"});
}

TEST_CASE("a row written with other zeros is the same migration") {
  const Source source = source_of({{"001_a.sql"}});
  const History history = database(source, {"1"}).history();
  const Reconciliation state = reconcile(source, history);
  CHECK(state.pending.empty());
  CHECK(state.ahead.empty());
}

TEST_CASE("pending migrations that an applied one builds on are out of order, however far below") {
  const Source source = line_of(5);
  const History history = database(source, {"1", "4"}).history();
  const Reconciliation state = reconcile(source, history);
  CHECK(versions(state.pending) == Texts{"2", "3", "5"});
  CHECK(versions(state.out_of_order) == Texts{"2", "3"});
}

TEST_CASE("a pending branch beside an applied one is not out of order") {
  const Source source = source_of({{"1_a.sql"}, {"2_b.sql"}, {"3_c.sql", "-- headway: after=1\n"}});
  const History history = database(source, {"1", "3"}).history();
  const Reconciliation state = reconcile(source, history);
  CHECK(versions(state.pending) == Texts{"2"});
  CHECK(state.out_of_order.empty());
}

TEST_CASE("a file that differs from what was applied is edited") {
  const Source source = line_of(2);
  SimulatedHistory simulated = database(source, {"1", "2"});
  simulated.row("2").checksum = Checksum("another");
  const History history = simulated.history();
  const Reconciliation state = reconcile(source, history);
  REQUIRE(state.edited.size() == 1);
  CHECK(state.edited[0].row->version.text() == "2");
  CHECK(state.edited[0].migration == &source.migrations()[1]);
}

TEST_CASE("a row without a checksum is never edited; a stamped one with a checksum can be") {
  const Source source = line_of(2);
  SimulatedHistory simulated = database(source, {"1", "2"});
  for (const char* version : {"1", "2"}) simulated.row(version).kind = RowKind::Baseline;
  simulated.row("1").checksum = Checksum();
  simulated.row("2").checksum = Checksum("another");
  const History history = simulated.history();
  const Reconciliation state = reconcile(source, history);
  REQUIRE(state.edited.size() == 1);
  CHECK(state.edited[0].row->version.text() == "2");
}

TEST_CASE("running and failed rows are unfinished, and their files may be corrected") {
  const Source source = line_of(2);
  SimulatedHistory simulated = database(source, {"1", "2"});
  simulated.row("1").state = RowState::Running;
  simulated.row("2").state = RowState::Failed;
  simulated.row("2").checksum = Checksum("before the correction");
  const History history = simulated.history();
  const Reconciliation state = reconcile(source, history);
  CHECK(versions(state.unfinished) == Texts{"1", "2"});
  CHECK(state.edited.empty());
  CHECK(state.pending.empty());
}

TEST_CASE("what this environment leaves out is neither missing nor ahead nor pending") {
  const Source source = source_of({{"1_a.sql"},
                                   {"2_b.sql", "-- headway: environments=dev\n"},
                                   {"3_c.sql"},
                                   {"4_d.sql", "-- headway: environments=dev\n"}});
  const History history = database(source, {"1", "2", "3", "4"}).history();
  const Reconciliation state = reconcile(source, history);
  CHECK(state.missing.empty());
  CHECK(state.ahead.empty());
  CHECK(state.pending.empty());
  CHECK(state.edited.empty());
}

TEST_CASE("what is left out counts as known, so what stands before it is missing") {
  const Source source = source_of({{"1_a.sql"}, {"4_d.sql", "-- headway: environments=dev\n"}});
  const History history = database(source, {"1", "x", "4"}).history();
  const Reconciliation state = reconcile(source, history);
  CHECK(versions(state.missing) == Texts{"x"});
  CHECK(state.ahead.empty());
}

TEST_CASE("a repeatable is pending when new, quiet when current, superseded when replaced") {
  const Source source =
      source_of({{"R__new.sql"}, {"R__same.sql"}, {"R__old.sql"}, {"R__next.sql"}});
  const Checksum text = source.repeatables()[0].script.checksum;  // all have the same text
  const History history({}, {{"same", text, true, {}, {}, {}},
                             {"same", Checksum("x"), false, {}, {}, {}},
                             {"old", text, false, {}, {}, {}},
                             {"old", Checksum("newer"), true, {}, {}, {}},
                             {"next", Checksum("older"), true, {}, {}, {}}});
  const Reconciliation state = reconcile(source, history);
  REQUIRE(state.repeatables_pending.size() == 2);
  CHECK(state.repeatables_pending[0]->name == "new");
  CHECK(state.repeatables_pending[1]->name == "next");
  REQUIRE(state.repeatables_superseded.size() == 1);
  CHECK(state.repeatables_superseded[0]->name == "old");
}
