// A file that Kubernetes mounts: it may come late, and its mode may shut us out.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace headway::postgres {

/// Throws Error Unreachable, which is retried.  `state`: "missing".
[[noreturn]] void still_waiting(std::string_view source, const std::string& path,
                                std::string_view state);

/// Throws Error BadConfiguration, with the file's mode and owner and who we are.
[[noreturn]] void refuse_unreadable(const std::string& path, std::string_view why);

/// "mode 0400, owner 0:0": for messages; empty if it can't be told.
[[nodiscard]] std::string describe_access(const std::string& path);

/// Its bytes as they are; nothing if there is no such file.  Throws as refuse_unreadable() does.
[[nodiscard]] std::optional<std::string> read_mounted(const std::filesystem::path& path);

}  // namespace headway::postgres
