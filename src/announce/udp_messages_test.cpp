#include "announce/udp_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "announce/endpoint_bytes.h"
#include "announce/test_messages.h"

namespace spate::announce {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// Numbers of the rows: trackers.md, section 3.2.

TEST(UdpRequest, IsReadAsWritten) {
    UdpAnnounce announce = sample();
    announce.url_data = "/announce?passkey=" + std::string(300, 'k');
    const UdpAnnounce read = read_announce(written(announce));
    EXPECT_EQ(read.connection_id, announce.connection_id);
    EXPECT_EQ(read.transaction, 77u);
    EXPECT_EQ(read.request, announce.request);
    EXPECT_EQ(read.url_data, announce.url_data);
    EXPECT_EQ(written(sample()).size(), 98u);
    EXPECT_EQ(udp_connection_id(written(announce)), announce.connection_id);
}

TEST(UdpRequest, SizesAreLowerBounds) {  // rows 1, 2
    Datagram connect = written(UdpConnect{9});
    EXPECT_EQ(connect.size(), 16u);
    EXPECT_EQ(udp_connection_id(connect), std::nullopt);
    connect.resize(40);
    EXPECT_EQ(std::get<UdpConnect>(parse_udp_request(connect).value()).transaction, 9u);
    connect[7] ^= 1;  // the magic
    EXPECT_FALSE(parse_udp_request(connect));
    const Datagram announce = written(sample());
    for (std::size_t size = 0; size < announce.size(); ++size)
        EXPECT_FALSE(parse_udp_request(Bytes(announce).first(size))) << size;
    Datagram unknown = announce;
    unknown[11] = 9;
    EXPECT_FALSE(parse_udp_request(unknown));
}

TEST(UdpRequest, WantAndEventOutOfRange) {  // rows 8, 13
    UdpAnnounce announce = sample();
    announce.request.want = std::nullopt;
    EXPECT_EQ(read_announce(written(announce)).request.want, std::nullopt);
    announce.request.want = 0;
    EXPECT_EQ(read_announce(written(announce)).request.want, 0u);
    Datagram datagram = written(announce);
    datagram[80] = 1;  // an event above 2^24
    EXPECT_EQ(read_announce(datagram).request.event, Event::none);
}

// BEP 15 has no number for it: it is a word in the query of BEP 41's URL.
TEST(UdpRequest, APartialSeedSaysThatItIsOne) {
    UdpAnnounce announce = sample();
    announce.request.event = Event::paused;
    for (const char* url : {"", "/key/announce", "/announce?passkey=1"}) {
        announce.url_data = url;
        const auto datagram = written(announce);
        EXPECT_EQ(datagram[83], 0) << url;
        EXPECT_EQ(read_announce(datagram).request.event, Event::paused) << url;
    }
    announce.request.event = Event::none;
    for (const char* url : {"/announce?xevent=paused", "/announce?event=pausedx", "/event=paused"}) {
        announce.url_data = url;
        EXPECT_EQ(read_announce(written(announce)).request.event, Event::none) << url;
    }
}

TEST(UdpRequest, APartialSeedSaysItOnceHoweverLongTheUrlIs) {
    UdpAnnounce announce = sample();
    announce.request.event = Event::paused;
    announce.url_data = "/announce?event=paused";
    EXPECT_EQ(read_announce(written(announce)).url_data, announce.url_data);
    for (const std::size_t size : {url_data_bytes_max - 13, url_data_bytes_max, url_data_bytes_max + 5000}) {
        announce.url_data = "/" + std::string(size - 1, 'u');
        const auto read = read_announce(written(announce));
        EXPECT_EQ(read.request.event, Event::paused) << size;
        EXPECT_EQ(read.url_data.size(), url_data_bytes_max) << size;
    }
}

// BEP 15 ends with three; libtorrent sends this for it.
TEST(UdpRequest, NumberFourIsAPartialSeedToo) {
    Datagram datagram = written(sample());
    datagram[83] = 4;
    EXPECT_EQ(read_announce(datagram).request.event, Event::paused);
    datagram[83] = 5;
    EXPECT_EQ(read_announce(datagram).request.event, Event::none);
}

TEST(UdpRequest, OptionsArePassedOverByLength) {  // row 30
    Datagram datagram = written(sample());
    const std::vector<std::uint8_t> options = {1,   1, 7, 2, 'x', 'x', 2, 2, '/',
                                               'a', 1, 2, 1, 'b', 0,   2, 1, 'c'};
    datagram.insert(datagram.end(), options.begin(), options.end());
    EXPECT_EQ(read_announce(datagram).url_data, "/ab");
    datagram.resize(98);
    datagram.insert(datagram.end(), {2, 200, 'a'});  // cut
    EXPECT_EQ(read_announce(datagram).url_data, "");
    UdpAnnounce long_one = sample();
    long_one.url_data = std::string(5000, 'u');
    EXPECT_EQ(read_announce(written(long_one)).url_data.size(), url_data_bytes_max);
}

TEST(UdpRequest, AScrapeMayHaveATail) {  // row 27
    Datagram hashes(20 * 80 + 7, 3);
    Datagram datagram = written(UdpScrape{5, 6, hashes});
    const auto request = parse_udp_request(datagram);
    const UdpScrape& scrape = std::get<UdpScrape>(*request);
    EXPECT_EQ(scrape.count(), scrape_hashes_max);
    EXPECT_EQ(scrape.hash(73)[19], 3);
    EXPECT_EQ(scrape.transaction, 6u);
}

TEST(UdpReplyText, AnnounceHoldsPeersOfTheAskersFamily) {  // rows 9, 31
    AnnounceReply reply{.interval = 1800, .complete = 5, .incomplete = 6};
    for (std::uint16_t i = 1; i <= 300; ++i) {
        reply.peers.push_back({Address::v4(10, 0, 0, 1), i});
        reply.peers.push_back({Address::parse("2001:db8::1").value(), i});
    }
    for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
        Datagram datagram;
        append_udp_announce_reply(datagram, 8, reply, family);
        EXPECT_LE(datagram.size(), udp_reply_bytes_max);
        const auto read = parse_udp_reply(datagram, family);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->transaction, 8u);
        const auto& announced = std::get<AnnounceReply>(read->what);
        EXPECT_EQ(announced.interval, 1800u);
        EXPECT_EQ(announced.complete, 5u);
        EXPECT_EQ(announced.incomplete, 6u);
        EXPECT_EQ(announced.peers.size(), family == IpFamily::v4 ? udp_peers_max_v4 : udp_peers_max_v6);
        EXPECT_EQ(family_of(announced.peers.front().address), family);
    }
}

