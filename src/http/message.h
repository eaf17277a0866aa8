// Request and Response as values. Header names match in any case; values are as received, without the blanks
// around them. Text from the network: printable() before it is shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spate::http {

struct Header {
    std::string name;
    std::string value;
    bool operator==(const Header&) const = default;
};

class Headers {
  public:
    // Appends. What we write ourselves: a name or value that could break the line is a bug of ours (assert).
    void add(std::string name, std::string value) { all_.push_back({std::move(name), std::move(value)}); }
    // The first of that name, or nothing.
    std::optional<std::string_view> find(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    void remove(std::string_view name);
    const std::vector<Header>& all() const { return all_; }
    bool operator==(const Headers&) const = default;

  private:
    std::vector<Header> all_;
};

enum class Method { get, head, put, post, remove, options, other };  // remove: DELETE

std::string_view method_name(Method method);  // "GET"; other: ""

struct RequestHead {
    Method method = Method::get;
    std::string path;   // raw, begins with '/' ("*" for OPTIONS *); absolute form reduced to it
    std::string query;  // raw, without the '?'
    bool http_1_0 = false;
    bool keep_alive = true;  // what the client asks for; 1.0 only with "Connection: keep-alive"
    Headers headers;
    std::optional<std::uint64_t> content_length;  // none: no body, or chunked
    bool chunked = false;

    bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

struct Request {
    RequestHead head;
    std::string body;
};

struct Response {
    unsigned status = 200;
    Headers headers;  // ours: without Content-Length, Connection and Date, which the writer adds
    std::string body;

    static Response text(unsigned status, std::string_view body);  // text/plain; charset=utf-8
};

// "Not Found"; "" when there is no such status here.
std::string_view reason_phrase(unsigned status);

}  // namespace spate::http
