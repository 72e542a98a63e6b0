// What we use of libpqxx.  Its headers were configured for gcc, which has std::source_location;
// clang 14 lacks the builtin under libstdc++'s one.  An empty one of the same layout (one pointer,
// null for "not known") lets clang and clang-tidy read the headers.
#pragma once
#if defined(__clang__) && !__has_builtin(__builtin_source_location)
namespace std {
class source_location {  // NOLINT(readability-identifier-naming): the standard's name
 public:
  static constexpr source_location current() noexcept { return {}; }

 private:
  const void* implementation_ = nullptr;
};
}  // namespace std
#endif

#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/params>
#include <pqxx/result>
