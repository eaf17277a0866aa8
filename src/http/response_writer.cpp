#include "http/response_writer.h"

#include "http/field_text.h"

namespace spate::http {
namespace {

bool has_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string write_response_head(const Response& response, std::uint64_t body_size, bool keep_alive) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
    out += reason_phrase(response.status);
    out += "\r\n";
    append_fields(out, response.headers);
    if (has_body(response.status)) append_field(out, "Content-Length", std::to_string(body_size));
    append_field(out, "Connection", keep_alive ? "keep-alive" : "close");
    out += "\r\n";
    return out;
}

std::string write_response(const Response& response, Method request, bool keep_alive) {
    std::string out = write_response_head(response, response.body.size(), keep_alive);
    if (request != Method::head && has_body(response.status)) out += response.body;
    return out;
}

}  // namespace spate::http
