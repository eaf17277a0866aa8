#include "announce/http_announce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "announce/http_question.h"

namespace spate::announce {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string hash_part = "info_hash=%00%01AAAAAAAAAAAAAAAAA%ff";
const std::string query_start = hash_part + "&peer_id=-SP0100-abcdefghijkl&port=6881";

AnnounceRequest parse(const std::string& more) {
    const auto request = parse_announce_query(query_start + more);
    EXPECT_TRUE(request) << request.error().reason;
    return request.value_or(AnnounceRequest{});
}

std::string refused(const std::string& query) {
    const auto request = parse_announce_query(query);
    EXPECT_FALSE(request) << query;
    return request ? "" : request.error().reason;
}

Endpoint endpoint(const char* text) {
    return Endpoint::parse(text).value();
}

AnnounceReply reply_of(const std::string& body) {
    auto reply = parse_announce_reply(body);
    EXPECT_TRUE(reply) << reply.error().message();
    return std::get<AnnounceReply>(*reply);
}

// Numbers of the rows: trackers.md, section 3.2.

TEST(AnnounceQuery, HashesAreAnyTwentyOctets) {  // row 18
    const AnnounceRequest request = parse("&left=5");
    EXPECT_EQ(request.swarm[0], 0);
    EXPECT_EQ(request.swarm[19], 0xff);
    EXPECT_EQ(request.peer_id[0], '-');
    EXPECT_EQ(request.port, 6881);
    const auto plus =
        parse_announce_query("info_hash=++++++++++++++++++%fF%Ff&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1");
    ASSERT_TRUE(plus);
    EXPECT_EQ(plus->swarm[0], '+');
    EXPECT_THAT(refused(query_start + "&" + hash_part), HasSubstr("more than one info_hash"));
    EXPECT_THAT(refused("info_hash=short&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1"), HasSubstr("20 bytes"));
    EXPECT_THAT(refused("info_hash=%0&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1"), HasSubstr("20 bytes"));
}

TEST(AnnounceQuery, NeedsHashIdAndPort) {
    EXPECT_THAT(refused(""), HasSubstr("info_hash is missing"));
    EXPECT_THAT(refused(hash_part + "&port=1"), HasSubstr("peer_id is missing"));
    EXPECT_THAT(refused(hash_part + "&peer_id=aaaaaaaaaaaaaaaaaaaa"), HasSubstr("port is missing"));
    EXPECT_THAT(refused(hash_part + "&peer_id=aaaaaaaaaaaaaaaaaaaa&port=65536"), HasSubstr("port"));
    EXPECT_EQ(parse_announce_query(hash_part + "&peer_id=aaaaaaaaaaaaaaaaaaaa&port=0")->port, 0);  // row 12
}

TEST(AnnounceQuery, WantIsAbsentNegativeOrANumber) {  // row 8
    EXPECT_EQ(parse("").want, std::nullopt);
    EXPECT_EQ(parse("&numwant=-1").want, std::nullopt);
    EXPECT_EQ(parse("&numwant=x").want, std::nullopt);
    EXPECT_EQ(parse("&numwant=0").want, 0u);
    EXPECT_EQ(parse("&numwant=99999999999").want, UINT32_MAX);
}

TEST(AnnounceQuery, UnknownEventsAreRegularAnnounces) {  // row 13
    EXPECT_EQ(parse("&event=started").event, Event::started);
    EXPECT_EQ(parse("&event=completed").event, Event::completed);
    EXPECT_EQ(parse("&event=stopped").event, Event::stopped);
    EXPECT_EQ(parse("&event=paused").event, Event::paused);
    for (const char* text : {"", "&event", "&event=", "&event=dancing"})
        EXPECT_EQ(parse(text).event, Event::none);
}

TEST(AnnounceQuery, LeftIsSixtyFourBitsAndJunkMeansALeecher) {  // row 17
    EXPECT_TRUE(parse("&left=0").is_seed());
    EXPECT_EQ(parse("&left=4294967296").left, 4294967296u);
    EXPECT_EQ(parse("&left=18446744073709551615").left, UINT64_MAX);
    for (const char* text : {"", "&left=", "&left=-1", "&left=99999999999999999999", "&left=0x0"})
        EXPECT_FALSE(parse(text).is_seed()) << text;
}

TEST(AnnounceQuery, ParametersWithoutAValueHarmNobody) {  // row 19
    EXPECT_EQ(parse("&supportcrypto&left=0&no_peer_id").left, 0u);
    EXPECT_EQ(parse_announce_query("passkey=x?" + query_start)->port, 6881);  // row 35
}

TEST(AnnounceQuery, CompactIsAdvice) {  // row 20
    EXPECT_TRUE(parse("").compact);
    EXPECT_TRUE(parse("&compact=1").compact);
    EXPECT_FALSE(parse("&compact=0").compact);
}

TEST(AnnounceQuery, AddressesInTheQueryAreIgnored) {  // row 11
    EXPECT_EQ(parse("&ip=192.0.2.1&ipv4=192.0.2.1:5&ipv6=2001:db8::1"), parse(""));
}

TEST(AnnounceQuery, TheKeyIsTheNumberThatUdpSends) {  // row 33
    EXPECT_EQ(parse("&key=0000BEEF").key, 0xbeefu);
    EXPECT_TRUE(parse("&key=anything").key.has_value());
    EXPECT_NE(parse("&key=anything").key, parse("&key=something").key);
    EXPECT_EQ(parse("").key, std::nullopt);
}

TEST(AnnounceReplyText, HasItsKeysInOrderAndAlwaysPeers) {  // rows 21, 23
    AnnounceReply reply{
        .interval = 1800, .min_interval = 60, .complete = 1, .incomplete = 2, .downloaded = 3};
    EXPECT_EQ(write_announce_reply(reply, true),
              "d8:completei1e10:downloadedi3e10:incompletei2e8:intervali1800e12:min intervali60e5:peers0:e");
    reply.external_ip = Address::v4(1, 2, 3, 4);
    reply.peers = {endpoint("65.66.67.68:17477"), endpoint("[2001:db8::1]:80"),
                   endpoint("[::ffff:65.65.65.65]:16705")};
    reply.warning = "w";
    reply.tracker_id = "t";
    const std::string text = write_announce_reply(reply, true);
    EXPECT_THAT(text, HasSubstr("11:external ip4:\x01\x02\x03\x04"));
    EXPECT_THAT(text, HasSubstr("5:peers12:ABCDDEAAAAAA6:peers618:"));
    EXPECT_THAT(text, HasSubstr("10:tracker id1:t15:warning message1:we"));
}

TEST(AnnounceReplyText, DictionariesWhenTheyAreLiked) {
    AnnounceReply reply;
    reply.peers = {endpoint("1.2.3.4:5"), endpoint("[2001:db8::1]:80")};
    EXPECT_THAT(write_announce_reply(reply, false),
                HasSubstr("5:peersld2:ip7:1.2.3.44:porti5eed2:ip11:2001:db8::14:porti80eee"));
}

TEST(AnnounceReplyText, IsReadBackAsWritten) {
    AnnounceReply reply{
        .interval = 900, .min_interval = 60, .complete = 10, .incomplete = 20, .downloaded = 30};
    reply.peers = {endpoint("1.2.3.4:5"), endpoint("[2001:db8::1]:80")};
    reply.external_ip = Address::parse("2001:db8::2");
    reply.tracker_id = "id";
    reply.warning = "careful";
    EXPECT_EQ(reply_of(write_announce_reply(reply, true)), reply);
    EXPECT_EQ(reply_of(write_announce_reply(reply, false)), reply);
}

TEST(FailureText, SaysWhenToRetry) {  // row 22
    EXPECT_EQ(write_failure({"no", {}}), "d14:failure reason2:noe");
    for (const Failure& failure : {Failure{"busy", RetryIn{false, 5}}, Failure{"gone", RetryIn{true, 0}}}) {
        const auto reply = parse_announce_reply(write_failure(failure));
        ASSERT_TRUE(reply);
        EXPECT_EQ(std::get<Failure>(*reply), failure);
    }
    EXPECT_EQ(write_failure({"gone", RetryIn{true, 0}}), "d14:failure reason4:gone8:retry in5:nevere");
}

TEST(Scrape, AsksAndAnswers) {  // rows 24, 27
    const auto hashes = parse_scrape_query(hash_part + "&info_hash=BBBBBBBBBBBBBBBBBBBB");
    ASSERT_TRUE(hashes);
    ASSERT_EQ(hashes->size(), 2u);
    const std::string text =
        write_scrape_reply({{(*hashes)[1], {1, 2, 3, 4}}, {(*hashes)[0], {}}, {(*hashes)[0], {}}});
    EXPECT_THAT(
        text,
        HasSubstr("20:BBBBBBBBBBBBBBBBBBBBd8:completei1e10:downloadedi2e11:downloadersi4e10:incompletei3ee"));
    const auto counts = parse_scrape_reply(text);
    ASSERT_TRUE(counts);
    EXPECT_THAT(std::get<0>(*counts), ElementsAre(std::pair{(*hashes)[0], ScrapeCounts{}},
                                                  std::pair{(*hashes)[1], ScrapeCounts{1, 2, 3, 4}}));
    EXPECT_FALSE(parse_scrape_query(""));
    EXPECT_FALSE(parse_scrape_query("info_hash=x"));
    std::string many;
    for (int i = 0; i < 100; ++i) many += "&" + hash_part;
    EXPECT_EQ(parse_scrape_query(many)->size(), scrape_hashes_max);
}

TEST(HttpQuestion, IsWhatTheTrackerReads) {
    AnnounceRequest request;
    for (std::size_t i = 0; i < 20; ++i) request.swarm[i] = static_cast<std::uint8_t>(i * 13);
    request.peer_id.fill('&');
    request.port = 6881;
    request.uploaded = 1;
    request.downloaded = 2;
    request.left = UINT64_MAX;
    request.want = 0;
    request.key = 0xabc;
    request.tracker_id = "a&b";
    for (const Event event : {Event::none, Event::completed, Event::started, Event::stopped, Event::paused}) {
        request.event = event;
        for (const char* tracker :
             {"http://t/announce", "http://t/announce?passkey=1", "http://t/announce?"}) {
            const http::Url url = announce_url(http::Url::parse(tracker).value(), request);
            const auto read = parse_announce_query(*url.query);
            ASSERT_TRUE(read) << read.error().reason;
            EXPECT_EQ(*read, request) << url.text();
            EXPECT_EQ(url.path, "/announce");
        }
    }
    EXPECT_THAT(announce_url(http::Url::parse("http://t/a?k=1").value(), request).text(),
                HasSubstr("?k=1&info_hash=%00%0D"));
}

TEST(HttpQuestion, ScrapesOnlyWhereTheConventionHolds) {
    const auto scrape = [](const char* url) {
        const auto result = scrape_url(http::Url::parse(url).value(), {hash::Sha1{}});
        return result ? result->text().substr(0, result->text().find("info_hash")) : "none";
    };
    EXPECT_EQ(scrape("http://t/x/announce"), "http://t/x/scrape?");
    EXPECT_EQ(scrape("http://t/announce.php?k=1"), "http://t/scrape.php?k=1&");
    EXPECT_EQ(scrape("http://t/a"), "none");
    EXPECT_EQ(scrape("http://t/announce/x"), "none");
}

TEST(HttpReply, TakesWhatTrackersSend) {
    EXPECT_THAT(reply_of("d8:intervali60e5:peers6:AAAABBe").peers,
                ElementsAre(endpoint("65.65.65.65:16962")));
    EXPECT_THAT(reply_of("d8:intervali60ee").peers, IsEmpty());
    EXPECT_EQ(reply_of("d5:peers0:e").interval, 1800u);
    // Port 0, half an entry, no address: left out.
    EXPECT_THAT(reply_of(std::string("d8:intervali60e5:peers9:AAAA\0\0AAAe", 35)).peers, IsEmpty());
    EXPECT_THAT(
        reply_of("d5:peersld2:ip4:host4:porti1eed2:ip7:1.2.3.44:porti-1eei7ed2:ip7:1.2.3.44:porti9eeee")
            .peers,
        ElementsAre(endpoint("1.2.3.4:9")));
}

TEST(HttpReply, HoldsNumbersAndTextsWithinBounds) {  // row 73 of reliability.md
    const AnnounceReply reply = reply_of(
        "d8:completei-5e8:intervali99999999999e5:peers0:15:warning message600:" + std::string(600, 'w') +
        "e");
    EXPECT_EQ(reply.complete, 0u);
    EXPECT_EQ(reply.interval, UINT32_MAX);
    EXPECT_EQ(reply.warning.size(), failure_bytes_max);
    std::string many = "d5:peers60000:" + std::string(60000, 'A') + "e";
    EXPECT_EQ(reply_of(many).peers.size(), peers_in_reply_max);
}

TEST(HttpReply, OthersAreErrors) {
    for (const char* body : {"", "<html>", "i5e", "de", "d5:peers", "d3:abci1ee"})
        EXPECT_FALSE(parse_announce_reply(body)) << body;
    EXPECT_FALSE(parse_scrape_reply("de"));
}

}  // namespace
}  // namespace spate::announce
