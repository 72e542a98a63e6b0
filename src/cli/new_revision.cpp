#include "cli/new_revision.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/text.hpp"

namespace headway::cli {
namespace {

constexpr std::size_t kLongestSlug = 60;

/// The greatest numeric version, of skipped ones, too, and of the digits that file names begin
/// with; empty if there is none.
migration::Version last_number(const migration::Source& source) {
  migration::Version last;
  const auto consider = [&last](const migration::Version& v) {
    if (v.numeric() && (last.empty() || last < v)) last = v;
  };
  const auto consider_file = [&consider](const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
    consider(migration::Version(name.substr(0, name.find_first_not_of("0123456789"))));
  };
  for (const auto& m : source.migrations()) {
    consider(m.version);
    consider_file(m.up.path);
  }
  for (const auto& s : source.skipped()) {
    consider(s.version);
    consider_file(s.path);
  }
  return last;
}

/// Counts digits of any length up by one, keeping leading zeros: "0009" -> "0010".
std::string plus_one(std::string digits) {
  for (auto it = digits.rbegin(); it != digits.rend(); ++it) {
    if (*it != '9') {
      ++*it;
      return digits;
    }
    *it = '0';
  }
  return '1' + digits;
}

}  // namespace

std::string slug_of(std::string_view message) {
  std::string out;
  for (char c : message) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (kept) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
    if (out.size() == kLongestSlug) break;
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

migration::Version next_version(const migration::Source& source, Numbering numbering,
                                Timestamp now) {
  const migration::Version last = last_number(source);
  if (numbering == Numbering::Sequential) {
    return migration::Version(last.empty() ? "0001" : plus_one(last.text()));
  }
  migration::Version time(format_digits(now));
  // Somebody's clock may be ahead of ours, or two are made within one second.
  if (last.empty() || last < time) return time;
  return number_after(last);
}

migration::Version number_after(const migration::Version& version) {
  return migration::Version(plus_one(version.text()));
}

std::string up_text(std::string_view message) {
  const std::string title = one_line(message);
  return fmt::format(
      "-- {}{}\n"
      "--\n"
      "-- Runs once, in a transaction of its own.  A file may say more about itself in this "
      "comment,\n"
      "-- on lines that begin with two dashes and \"headway:\", as KEY=VALUE:\n"
      "--   transaction=none, after=VERSION, phase=contract, lock_timeout=3s, "
      "statement_timeout=10m,\n"
      "--   environments=staging,production, irreversible\n"
      "\n",
      title.starts_with("headway") ? "About " : "",  // else it might be read as a directive
      title);
}

std::string down_text(std::string_view message) {
  return fmt::format(
      "-- The way back from: {}\n"
      "--\n"
      "-- Leaves the schema as it was before.  If there is no way back, remove this file and "
      "write\n"
      "-- irreversible into the other one.\n"
      "\n",
      one_line(message));
}

}  // namespace headway::cli
