// Keeps another tool's history table up to date beside our own.
#pragma once
#include <optional>

#include "engine/use_cases.hpp"
#include "formats/mirror.hpp"

namespace headway::engine {

class Mirroring {
 public:
  /// All outlive this.
  Mirroring(const Context& context, const migration::Source& source)
      : context_(context), source_(source) {}

  /// Nothing, unless settings ask for it.  Under our own lock: finds the table, makes it where
  /// there is none, and lets the connection write it.  Throws Error BadFlag where no table can be
  /// meant, and what formats::table_of() throws.
  void begin(Connection& connection);

 private:
  const Context& context_;
  const migration::Source& source_;
  std::optional<formats::Mirror> mirror_;  // connections point at it
};

}  // namespace headway::engine
