// A file that is read piece by piece, anew each time.
#pragma once
#include <memory>
#include <string>

#include "migration/large_text.hpp"

namespace headway::files {

class LargeFile final : public migration::LargeText {
 public:
  explicit LargeFile(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] std::unique_ptr<TextReader> open() const override;

 private:
  std::string path_;
};

}  // namespace headway::files
