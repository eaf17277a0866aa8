#include "http/request_writer.h"

#include "http/field_text.h"

namespace spate::http {

std::string write_request(Method method, const Url& url, const Headers& headers, std::string_view body) {
    std::string out(method_name(method));
    out += " " + url.target() + " HTTP/1.1\r\n";
    append_field(out, "Host", url.authority());
    append_field(out, "Connection", "close");
    append_field(out, "Accept-Encoding", "gzip");
    append_fields(out, headers);
    if (!body.empty() || method == Method::put || method == Method::post)
        append_field(out, "Content-Length", std::to_string(body.size()));
    out += "\r\n";
    out += body;
    return out;
}

}  // namespace spate::http
