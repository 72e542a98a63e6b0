// A fresh database and connections to it through the adapter under test.
#pragma once
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "engine/connection.hpp"
#include "engine/script.hpp"
#include "postgres/connector.hpp"
#include "sql/facts.hpp"
#include "sql/splitter.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

namespace headway::testing {

inline constexpr std::string_view kRunId = "11111111-2222-3333-4444-555555555555";

inline postgres::ConnectorSettings settings_for(const std::string& url) {
  postgres::ConnectorSettings settings;
  settings.parameters = [url] { return postgres::parse_database_url(url, "a test"); };
  settings.application_name = "headway test";
  settings.applied_from = "pod-1";
  settings.headway_version = "0.1.0";
  settings.run_id = kRunId;
  return settings;
}

inline std::unique_ptr<engine::Connection> connect(postgres::ConnectorSettings settings) {
  return postgres::make_connector(std::move(settings))->connect({}, std::chrono::seconds{10});
}

inline std::unique_ptr<engine::Connection> connect(const std::string& url) {
  return connect(settings_for(url));
}

/// What `action` throws; fails the test if it does not.
template <typename Action>
ErrorInfo failure_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.info();
  }
  FAIL("it must throw");
  return {};
}

/// Runs every statement of `script`, as the engine would, from file m.sql.
inline void run(engine::Connection& connection, std::string_view script) {
  for (const auto& statement : sql::split(script, "m.sql")) {
    const sql::Facts facts = sql::facts_of(statement.text);
    connection.run({.text = statement.text,
                    .position = statement.position,
                    .copy_data = statement.copy_data,
                    .control = facts.control,
                    .changes_session = facts.changes_session,
                    .needs_no_transaction = facts.needs_no_transaction.has_value()},
                   "m.sql");
  }
}

/// A database with its history tables, and a connection that made them.
struct Prepared {
  std::string url = TempCluster::shared().create_database();
  std::unique_ptr<engine::Connection> connection = connect(url);
  Prepared() { connection->ensure_tables(); }
  engine::Connection* operator->() const { return connection.get(); }
  engine::Connection& operator*() const { return *connection; }
  [[nodiscard]] migration::History history() const { return connection->read_history().history; }
};

inline engine::NewRow new_row(const std::string& version, const std::string& previous) {
  engine::NewRow row;
  row.version = migration::Version(version);
  row.previous = migration::Version(previous);
  row.name = "step_" + version;
  row.checksum = migration::Checksum("sum-" + version);
  return row;
}

/// Inserts and commits base <- "1" <- "2" <- ... up to `count`.
inline void fill(engine::Connection& connection, int count) {
  for (int i = 1; i <= count; ++i) {
    connection.begin("");
    connection.insert_row(new_row(std::to_string(i), i == 1 ? "base" : std::to_string(i - 1)));
    connection.close_row(migration::Version(std::to_string(i)));
    connection.commit();
  }
}

/// "base<1 1<2": each row's previous and version, in the chain's order.
inline std::string chain(const migration::History& history) {
  std::string out;
  for (const auto& row : history.rows()) {
    if (!out.empty()) out += ' ';
    out += row.previous.text() + '<' + row.version.text();
  }
  return out;
}

}  // namespace headway::testing
