#include "catalogue_client/catalogue_client.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/printable.h"
#include "base/utf8.h"
#include "catalogue_protocol/entry_name.h"
#include "catalogue_protocol/limits.h"
#include "catalogue_protocol/signed_request.h"
#include "hash/digest.h"
#include "http/url.h"
#include "http_client/http_exchange.h"

namespace spate::catalogue_client {

using catalogue_protocol::Action;
using catalogue_protocol::ListedEntry;
using catalogue_protocol::PublishReply;
using catalogue_protocol::PublishResult;
using catalogue_protocol::SignedRequest;
using http_client::HttpExchange;

namespace {

constexpr std::size_t answer_bytes_max = 64 << 10;

http::Url url_of(const HostPort& tracker, std::string path) {
    return {"http", tracker.host, tracker.port, std::move(path), std::nullopt};
}

std::errc kind_of(PublishResult result) {
    switch (result) {
        case PublishResult::not_found:
            return std::errc::no_such_file_or_directory;
        case PublishResult::name_taken:
            return std::errc::file_exists;
        case PublishResult::other_publisher:
        case PublishResult::bad_signature:
            return std::errc::permission_denied;
        case PublishResult::too_large:
            return std::errc::file_too_large;
        case PublishResult::full:
            return std::errc::no_space_on_device;
        case PublishResult::old_sequence:
            return superseded;
        case PublishResult::failed:
            return std::errc::resource_unavailable_try_again;
        default:
            return std::errc::invalid_argument;
    }
}

// What a reply that is not the one hoped for says.
Error refusal(const std::string& operation, const std::string& object, const http::Response& response) {
    const auto reply = catalogue_protocol::read_reply(response.body);
    if (reply && catalogue_protocol::is_refusal(reply->result)) {
        return Error::invalid(operation, object, printable(reply->reason, 1000), kind_of(reply->result));
    }
    const bool is_missing = response.status == 404;
    return Error::invalid(operation, object,
                          is_missing ? "the tracker knows no catalogue: it is another program, or an old one"
                                     : "the tracker answered " + std::to_string(response.status) + " " +
                                           std::string(http::reason_phrase(response.status)),
                          is_missing ? std::errc::function_not_supported : std::errc::protocol_error);
}

// One exchange whose reply is turned into a value.
template <class T>
class Asked final : public io::Pending {
  public:
    using Read = std::move_only_function<Result<T>(http::Response)>;

    Asked(io::World& world, http_client::ExchangeRequest request, http_client::ExchangeLimits limits,
          Read read, std::move_only_function<void(Result<T>)> done)
        : read_(std::move(read)),
          done_(std::move(done)),
          exchange_(world, std::move(request), std::move(limits),
                    [this](Result<http_client::Reply> reply) { finish(std::move(reply)); }) {}

  private:
    void finish(Result<http_client::Reply> reply) {
        auto done = std::move(done_);  // it may destroy us
        if (!reply) return done(fail(std::move(reply.error())));
        done(read_(std::move(reply->response)));
    }

    Read read_;
    std::move_only_function<void(Result<T>)> done_;
    HttpExchange exchange_;
};

http_client::ExchangeLimits limits_of(Duration time_limit, std::size_t body_bytes_max) {
    http_client::ExchangeLimits limits;
    limits.time_limit = time_limit;
    limits.body_bytes_max = body_bytes_max;
    return limits;
}

// Page after page.
class Listing final : public io::Pending {
  public:
    Listing(io::World& world, HostPort tracker, catalogue_protocol::ListQuery query, std::size_t entries_max,
            Duration time_limit, CatalogueClient::Done<std::vector<ListedEntry>> done)
        : world_(world),
          tracker_(std::move(tracker)),
          query_(std::move(query)),
          entries_max_(entries_max),
          time_limit_(time_limit),
          done_(std::move(done)) {
        ask();
    }

  private:
    // A page may be empty and not the last, but a tracker that gives only such ones is not followed for ever.
    static constexpr std::size_t pages_max = 10'000;

