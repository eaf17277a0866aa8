#include "catalogue_protocol/signed_request.h"

#include <algorithm>

#include "base/hex.h"
#include "base/parse_number.h"
#include "http/url.h"

namespace spate::catalogue_protocol {

namespace {

constexpr std::string_view key_header = "Spate-Key";
constexpr std::string_view signature_header = "Spate-Signature";
constexpr std::string_view sequence_header = "Spate-Sequence";
constexpr std::string_view description_header = "Spate-Description";
constexpr std::string_view md5_header = "Spate-Md5";
constexpr std::string_view port_header = "Spate-Port";

constexpr std::size_t md5_digits = 32;

// Every variable part has a length of its own or its own escapes, so no two requests have one text.
std::string signed_text(const SignedRequest& request) {
    std::string text = "spate catalogue 1\n";
    text += request.action == Action::publish ? "PUT\n" : "DELETE\n";
    text += http::percent_encoded(request.name) + "\n";
    text += std::to_string(request.sequence) + "\n";
    text += to_hex(request.body_digest) + "\n";
    text += request.md5 + "\n";
    text += http::percent_encoded(request.description.value_or("")) + "\n";
    return text;
}

std::unexpected<Error> bad(std::string_view header, std::string detail) {
    return fail(Error::invalid("read", std::string(header), std::move(detail)));
}

template <class Octets>
bool read_hex(const http::Headers& headers, std::string_view name, Octets& out) {
    const auto text = headers.find(name);
    const auto octets = text ? from_hex(*text) : std::nullopt;
    if (!octets || octets->size() != out.size()) return false;
    std::ranges::copy(*octets, out.begin());
    return true;
}

bool is_control(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 32 || octet == 127;
}

Result<void> read_publish_headers(SignedRequest& request, const http::Headers& headers) {
    if (const auto encoded = headers.find(description_header)) {
        auto description = http::percent_decoded(*encoded);
        if (!description) return bad(description_header, "a broken escape");
        if (description->size() > description_bytes_max) return bad(description_header, "it is too long");
        if (std::ranges::any_of(*description, is_control))
            return bad(description_header, "it is not one line");
        request.description = std::move(*description);
    }
    request.md5 = headers.find(md5_header).value_or("");
    const auto digits = from_hex(request.md5);
    if (!request.md5.empty() && (!digits || request.md5.size() != md5_digits)) {
        return bad(md5_header, "it is no MD5");
    }
    if (!request.md5.empty()) request.md5 = to_hex(*digits);
    const auto port = headers.find(port_header);
    if (!port) return {};
    const auto number = parse_number<std::uint16_t>(*port);
    if (!number) return bad(port_header, "it is no port");
    request.port = *number;
    return {};
}

}  // namespace

void sign(SignedRequest& request, const hash::SigningKey& key) {
    request.publisher = key.public_key();
    request.signature = key.sign(as_bytes(signed_text(request)));
}

bool is_right(const SignedRequest& request) {
    return hash::is_signed_by(request.publisher, request.signature, as_bytes(signed_text(request)));
}

http::Headers write_headers(const SignedRequest& request) {
    http::Headers headers;
    headers.add(std::string(key_header), to_hex(request.publisher));
    headers.add(std::string(signature_header), to_hex(request.signature));
    headers.add(std::string(sequence_header), std::to_string(request.sequence));
    if (request.action == Action::remove) return headers;
    if (request.description)
        headers.add(std::string(description_header), http::percent_encoded(*request.description));
    if (!request.md5.empty()) headers.add(std::string(md5_header), request.md5);
    if (request.port != 0) headers.add(std::string(port_header), std::to_string(request.port));
    return headers;
}

Result<SignedRequest> read_headers(Action action, std::string name, const http::Headers& headers) {
    SignedRequest request;
    request.action = action;
    request.name = std::move(name);
    for (const auto header :
         {key_header, signature_header, sequence_header, description_header, md5_header, port_header}) {
        if (headers.count(header) > 1) return bad(header, "it is there twice");
    }
    if (!read_hex(headers, key_header, request.publisher)) return bad(key_header, "64 hex digits are needed");
    if (!read_hex(headers, signature_header, request.signature)) {
        return bad(signature_header, "128 hex digits are needed");
    }
    const auto sequence = parse_number<std::uint64_t>(headers.find(sequence_header).value_or(""));
    if (!sequence || *sequence > INT64_MAX) return bad(sequence_header, "a number below 2^63 is needed");
    request.sequence = *sequence;
    if (action == Action::publish) {
        if (auto read = read_publish_headers(request, headers); !read) return fail(std::move(read.error()));
    }
    return request;
}

std::string torrent_path(std::string_view name) {
    return "/torrent/" + http::percent_encoded(name);
}

std::string entry_path(std::string_view name) {
    return "/entry/" + http::percent_encoded(name);
}

}  // namespace spate::catalogue_protocol
