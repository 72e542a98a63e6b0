#include "postgres/replication.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "postgres/queries.hpp"

namespace headway::postgres {
namespace {

template <typename Number>
Number number(std::string_view text) {
  Number out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

engine::Replication read_replication(Wire& wire) {
  const auto results =
      wire.execute(std::string(queries::kReplication), "look how far the replicas are");
  const PGresult* seen = results.back().get();
  engine::Replication out;
  for (int row = 0; row < PQntuples(seen); ++row) {
    out.written = number<std::uint64_t>(field(seen, row, 0));
    if (is_true(seen, row, 1)) out.hidden = true;
    if (PQgetisnull(seen, row, 3) != 0) continue;
    engine::Replication::Replica replica{std::string(field(seen, row, 2)),
                                         number<std::uint64_t>(field(seen, row, 3))};
    if (PQgetisnull(seen, row, 4) == 0) {
      replica.reported = Milliseconds(number<std::int64_t>(field(seen, row, 4)));
    }
    out.replicas.push_back(std::move(replica));
  }
  return out;
}

}  // namespace headway::postgres
