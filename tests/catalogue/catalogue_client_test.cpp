// CatalogueClient against a tracker that answers whatever a test wants, in the simulated world.
#include "catalogue_client/catalogue_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue_protocol/signed_request.h"
#include "http/response_writer.h"
#include "sim/test_programs.h"
#include "tests/announce/http_double.h"

namespace spate::catalogue_client {
namespace {

using namespace std::chrono_literals;
using catalogue_protocol::Action;
using catalogue_protocol::ListedEntry;
using catalogue_protocol::ListPage;
using catalogue_protocol::PublishResult;
using spate::testing::HttpDouble;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string says(unsigned status, const std::string& body) {
    return http::write_response(http::Response::text(status, body), http::Method::get, false);
}

std::string replies(PublishResult result, std::uint64_t last_sequence = 0) {
    return says(catalogue_protocol::status_of(result),
                catalogue_protocol::write_reply({result, "because\nof \x1b", last_sequence}));
}

class CatalogueClientTest : public ::testing::Test {
  protected:
    CatalogueClientTest()
        : pair(3), client(pair.near_process.world(), {pair.far.address().text(), default_port}) {}

    void serve(HttpDouble::Answer answer) {
        server.reset();  // its port
        server = std::make_unique<HttpDouble>(pair.far_process.world(),
                                              Endpoint{pair.far.address(), default_port}, std::move(answer));
    }
    void serve(std::vector<std::string> answers) {
        serve([answers, next = std::size_t{0}](const auto&, const auto&) mutable {
            return answers.at(next++);
        });
    }
    template <class T, class Begin>
    Result<T> wait(Begin begin) {
        std::optional<Result<T>> result;
        const auto work = begin([&](Result<T> given) { result = std::move(given); });
        EXPECT_FALSE(result) << "not from inside the call";
        EXPECT_TRUE(pair.run_until([&] { return result.has_value(); }));
        return std::move(result).value_or(Result<T>(fail(Error{})));
    }
    Result<PublishResult> publish(Publication publication) {
        auto published = wait<Published>(
            [&](auto done) { return client.publish(std::move(publication), key, std::move(done)); });
        if (!published) return fail(std::move(published.error()));
        sequence = published->sequence;
        return published->result;
    }
    catalogue_protocol::SignedRequest sent(std::size_t index, Action action) const {
        const auto& request = server->requests.at(index);
        auto read = catalogue_protocol::read_headers(action, "a b", request.head.headers).value();
        read.body_digest = hash::sha256(as_bytes(request.body));
        return read;
    }

