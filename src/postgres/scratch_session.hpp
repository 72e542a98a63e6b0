// ScratchServer over one PostgreSQL backend.
#pragma once
#include "postgres/scratch.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

class ScratchSession final : public ScratchServer {
 public:
  /// Takes over an established connection.  Throws Error.
  ScratchSession(PGconn* connection, const ConnectorSettings& settings);

  std::vector<Leftover> sweep() override;
  std::string create() override;
  void drop(const std::string& database) override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> settings() override;
  [[nodiscard]] std::vector<RelationSize> sizes() override;
  [[nodiscard]] std::vector<HeldLock> locks_of(int backend) override;
  [[nodiscard]] std::string content() override;
  [[nodiscard]] bool is_same(ScratchServer& other) override;

 private:
  [[nodiscard]] std::string value(const std::string& sql, std::string_view what);
  [[nodiscard]] bool try_lock(std::string_view digits);
  void unlock(std::string_view digits);
  [[nodiscard]] bool sees_lock(std::string_view digits);

  Wire wire_;
  std::string role_;    // whose the scratch databases are to be; empty: ours
  std::string prefix_;  // of the names of its scratch databases
};

}  // namespace headway::postgres
