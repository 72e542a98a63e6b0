#include "cli/error_text.hpp"

#include <fmt/format.h>

#include <new>

namespace headway::cli {

std::string what_happened(const ErrorInfo& error) {
  std::string out;
  if (!error.where.text().empty()) out = error.where.text() + ": ";
  out += error.message;
  const auto add = [&out](std::string_view label, std::string_view text) {
    if (!text.empty() && out.find(text) == std::string::npos) {
      out += fmt::format("; {}{}", label, text);
    }
  };
  add("the server says: ", error.server_text);
  add("detail: ", error.detail);
  add("hint: ", error.server_hint);
  add("statement: ", error.statement);
  if (error.where.file.empty()) add("migration ", error.version);
  const std::string id(error.id_text());
  out += error.sqlstate.empty() ? fmt::format(" [{}]", id)
                                : fmt::format(" [{}, SQLSTATE {}]", id, error.sqlstate);
  return one_line(out);
}

std::string error_text(const ErrorInfo& error, const Paint& paint, std::string_view label) {
  const std::string head = label == "error" ? paint.red(fmt::format("{}:", label))
                                            : paint.yellow(fmt::format("{}:", label));
  return fmt::format("{} {}\n{} {}\n{} {}\n", head, what_happened(error), paint.dim("why:"),
                     error.why(), paint.dim("next:"), one_line(error.next_step()));
}

ErrorInfo current_error() {
  ErrorInfo info;
  try {
    throw;
  } catch (const Error& e) {
    return e.info();
  } catch (const std::bad_alloc&) {
    info.message = "out of memory";
    info.next = "Give the container a higher memory limit and run it again.";
  } catch (const std::exception& e) {
    info.message = e.what();
  } catch (...) {
    info.message = "an exception of an unknown kind";
  }
  return info;
}

}  // namespace headway::cli
