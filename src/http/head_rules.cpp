#include "http/head_rules.h"

#include <algorithm>

#include "base/parse_number.h"
#include "http/limits.h"

namespace spate::http {
namespace {

bool same_text(std::string_view a, std::string_view lower) {
    return std::ranges::equal(
        a, lower, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

}  // namespace

std::optional<Refusal> refused_octets(std::string_view head, std::size_t first) {
    for (std::size_t i = first; i < head.size(); ++i) {
        const auto c = static_cast<unsigned char>(head[i]);
        const bool after_cr = i > 0 && head[i - 1] == '\r';
        if ((c == '\n') != after_cr) return Refusal{400, "a line must end with CR LF"};
        const bool after_line = i > 1 && head[i - 1] == '\n';
        if (after_line && (c == ' ' || c == '\t')) return Refusal{400, "a folded header line"};
        if (c == 0x7f || (c < 0x20 && c != '\r' && c != '\n' && c != '\t'))
            return Refusal{400, "a control character in the head"};
    }
    return std::nullopt;
}

std::optional<Refusal> refused_head(const RequestHead& head) {
    const Headers& headers = head.headers;
    if (headers.count("Host") > 1) return Refusal{400, "more than one Host"};
    if (!head.http_1_0 && headers.count("Host") == 0) return Refusal{400, "no Host"};  // RFC 9112, 3.2
    const auto length = headers.find("Content-Length");
    if (headers.count("Content-Length") > 1) return Refusal{400, "more than one Content-Length"};
    if (length && !parse_number<std::uint64_t>(*length)) return Refusal{400, "a broken Content-Length"};
    if (const auto encoding = headers.find("Transfer-Encoding")) {
        if (length) return Refusal{400, "both Content-Length and Transfer-Encoding"};
        if (head.http_1_0) return Refusal{400, "a Transfer-Encoding in HTTP/1.0"};
        if (headers.count("Transfer-Encoding") > 1 || !same_text(*encoding, "chunked"))
            return Refusal{501, "a Transfer-Encoding other than chunked"};
    }
    const bool carries = head.method == Method::put || head.method == Method::post;
    if (!carries && head.has_body()) return Refusal{400, "a body where none belongs"};
    if (carries && !length && !head.chunked) return Refusal{411, "a Content-Length is needed"};
    const auto expect = headers.find("Expect");
    if (expect && !same_text(*expect, "100-continue")) return Refusal{417, "an unknown Expect"};
    return std::nullopt;
}

std::optional<Refusal> read_target(std::string_view target, RequestHead& head) {
    if (target.size() > target_bytes_max) return Refusal{414, "the target is too long"};
    const auto scheme_end = target.find("://");
    if (scheme_end != target.npos && same_text(target.substr(0, scheme_end), "http")) {
        target.remove_prefix(scheme_end + 3);
        target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
        if (!target.starts_with('/')) {  // "http://host" or "http://host?query"
            head.path = "/";
            head.query = target.empty() ? "" : target.substr(1);
            return std::nullopt;
        }
    }
    const bool asterisk = target == "*" && head.method == Method::options;
    if (!target.starts_with('/') && !asterisk) return Refusal{400, "the target is no path"};
    const auto mark = target.find('?');
    head.path = target.substr(0, mark);
    head.query = mark == target.npos ? "" : target.substr(mark + 1);
    return std::nullopt;
}

}  // namespace spate::http