    sim::Pair pair;
    CatalogueClient client;
    std::unique_ptr<HttpDouble> server;
    hash::SigningKey key{hash::KeySeed{1, 2, 3}};
    std::uint64_t sequence = 0;  // of the last publication
};

TEST_F(CatalogueClientTest, PublishesSigned) {
    serve({replies(PublishResult::created)});
    const auto result = publish({"a b", "torrent", "two\nlines", std::string(32, 'a'), 6881});
    EXPECT_EQ(result.value(), PublishResult::created);
    EXPECT_EQ(server->requests.at(0).head.path, "/torrent/a%20b");
    EXPECT_EQ(server->requests.at(0).body, "torrent");
    const auto request = sent(0, Action::publish);
    EXPECT_TRUE(catalogue_protocol::is_right(request));
    EXPECT_EQ(request.publisher, key.public_key());
    EXPECT_EQ(request.description, "two lines");
    EXPECT_EQ(request.port, 6881);
}

TEST_F(CatalogueClientTest, AnOldSequenceIsPassedOnce) {
    serve({replies(PublishResult::old_sequence, 1ULL << 60), replies(PublishResult::replaced)});
    EXPECT_EQ(publish({"a b", "torrent", "", "", 1}).value(), PublishResult::replaced);
    EXPECT_EQ(sent(1, Action::publish).sequence, (1ULL << 60) + 1);
    EXPECT_EQ(sequence, (1ULL << 60) + 1);
    serve({replies(PublishResult::old_sequence, 7), replies(PublishResult::old_sequence, 8)});
    EXPECT_FALSE(publish({"a b", "torrent", "", "", 1}));
    EXPECT_THAT(server->requests, SizeIs(2));
}

TEST_F(CatalogueClientTest, WhatWasSaidBeforeIsNotSaidOverSomethingNewer) {
    serve({replies(PublishResult::old_sequence, 1ULL << 60)});
    Publication publication{"a b", "torrent", std::nullopt, "", 1};
    publication.after = 41;
    EXPECT_TRUE(publish(publication).error().is(superseded));
    EXPECT_EQ(sent(0, Action::publish).sequence, 42u);
    EXPECT_EQ(sent(0, Action::publish).description, std::nullopt);
}

TEST_F(CatalogueClientTest, RefusalsAreErrorsInTheTrackersWordsMadePrintable) {
    serve({replies(PublishResult::name_taken)});
    const auto result = publish({"a b", "torrent", "", "", 1});
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().is(std::errc::file_exists));
    EXPECT_THAT(result.error().message(), HasSubstr("because"));
    EXPECT_EQ(result.error().message().find('\x1b'), std::string::npos);
}

TEST_F(CatalogueClientTest, RemovesSigned) {
    serve({replies(PublishResult::removed), replies(PublishResult::not_found)});
    const auto remove = [&] {
        return wait<void>([&](auto done) { return client.remove("a b", key, std::move(done)); });
    };
    EXPECT_TRUE(remove());
    EXPECT_TRUE(catalogue_protocol::is_right(sent(0, Action::remove)));
    EXPECT_TRUE(remove().error().is(std::errc::no_such_file_or_directory));
}

TEST_F(CatalogueClientTest, LooksAndFetches) {
    ListedEntry entry;
    entry.name = "a b";
    entry.size = 12;
    serve({says(200, catalogue_protocol::write_entry(entry)), says(200, "the torrent"),
           replies(PublishResult::not_found), says(404, "<html>"), says(500, "")});
    const auto look = [&] {
        return wait<ListedEntry>([&](auto done) { return client.look("a b", std::move(done)); });
    };
    EXPECT_EQ(look().value(), entry);
    EXPECT_EQ(wait<std::string>([&](auto done) { return client.fetch("a b", std::move(done)); }).value(),
              "the torrent");
    EXPECT_TRUE(look().error().is(std::errc::no_such_file_or_directory));
    EXPECT_TRUE(look().error().is(std::errc::function_not_supported)) << "another program";
    EXPECT_TRUE(look().error().is(std::errc::protocol_error));
}

TEST_F(CatalogueClientTest, ListsPageByPageAsFarAsIsWanted) {
    const auto page = [](int first, const std::string& next) {
        ListPage given;
        for (int i = first; i < first + 2; ++i) {
            given.entries.emplace_back();
            given.entries.back().name = "e" + std::to_string(i);
        }
        given.next = next;
        return says(200, catalogue_protocol::write_page(given));
    };
    const auto list = [&](std::size_t entries_max) {
        return wait<std::vector<ListedEntry>>(
            [&](auto done) { return client.list({}, entries_max, std::move(done)); });
    };
    serve({page(0, "x"), page(2, "y"), page(4, "")});
    EXPECT_THAT(list(100).value(), SizeIs(6));
    serve({page(0, "x"), page(2, "y")});
    EXPECT_THAT(list(3).value(), SizeIs(3));
    serve({page(0, "x"), page(2, "x")});  // it goes in a circle
    EXPECT_THAT(list(100).value(), SizeIs(4));
    serve({page(0, "x"), says(200, "[")});
    EXPECT_FALSE(list(100));
}

TEST_F(CatalogueClientTest, WhatIsGivenUpSaysNothing) {
    serve([](const auto&, const auto&) { return std::string(); });
    bool told = false;
    client.time_limit = 5s;
    {
        const auto work = client.look("a", [&](const auto&) { told = true; });
        pair.run_until([&] { return !server->requests.empty(); });
    }
    pair.simulation().run_until([] { return false; }, 1min);
    EXPECT_FALSE(told);
    const auto late = wait<ListedEntry>([&](auto done) { return client.look("a", std::move(done)); });
    EXPECT_TRUE(late.error().is(std::errc::timed_out));
}

}  // namespace
}  // namespace spate::catalogue_client
