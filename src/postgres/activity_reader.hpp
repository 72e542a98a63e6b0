// engine::ActivityReader over one connection: every look is one message, nothing is open between
// them.
#pragma once
#include "engine/connection.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

class SessionActivityReader final : public engine::ActivityReader {
 public:
  /// Takes over an established connection.
  explicit SessionActivityReader(PGconn* connection) : wire_(connection, false) {}

  engine::Activity read(int backend_pid) override;

 private:
  Wire wire_;
};

}  // namespace headway::postgres
