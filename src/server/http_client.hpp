// One outgoing HTTP request (http:// or https://), bounded in time.
#pragma once
#include <string>

#include "base/clock.hpp"

namespace headway::server {

struct HttpResult {
  int status = 0;       ///< 0: no answer
  std::string body;     ///< at most 4 KiB of it
  std::string problem;  ///< empty on an answer; never holds credentials of the URL
};

/// `url` as for http_post().  Never throws.
[[nodiscard]] HttpResult http_get(const std::string& url, Milliseconds timeout);

/// POSTs `body`.  `url` may hold user:password (sent as Basic authentication).  Never throws.
[[nodiscard]] HttpResult http_post(const std::string& url, const std::string& content_type,
                                   const std::string& body, Milliseconds timeout);

}  // namespace headway::server
