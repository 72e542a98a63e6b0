#include "cli/connect_ahead.hpp"

#include <utility>

namespace headway::cli {

ConnectAhead::ConnectAhead(std::unique_ptr<engine::Connector> connector)
    : connector_(std::move(connector)) {}

ConnectAhead::~ConnectAhead() {
  stop_.request_stop();
  if (attempt_.valid()) attempt_.wait();  // it uses the connector
}

void ConnectAhead::begin() {
  attempt_ =
      std::async(std::launch::async, [this] { return connector_->connect(stop_.get_token()); });
}

std::unique_ptr<engine::Connection> ConnectAhead::connect(const std::stop_token& stop) {
  if (!attempt_.valid()) return connector_->connect(stop);
  const std::stop_callback forward(stop, [this] { stop_.request_stop(); });
  return attempt_.get();
}

}  // namespace headway::cli
