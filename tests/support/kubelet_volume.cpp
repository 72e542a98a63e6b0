#include "support/kubelet_volume.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace headway::testing {

namespace {

constexpr const char* kData = "..data";

}  // namespace

KubeletVolume::KubeletVolume(VolumeOptions options) : KubeletVolume(Keys{}, options) {}

KubeletVolume::KubeletVolume(const Keys& keys, VolumeOptions options) : options_(options) {
  publish(keys);
}

void KubeletVolume::publish(const Keys& keys) {
  const auto& root = dir_.path();
  const std::string name = "..2026_11_22_09_30_00." + std::to_string(1000000000 + ++generation_);
  std::filesystem::create_directory(root / name);
  for (const auto& [key, value] : keys) {
    const auto file = dir_.write(name + "/" + key, value);
    mode_t mode = options_.default_mode;
    if (options_.fs_group) {
      mode |= S_IRUSR | S_IRGRP;
      if (chown(file.c_str(), static_cast<uid_t>(-1), *options_.fs_group) != 0) {
        throw std::system_error(errno, std::generic_category(), file.string());
      }
    }
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
  }
  std::error_code none;
  const auto before = std::filesystem::read_symlink(root / kData, none);
  std::filesystem::create_directory_symlink(name, root / "..data_tmp");
  std::filesystem::rename(root / "..data_tmp", root / kData);
  for (const auto& [key, value] : keys) {
    if (!std::filesystem::is_symlink(root / key)) {
      std::filesystem::create_symlink(std::filesystem::path(kData) / key, root / key);
    }
  }
  std::vector<std::filesystem::path> stale;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const std::string link = entry.path().filename();
    const bool kept =
        link.starts_with("..") ||
        std::any_of(keys.begin(), keys.end(), [&](auto& key) { return key.first == link; });
    if (!kept) stale.push_back(entry.path());
  }
  for (const auto& link : stale) std::filesystem::remove(link);
  if (!before.empty()) std::filesystem::remove_all(root / before);
}

}  // namespace headway::testing
