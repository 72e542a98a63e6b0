// A volume of files as the kubelet makes it from Secrets and ConfigMaps: each key is a link into
// ..data, that a link to a directory with a time in its name, and a change turns ..data over at
// once.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/temp_dir.hpp"

namespace headway::testing {

using Keys = std::vector<std::pair<std::string, std::string>>;  ///< names and values

struct VolumeOptions {
  mode_t default_mode = 0644;          ///< as in a pod's specification
  std::optional<gid_t> fs_group = {};  ///< needs root, and gives the group the right to read
};

class KubeletVolume {
 public:
  /// Empty, as of an optional Secret that does not exist.
  explicit KubeletVolume(VolumeOptions options = {});
  explicit KubeletVolume(const Keys& keys, VolumeOptions options = {});

  /// What the volume holds from now on.
  void publish(const Keys& keys);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return dir_.path(); }
  [[nodiscard]] std::string path(const std::string& key) const { return dir_.path() / key; }

 private:
  VolumeOptions options_;
  TempDir dir_{"hw-volume"};
  int generation_ = 0;
};

}  // namespace headway::testing