    void ask() {
        http_client::ExchangeRequest request;
        request.url = url_of(tracker_, "/catalogue");
        request.url.query = catalogue_protocol::write_list_query(query_);
        exchange_ = std::make_unique<HttpExchange>(
            world_, std::move(request), limits_of(time_limit_, catalogue_protocol::page_bytes_max),
            [this](Result<http_client::Reply> reply) { take(std::move(reply)); });
    }
    void take(Result<http_client::Reply> reply) {
        if (!reply) return finish(fail(std::move(reply.error())));
        if (reply->response.status != 200)
            return finish(fail(refusal("list", tracker_.text(), reply->response)));
        auto page = catalogue_protocol::read_page(reply->response.body);
        if (!page) return finish(fail(std::move(page.error())));
        std::ranges::move(page->entries, std::back_inserter(entries_));
        const bool is_last = page->next.empty() || page->next == query_.after ||
                             entries_.size() >= entries_max_ || ++pages_ >= pages_max;
        if (!is_last) {
            query_.after = std::move(page->next);
            return ask();
        }
        if (entries_.size() > entries_max_) entries_.resize(entries_max_);
        finish(std::move(entries_));
    }
    void finish(Result<std::vector<ListedEntry>> result) {
        auto done = std::move(done_);
        done(std::move(result));
    }

    io::World& world_;
    HostPort tracker_;
    catalogue_protocol::ListQuery query_;
    std::size_t entries_max_;
    Duration time_limit_;
    CatalogueClient::Done<std::vector<ListedEntry>> done_;
    std::vector<ListedEntry> entries_;
    std::size_t pages_ = 0;
    std::unique_ptr<HttpExchange> exchange_;
};

std::string clean_description(std::string_view text) {
    std::string clean(text);
    for (auto& c : clean) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 32 || octet == 127) c = ' ';
    }
    if (is_utf8(clean)) return std::string(cut_utf8(clean, catalogue_protocol::description_bytes_max));
    clean.resize(std::min(clean.size(), catalogue_protocol::description_bytes_max));
    return clean;
}

// A signed request. Sequences are the clock's; where that is not enough (two requests in a second, a clock
// that was set back) the tracker says what it saw last, and the request is signed once more, above it.
class Signed final : public io::Pending {
  public:
    // With the sequence it was signed with last.
    using OnReply = std::move_only_function<void(Result<http::Response>, std::uint64_t)>;

    // sequence: the one and only, if given.
    Signed(io::World& world, HostPort tracker, SignedRequest request, std::string body, hash::SigningKey key,
           Duration time_limit, std::optional<std::uint64_t> sequence, OnReply done)
        : world_(world),
          tracker_(std::move(tracker)),
          request_(std::move(request)),
          body_(std::move(body)),
          key_(std::move(key)),
          time_limit_(time_limit),
          done_(std::move(done)),
          asked_again_(sequence.has_value()) {
        const auto seconds = std::max<std::int64_t>(0, world_.reactor.wall_now().unix_seconds);
        request_.body_digest = hash::sha256(as_bytes(body_));
        ask(sequence.value_or(static_cast<std::uint64_t>(seconds) * 1'000'000));
    }

  private:
    void ask(std::uint64_t sequence) {
        request_.sequence = sequence;
        catalogue_protocol::sign(request_, key_);
        http_client::ExchangeRequest exchange;
        exchange.method = request_.action == Action::publish ? http::Method::put : http::Method::remove;
        exchange.url = url_of(tracker_, catalogue_protocol::torrent_path(request_.name));
        exchange.headers = catalogue_protocol::write_headers(request_);
        exchange.body = body_;
        exchange_ = std::make_unique<HttpExchange>(
            world_, std::move(exchange), limits_of(time_limit_, answer_bytes_max),
            [this](Result<http_client::Reply> reply) { take(std::move(reply)); });
    }
    void take(Result<http_client::Reply> reply) {
        if (reply && !asked_again_) {
            const auto said = catalogue_protocol::read_reply(reply->response.body);
            if (said && said->result == PublishResult::old_sequence && said->last_sequence < INT64_MAX) {
                asked_again_ = true;
                return ask(said->last_sequence + 1);
            }
        }
        auto done = std::move(done_);  // it may destroy us
        const auto sequence = request_.sequence;
        if (!reply) return done(fail(std::move(reply.error())), sequence);
        done(std::move(reply->response), sequence);
    }

