// The catalogue's HTTP paths as the tracker answers them, over a catalogue on a simulated disk.
#include "tracker/catalogue_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "catalogue_protocol/publish_reply.h"
#include "sim/test_programs.h"

namespace spate::tracker {
namespace {

using namespace std::chrono_literals;
using catalogue_protocol::Action;
using catalogue_protocol::PublishResult;
using ::testing::HasSubstr;

const Endpoint publisher{Address::v4(192, 0, 2, 1), 4000};

// A single file of one piece; its info-hash is its name's and `mark`'s.
std::string torrent(const std::string& name, char mark) {
    return "d4:infod6:lengthi10e4:name" + std::to_string(name.size()) + ":" + name +
           "12:piece lengthi16384e6:pieces20:" + std::string(20, mark) + "ee";
}

class CatalogueHandlerTest : public ::testing::Test, public Events {
  protected:
    CatalogueHandlerTest()
        : testbed(1),
          process(testbed.add_host("tracker", sim::plain_host()).run("tracker", sim::idle_program())),
          announcements({}, {}, 1) {
        auto world = process.world();
        auto opened = catalogue::CatalogueService::open(world.reactor, world.pool, world.files, log, "/state",
                                                        catalogue::Limits{});
        EXPECT_TRUE(opened) << opened.error().message();
        catalogue = std::move(*opened);
        handler =
            std::make_unique<CatalogueHandler>(world, *catalogue, announcements, Possession::off, *this);
    }

    http::Response ask(http::Request request) {
        std::optional<http::Response> got;
        handler->answer(publisher, std::move(request), [&](http::Response response) { got = response; });
        testbed.simulation().run_for(1s);
        EXPECT_TRUE(got);
        return got.value_or(http::Response{});
    }
    http::Response ask(http::Method method, const std::string& path) {
        http::Request request;
        request.head.method = method;
        request.head.path = path;
        return ask(std::move(request));
    }
    static http::Request signed_request(Action action, const std::string& name, const std::string& body,
                                        std::uint64_t sequence, std::uint8_t key = 1) {
        catalogue_protocol::SignedRequest headers;
        headers.action = action;
        headers.name = name;
        headers.sequence = sequence;
        headers.body_digest = hash::sha256(as_bytes(body));
        catalogue_protocol::sign(headers, hash::SigningKey(hash::KeySeed{key}));
        http::Request request;
        request.head.method = action == Action::publish ? http::Method::put : http::Method::remove;
        request.head.path = catalogue_protocol::torrent_path(name);
        request.head.headers = catalogue_protocol::write_headers(headers);
        request.body = body;
        return request;
    }
    PublishResult result(const http::Response& response) {
        const auto reply = catalogue_protocol::read_reply(response.body);
        EXPECT_TRUE(reply) << response.body;
        if (!reply) return PublishResult::failed;
        EXPECT_EQ(response.status, catalogue_protocol::status_of(reply->result));
        return reply->result;
    }
    PublishResult put(const std::string& name, const std::string& body, std::uint64_t sequence,
                      std::uint8_t key = 1) {
        return result(ask(signed_request(Action::publish, name, body, sequence, key)));
    }
    PublishResult remove(const std::string& name, std::uint64_t sequence, std::uint8_t key = 1) {
        return result(ask(signed_request(Action::remove, name, "", sequence, key)));
    }

    sim::Testbed testbed;
    sim::Process& process;
    NoLog log;
    Announcements announcements;
    std::unique_ptr<catalogue::CatalogueService> catalogue;
    std::unique_ptr<CatalogueHandler> handler;
    std::vector<std::string> told;

