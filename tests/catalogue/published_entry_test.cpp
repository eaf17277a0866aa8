// PublishedEntry against a tracker that answers whatever a test wants, in the simulated world.
#include "catalogue_client/published_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue_protocol/signed_request.h"
#include "http/response_writer.h"
#include "sim/test_programs.h"
#include "tests/announce/http_double.h"

namespace spate::catalogue_client {
namespace {

using namespace std::chrono_literals;
using catalogue_protocol::ListedEntry;
using catalogue_protocol::PublishResult;
using spate::testing::HttpDouble;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class PublishedEntryTest : public ::testing::Test, private PublishedEntryEvents {
  protected:
    PublishedEntryTest()
        : pair(3),
          client(pair.near_process.world(), {pair.far.address().text(), default_port}),
          server(pair.far_process.world(), {pair.far.address(), default_port},
                 [this](const http::Request& request, const Endpoint&) { return answer(request); }) {
        content.v1 = hash::sha1(as_bytes("content"));
        listed.name = "film";
        listed.hash = content;
        listed.seeds = 1;
        is_there = true;
    }

    void keep(PublishResult result) {
        entry = std::make_unique<PublishedEntry>(
            pair.near_process.world(), client, Publication{"film", "torrent", {}, {}, 6881}, content, key,
            Published{result, 41}, static_cast<PublishedEntryEvents&>(*this));
    }
    void pass(Duration time) {
        pair.simulation().run_until([] { return false; }, time);
    }
    std::size_t publications() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            server.requests, [](const auto& one) { return one.head.method == http::Method::put; }));
    }

    sim::Pair pair;
    CatalogueClient client;
    HttpDouble server;
    hash::SigningKey key{hash::KeySeed{1, 2, 3}};
    metainfo::InfoHash content;
    ListedEntry listed;
    bool is_there = false;
    PublishResult to_publication = PublishResult::created;
    std::unique_ptr<PublishedEntry> entry;
    std::size_t nobody = 0, again = 0;
    std::vector<std::string> troubles;

  private:
    std::string answer(const http::Request& request) {
        const auto says = [](unsigned status, const std::string& body) {
            return http::write_response(http::Response::text(status, body), http::Method::get, false);
        };
        const auto replies = [&](PublishResult result) {
            return says(catalogue_protocol::status_of(result),
                        catalogue_protocol::write_reply({result, "because", 99}));
        };
        if (request.head.method == http::Method::put) {
            is_there = !catalogue_protocol::is_refusal(to_publication);
            return replies(to_publication);
        }
        return is_there ? says(200, catalogue_protocol::write_entry(listed))
                        : replies(PublishResult::not_found);
    }
    void on_nobody_listed() override { ++nobody; }
    void on_published_again() override { ++again; }
    void on_entry_trouble(const std::string& text, bool) override { troubles.push_back(text); }
};

TEST_F(PublishedEntryTest, IsLookedUpEveryFewMinutesAndNoMore) {
    keep(PublishResult::created);
    pass(60min);
    EXPECT_GE(server.requests.size(), 26u);
    EXPECT_LE(server.requests.size(), 34u);
    EXPECT_EQ(publications() + nobody + again + troubles.size(), 0u);
}

TEST_F(PublishedEntryTest, ATrackerThatLostItIsToldAgain) {
    keep(PublishResult::created);
    pass(10min);
    is_there = false;
    pass(3min);
    ASSERT_EQ(publications(), 1u);
    const auto sent = catalogue_protocol::read_headers(catalogue_protocol::Action::publish, "film",
                                                       server.requests.back().head.headers);
    EXPECT_EQ(sent->sequence, 42u);
    EXPECT_EQ(server.requests.back().body, "torrent");
    EXPECT_EQ(again, 1u);
    EXPECT_EQ(nobody, 1u);  // nor does it know us as a peer
    pass(20min);
    EXPECT_EQ(publications(), 1u);
}

TEST_F(PublishedEntryTest, WhatWasRemovedStaysSo) {
    keep(PublishResult::created);
    is_there = false;
    to_publication = PublishResult::old_sequence;
    pass(60min);
    EXPECT_EQ(publications(), 1u);
    ASSERT_THAT(troubles, SizeIs(1));
    EXPECT_THAT(troubles[0], HasSubstr("was removed"));
}

TEST_F(PublishedEntryTest, WhatWasReplacedIsTold) {
    keep(PublishResult::created);
    listed.hash.v1 = hash::sha1(as_bytes("other content"));
    pass(60min);
    EXPECT_EQ(publications(), 0u);
    ASSERT_THAT(troubles, SizeIs(1));
    EXPECT_THAT(troubles[0], HasSubstr("another content"));
}

TEST_F(PublishedEntryTest, WhoOnlyJoinedPublishesNothing) {
    keep(PublishResult::joined);
    is_there = false;
    pass(60min);
    EXPECT_EQ(publications(), 0u);
    ASSERT_THAT(troubles, SizeIs(1));
    EXPECT_THAT(troubles[0], HasSubstr("not listed any more"));
}

TEST_F(PublishedEntryTest, WhenNobodyIsListedWeAreNotEither) {
    keep(PublishResult::created);
    listed.seeds = 0;
    pass(3min);
    EXPECT_EQ(nobody, 1u);
    listed.leechers = 1;
    pass(60min);
    EXPECT_EQ(nobody, 1u);
}

TEST_F(PublishedEntryTest, ARefusalIsToldOnceAndTriedRarely) {
    keep(PublishResult::created);
    is_there = false;
    to_publication = PublishResult::full;
    pass(60min);
    EXPECT_GE(publications(), 5u);
    EXPECT_LE(publications(), 10u);
    EXPECT_THAT(troubles, SizeIs(1));
}

}  // namespace
}  // namespace spate::catalogue_client
