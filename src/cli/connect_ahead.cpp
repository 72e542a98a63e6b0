#include "cli/connect_ahead.hpp"

#include <utility>

namespace headway::cli {

ConnectAhead::ConnectAhead(std::unique_ptr<engine::Connector> connector)
    : connector_(std::move(connector)) {}

ConnectAhead::~ConnectAhead() {
  stop_.request_stop();
  if (attempt_.valid()) attempt_.wait();  // it uses the connector
}

void ConnectAhead::begin(Milliseconds longest) {
  attempt_ = std::async(std::launch::async, [this, longest] {
    return connector_->connect(stop_.get_token(), longest);
  });
}

std::unique_ptr<engine::Connection> ConnectAhead::connect(const std::stop_token& stop,
                                                          Milliseconds longest) {
  if (!attempt_.valid()) return connector_->connect(stop, longest);
  const std::stop_callback forward(stop, [this] { stop_.request_stop(); });
  return attempt_.get();
}

}  // namespace headway::cli
