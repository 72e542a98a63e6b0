// Looks at a session's locks, files and scans before and after each statement of a migration.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/statement_seen.hpp"
#include "postgres/lock_sampler.hpp"
#include "postgres/table_names.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

class StatementWatch {
 public:
  /// All outlive this.  `sampler`: null, the locks of what can't be in a transaction are not seen.
  StatementWatch(Wire& wire, const TableNames& names, engine::StatementSink& sink,
                 LockSampler* sampler)
      : wire_(wire), names_(names), sink_(sink), sampler_(sampler) {}
  StatementWatch(const StatementWatch&) = delete;
  StatementWatch& operator=(const StatementWatch&) = delete;

  void begin(const engine::PreparedStatement& statement, const std::string& path);
  void end(std::optional<std::uint64_t> rows);
  void failed();

 private:
  struct Relation {
    std::string name;  ///< empty: it was dropped
    bool is_index = false;
    std::string file;
    std::set<sql::LockMode> locks;
    long scans = 0;
    std::string table;  ///< of an index: its OID
  };
  using Relations = std::map<std::string, Relation, std::less<>>;  // by OID

  [[nodiscard]] Relations look();
  void listen(bool on);
  void heard(std::string_view message);
  void compare(const Relations& now);
  void note_locks(const Relation& was, const Relation& is);
  void tell();
  static void on_notice(void* watch, const PGresult* notice);

  Wire& wire_;
  const TableNames& names_;
  engine::StatementSink& sink_;
  LockSampler* sampler_;
  bool sampling_ = false;
  LockSampler::Seen sampled_;    // of the statement that has ended
  std::set<std::string> known_;  // OIDs of what was there before the first statement
  bool looked_ = false;
  Relations before_;
  engine::StatementSeen seen_;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace headway::postgres
