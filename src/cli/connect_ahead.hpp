// A connector whose first attempt begins before anybody asks for it, while the source is read.
#pragma once
#include <future>
#include <memory>
#include <stop_token>
#include <string>

#include "engine/connection.hpp"

namespace headway::cli {

class ConnectAhead final : public engine::Connector {
 public:
  explicit ConnectAhead(std::unique_ptr<engine::Connector> connector);
  /// Gives up an attempt that nobody asked for.
  ~ConnectAhead() override;

  /// Begins the first attempt in a thread of its own.  Once, before connect().
  void begin(Milliseconds longest);

  /// The first call gets what begin() began, with its error if it failed.
  [[nodiscard]] std::unique_ptr<engine::Connection> connect(const std::stop_token& stop,
                                                            Milliseconds longest) override;
  [[nodiscard]] std::unique_ptr<engine::ActivityReader> attend(const std::stop_token& stop,
                                                               Milliseconds longest) override {
    return connector_->attend(stop, longest);
  }
  [[nodiscard]] std::string description() const override { return connector_->description(); }

 private:
  std::unique_ptr<engine::Connector> connector_;
  std::stop_source stop_;
  std::future<std::unique_ptr<engine::Connection>> attempt_;
};

}  // namespace headway::cli
