// Writes requests (client): "GET target HTTP/1.1" with Host, Connection: close, Accept-Encoding: gzip, the
// headers given and, with a body or PUT and POST, Content-Length. Pure.
#pragma once

#include <string>

#include "http/message.h"
#include "http/url.h"

namespace spate::http {

std::string write_request(Method method, const Url& url, const Headers& headers, std::string_view body);

}  // namespace spate::http