TEST(UdpReplyText, ErrorsAreActionThreeInNetworkOrder) {  // row 7
    Datagram datagram;
    append_udp_error(datagram, 0x01020304, "no");
    EXPECT_THAT(datagram, ElementsAre(0, 0, 0, 3, 1, 2, 3, 4, 'n', 'o'));
    EXPECT_EQ(std::get<Failure>(parse_udp_reply(datagram, IpFamily::v4)->what).reason, "no");
}

TEST(UdpReplyText, ScrapeCountsComeBackInOrder) {
    const std::vector<ScrapeCounts> counts = {{1, 2, 3, {}}, {4, 5, 6, {}}};
    Datagram datagram;
    append_udp_scrape_reply(datagram, 1, counts);
    EXPECT_EQ(std::get<UdpScrapeReply>(parse_udp_reply(datagram, IpFamily::v4)->what).counts, counts);
}

TEST(UdpReplyText, ShortDatagramsAreNothing) {
    Datagram connect;
    append_udp_connect_reply(connect, 1, 2);
    for (std::size_t size = 0; size < connect.size(); ++size)
        EXPECT_FALSE(parse_udp_reply(Bytes(connect).first(size), IpFamily::v4)) << size;
    EXPECT_FALSE(parse_udp_reply(Datagram(20, 9), IpFamily::v4));
}

}  // namespace
}  // namespace spate::announce