  private:
    void on_answered(const Endpoint&, std::string_view what, std::string_view outcome) override {
        told.push_back(std::string(what) + ": " + std::string(outcome));
    }
    void on_turned_away(const Endpoint&, std::string_view) override {}
    void on_trouble(const Error&) override {}
};

TEST_F(CatalogueHandlerTest, WhatIsPublishedIsListedLookedUpAndFetched) {
    const auto body = torrent("film", 'a');
    EXPECT_EQ(put("film", body, 1), PublishResult::created);
    EXPECT_EQ(told, std::vector<std::string>{"publish film: created"});
    EXPECT_THAT(ask(http::Method::get, "/catalogue").body, HasSubstr("\"name\":\"film\""));
    EXPECT_THAT(ask(http::Method::get, "/entry/film").body, HasSubstr("\"size\":10"));
    const auto fetched = ask(http::Method::get, "/torrent/film");
    EXPECT_EQ(fetched.status, 200u);
    EXPECT_EQ(fetched.body, body);
    EXPECT_EQ(fetched.headers.find("Content-Type"), "application/x-bittorrent");
}

TEST_F(CatalogueHandlerTest, ThePublisherReplacesAndRemoves) {
    EXPECT_EQ(put("film", torrent("film", 'a'), 1), PublishResult::created);
    EXPECT_EQ(put("film", torrent("film", 'b'), 1), PublishResult::old_sequence);
    EXPECT_EQ(put("film", torrent("film", 'b'), 2), PublishResult::replaced);
    EXPECT_EQ(ask(http::Method::get, "/torrent/film").body, torrent("film", 'b'));
    EXPECT_EQ(remove("film", 3), PublishResult::removed);
    EXPECT_EQ(ask(http::Method::get, "/entry/film").status, 404u);
    EXPECT_EQ(ask(http::Method::get, "/torrent/film").status, 404u);
    EXPECT_EQ(remove("film", 4), PublishResult::not_found);
    EXPECT_EQ(put("film", torrent("film", 'b'), 2), PublishResult::old_sequence);  // the request, sent again
}

TEST_F(CatalogueHandlerTest, ANameIsItsPublishers) {
    EXPECT_EQ(put("film", torrent("film", 'a'), 1), PublishResult::created);
    EXPECT_EQ(put("film", torrent("film", 'b'), 9, 2), PublishResult::name_taken);
    EXPECT_EQ(put("film", torrent("film", 'a'), 9, 2), PublishResult::joined);
    EXPECT_EQ(remove("film", 9, 2), PublishResult::other_publisher);
    EXPECT_EQ(ask(http::Method::get, "/torrent/film").body, torrent("film", 'a'));
}

TEST_F(CatalogueHandlerTest, ASignatureIsOfOneRequest) {
    const auto good = signed_request(Action::publish, "film", torrent("film", 'a'), 5);
    const auto with = [&](const std::string& header, const std::string& value) {
        auto bent = good;
        bent.head.headers.remove(header);
        bent.head.headers.add(header, value);
        return result(ask(std::move(bent)));
    };
    auto other_body = good;
    other_body.body = torrent("film", 'b');
    EXPECT_EQ(result(ask(std::move(other_body))), PublishResult::bad_signature);
    auto other_name = good;
    other_name.head.path = "/torrent/song";
    EXPECT_EQ(result(ask(std::move(other_name))), PublishResult::bad_signature);
    auto other_action = good;
    other_action.head.method = http::Method::remove;
    other_action.body.clear();
    EXPECT_EQ(result(ask(std::move(other_action))), PublishResult::bad_signature);
    EXPECT_EQ(with("Spate-Sequence", "6"), PublishResult::bad_signature);
    EXPECT_EQ(with("Spate-Key", std::string(64, '0')), PublishResult::bad_signature);
    EXPECT_EQ(with("Spate-Key", std::string(64, 'x')), PublishResult::bad_request);
    EXPECT_EQ(with("Spate-Signature", "ab"), PublishResult::bad_request);
    EXPECT_EQ(ask(http::Method::get, "/entry/film").status, 404u);
    EXPECT_EQ(result(ask(good)), PublishResult::created);
}

TEST_F(CatalogueHandlerTest, WhatIsMalformedIsRefusedAndChangesNothing) {
    for (const std::string body : {"", "d", "i1e", "d4:infode", "<html>"})
        EXPECT_EQ(put("film", body, 1), PublishResult::bad_metainfo) << body;
    EXPECT_EQ(put("a b", torrent("f", 'a'), 1), PublishResult::bad_request);
    EXPECT_EQ(put("..", torrent("f", 'a'), 1), PublishResult::bad_request);
    EXPECT_EQ(result(ask(http::Method::put, "/torrent/film")), PublishResult::bad_request);  // no headers
    EXPECT_EQ(result(ask(http::Method::put, "/torrent/")), PublishResult::bad_request);
    EXPECT_EQ(result(ask(http::Method::get, "/entry/%zz")), PublishResult::bad_request);
    http::Request query;
    query.head.path = "/catalogue";
    query.head.query = "sort=colour";
    EXPECT_EQ(result(ask(std::move(query))), PublishResult::bad_request);
    EXPECT_TRUE(
        catalogue->list({}, *std::make_unique<AnnouncedCounts>(process.world().reactor, announcements))
            .entries.empty());
}

TEST_F(CatalogueHandlerTest, OtherMethodsAreToldWhatThePathTakes) {
    const auto refused = ask(http::Method::put, "/catalogue");
    EXPECT_EQ(refused.status, 405u);
    EXPECT_EQ(refused.headers.find("Allow"), "GET");
    EXPECT_EQ(ask(http::Method::post, "/torrent/film").status, 405u);
    EXPECT_EQ(ask(http::Method::remove, "/entry/film").status, 405u);
}

TEST_F(CatalogueHandlerTest, OnlyPublishingTakesABody) {
    http::RequestHead head;
    head.path = "/torrent/film";
    head.method = http::Method::put;
    EXPECT_EQ(handler->body_max(head), catalogue_protocol::metainfo_bytes_max);
    head.method = http::Method::post;
    EXPECT_EQ(handler->body_max(head), 0u);
    head.method = http::Method::put;
    head.path = "/entry/film";
    EXPECT_EQ(handler->body_max(head), 0u);
}

}  // namespace
}  // namespace spate::tracker