    io::World& world_;
    HostPort tracker_;
    SignedRequest request_;
    std::string body_;
    hash::SigningKey key_;
    Duration time_limit_;
    OnReply done_;
    bool asked_again_;
    std::unique_ptr<HttpExchange> exchange_;
};

}  // namespace

CatalogueClient::Work CatalogueClient::list(catalogue_protocol::ListQuery query, std::size_t entries_max,
                                            Done<std::vector<ListedEntry>> done) {
    return std::make_unique<Listing>(world_, tracker_, std::move(query), entries_max, time_limit,
                                     std::move(done));
}

CatalogueClient::Work CatalogueClient::look(const std::string& name, Done<ListedEntry> done) {
    http_client::ExchangeRequest request;
    request.url = url_of(tracker_, catalogue_protocol::entry_path(name));
    return std::make_unique<Asked<ListedEntry>>(
        world_, std::move(request), limits_of(time_limit, answer_bytes_max),
        [name](const http::Response& response) -> Result<ListedEntry> {
            if (response.status != 200) return fail(refusal("look up", printable(name), response));
            return catalogue_protocol::read_entry(response.body);
        },
        std::move(done));
}

CatalogueClient::Work CatalogueClient::fetch(const std::string& name, Done<std::string> done) {
    http_client::ExchangeRequest request;
    request.url = url_of(tracker_, catalogue_protocol::torrent_path(name));
    return std::make_unique<Asked<std::string>>(
        world_, std::move(request), limits_of(time_limit, catalogue_protocol::metainfo_bytes_max),
        [name](http::Response response) -> Result<std::string> {
            if (response.status != 200)
                return fail(refusal("fetch the metainfo of", printable(name), response));
            return std::move(response.body);
        },
        std::move(done));
}

CatalogueClient::Work CatalogueClient::publish(Publication publication, const hash::SigningKey& key,
                                               Done<Published> done) {
    SignedRequest request;
    request.action = Action::publish;
    request.name = publication.name;
    if (publication.description) request.description = clean_description(*publication.description);
    request.md5 = publication.md5;
    request.port = publication.peer_port;
    return std::make_unique<Signed>(world_, tracker_, std::move(request), std::move(publication.metainfo),
                                    key, time_limit,
                                    publication.after ? std::optional(*publication.after + 1) : std::nullopt,
                                    [name = publication.name, done = std::move(done)](
                                        Result<http::Response> response, std::uint64_t sequence) mutable {
                                        if (!response) return done(fail(std::move(response.error())));
                                        const auto reply = catalogue_protocol::read_reply(response->body);
                                        if (!reply || catalogue_protocol::is_refusal(reply->result))
                                            return done(fail(refusal("publish", printable(name), *response)));
                                        done(Published{reply->result, sequence});
                                    });
}

CatalogueClient::Work CatalogueClient::remove(const std::string& name, const hash::SigningKey& key,
                                              Done<void> done) {
    SignedRequest request;
    request.action = Action::remove;
    request.name = name;
    return std::make_unique<Signed>(
        world_, tracker_, std::move(request), std::string(), key, time_limit, std::nullopt,
        [name, done = std::move(done)](Result<http::Response> response, std::uint64_t) mutable {
            if (!response) return done(fail(std::move(response.error())));
            const auto reply = catalogue_protocol::read_reply(response->body);
            if (!reply || reply->result != PublishResult::removed)
                return done(fail(refusal("remove", printable(name), *response)));
            done({});
        });
}

std::string catalogue_name(std::string_view file_name) {
    std::string name;
    while (!file_name.empty()) {
        const auto character = decode_utf8(file_name);
        const auto octets = file_name.substr(0, character ? character->bytes : 1);
        file_name.remove_prefix(octets.size());
        if (catalogue_protocol::entry_name_fault(octets)) continue;
        const char c = octets[0];
        if (c == '/' || c == '\\' || c == '<' || c == '>') continue;
        const bool is_second_dot = c == '.' && name.ends_with('.');
        if (!is_second_dot) name += c == ' ' ? "_" : octets;
    }
    if (name == ".") return {};
    return std::string(cut_utf8(name, 255));
}

}  // namespace spate::catalogue_client
