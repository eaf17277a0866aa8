#include "http/url.h"

#include <algorithm>

#include "base/hex.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "http/limits.h"

namespace spate::http {
namespace {

constexpr char hex_digits[] = "0123456789ABCDEF";

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_unreserved(char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
bool is_blank_or_control(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

void escape(std::string& out, char c) {
    const auto octet = static_cast<unsigned char>(c);
    out += {'%', hex_digits[octet >> 4], hex_digits[octet & 15]};
}

// Octets that HTTP does not let through stand escaped; the rest as it was.
std::string sendable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80 || c == '"' || c == '<' || c == '>' || c == '\\' ||
            c == '^' || c == '`' || c == '{' || c == '|' || c == '}')
            escape(out, c);
        else
            out += c;
    }
    return out;
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
    if (scheme == "http") return std::uint16_t{80};
    if (scheme == "https") return std::uint16_t{443};
    return std::nullopt;
}

Error refused(std::string_view text, std::string why) {
    return Error::invalid("read URL", printable(text), std::move(why));
}

bool is_host(std::string_view host) {
    if (Address::parse(host)) return true;
    return std::ranges::all_of(host, [](char c) { return is_unreserved(c) && c != '~'; });
}

// Path and query from "path?query#fragment".
void read_target(std::string_view rest, Url& url) {
    rest = rest.substr(0, rest.find('#'));
    const auto mark = rest.find('?');
    url.path = sendable(rest.substr(0, mark));
    url.query.reset();
    if (mark != rest.npos) url.query = sendable(rest.substr(mark + 1));
    if (!url.path.starts_with('/')) url.path.insert(0, "/");
}

// RFC 3986 5.2.4.
std::string without_dots(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const std::string_view segment = path.substr(0, path.find('/', 1));
        path.remove_prefix(segment.size());
        if (segment == "/." || segment == "/..") {
            if (segment == "/..") out.resize(out.rfind('/') == out.npos ? 0 : out.rfind('/'));
            if (path.empty()) out += '/';
        } else {
            out += segment;
        }
    }
    return out;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > url_bytes_max) return fail(refused(text, "it is too long"));
    if (std::ranges::any_of(text, is_blank_or_control))
        return fail(refused(text, "it holds a blank or a control"));
    const auto colon = text.find("://");
    if (colon == text.npos) return fail(refused(text, "it has no scheme"));
    Url url;
    url.scheme = lower(text.substr(0, colon));
    const auto usual_port = default_port(url.scheme);
    if (!usual_port && url.scheme != "udp")
        return fail(refused(text, "its scheme is not http, https or udp"));

    std::string_view rest = text.substr(colon + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    if (authority.find('@') != authority.npos) return fail(refused(text, "it holds credentials"));
    std::string_view with_port = authority;
    if (with_port.ends_with(':')) with_port.remove_suffix(1);  // an empty port is the default one
    const bool bare_v6 = !with_port.starts_with('[') && std::ranges::count(with_port, ':') > 1;
    const auto host_port = HostPort::parse(with_port, usual_port.value_or(0));
    if (!host_port || bare_v6 || !is_host(host_port->host)) return fail(refused(text, "its host is broken"));
    if (host_port->port == 0) return fail(refused(text, "it names no port"));
    url.host = lower(host_port->host);
    url.port = host_port->port;
    read_target(rest, url);
    return url;
}

Result<Url> Url::resolve(std::string_view reference) const {
    const std::string_view before_path = reference.substr(0, reference.find_first_of("/?#"));
    if (before_path.find(':') != before_path.npos) return parse(reference);
    if (reference.starts_with("//")) return parse(scheme + ":" + std::string(reference));
    if (std::ranges::any_of(reference, is_blank_or_control))
        return fail(refused(reference, "it holds a blank or a control"));
    Url url = *this;
    if (reference.starts_with('?')) {
        read_target(path + std::string(reference), url);
    } else if (reference.starts_with('/')) {
        read_target(reference, url);
    } else if (!reference.empty() && !reference.starts_with('#')) {
        read_target(path.substr(0, path.rfind('/') + 1) + std::string(reference), url);
    }
    url.path = without_dots(url.path);
    if (url.text().size() > url_bytes_max) return fail(refused(reference, "it is too long"));
    return url;
}

std::string Url::target() const {
    return query ? path + "?" + *query : path;
}

std::string Url::authority() const {
    if (default_port(scheme) == port) return host.find(':') != host.npos ? "[" + host + "]" : host;
    return HostPort{host, port}.text();
}

std::string Url::text() const {
    return scheme + "://" + authority() + target();
}

bool Url::same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
}

std::string percent_encoded(std::string_view octets) {
    std::string out;
    for (const char c : octets) {
        if (is_unreserved(c))
            out += c;
        else
            escape(out, c);
    }
    return out;
}

std::optional<std::string> percent_decoded(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const auto octet = from_hex(text.substr(i + 1, 2));
            if (!octet || octet->size() != 1) return std::nullopt;
            out += static_cast<char>(octet->front());
            i += 2;
        } else {
            out += text[i] == '+' && plus == Plus::is_blank ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace spate::http
