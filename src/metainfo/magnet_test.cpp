#include "metainfo/magnet.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/rng.h"
#include "metainfo/clean_path.h"
#include "metainfo/limits.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/uri_text.h"

namespace spate::metainfo {
namespace {

const std::string v1 = "0123456789abcdef0123456789abcdef01234567";
const std::string v2 = v1 + "89abcdef0123456789abcdef";
const std::string btih = "magnet:?xt=urn:btih:" + v1;

std::string refused_key(const std::string& link) {
    const auto magnet = parse_magnet(link);
    return magnet ? "good" : magnet.error().object;
}

TEST(Magnet, ReadsEveryParameter) {
    const auto magnet = parse_magnet(
        btih + "&xt=urn:btmh:1220" + v2 +
        "&dn=a+b%2Fc&tr=http%3A%2F%2Ft%2F%3Fa%3D1%2B1&tr.1=udp://u:1&ws=https://w/x&x.pe=[::1]:80"
        "&x.pe=host:6881&so=7,0,2-4,3-5&unknown=1&noequals");
    ASSERT_TRUE(magnet) << magnet.error().message();
    EXPECT_EQ(to_hex(*magnet->hash.v1), v1);
    EXPECT_EQ(to_hex(*magnet->hash.v2), v2);
    EXPECT_EQ(magnet->name, "a b_c");
    EXPECT_EQ(magnet->original_name, "a b/c");
    EXPECT_EQ(magnet->trackers, (std::vector<std::string>{"http://t/?a=1+1", "udp://u:1"}));
    EXPECT_EQ(magnet->web_seeds, std::vector<std::string>{"https://w/x"});
    ASSERT_EQ(magnet->peers.size(), 2U);
    EXPECT_EQ(magnet->peers[0].text(), "[::1]:80");
    EXPECT_EQ(magnet->select_only, (std::vector<IndexRange>{{0, 0}, {2, 5}, {7, 7}}));
    for (const std::uint32_t file : {0U, 2U, 5U, 7U}) EXPECT_TRUE(magnet->selects(FileIndex(file))) << file;
    for (const std::uint32_t file : {1U, 6U, 8U}) EXPECT_FALSE(magnet->selects(FileIndex(file))) << file;
    EXPECT_TRUE(parse_magnet(btih)->selects(FileIndex(9)));
}

TEST(Magnet, HashForms) {
    const auto base32 = parse_magnet("MAGNET:?xt=URN:BTIH:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH");
    ASSERT_TRUE(base32);
    EXPECT_EQ(to_hex(*base32->hash.v1), v1);
    EXPECT_EQ(parse_magnet("magnet:?xt=urn:btih:aerukz4jvpg66ajdivtytk6n54asgrlh")->hash, base32->hash);
    EXPECT_EQ(parse_magnet("magnet:?xt.1=urn:btih:" + v1 + "&xt.2=urn:btih:" + v1)->hash, base32->hash);
    EXPECT_FALSE(parse_magnet("magnet:?xt=urn:btmh:1220" + v2)->hash.v1);
    EXPECT_TRUE(parse_magnet(btih + "&xt=urn:ed2k:abc"));
}

TEST(Magnet, RefusesWithTheParameterAtFault) {
    const std::pair<std::string, std::string> rows[] = {
        {"", "magnet link"},
        {"http://x/", "magnet link"},
        {"magnet:xt=urn:btih:" + v1, "magnet link"},
        {"magnet:?", "xt"},
        {"magnet:?dn=x", "xt"},
        {"magnet:?xt=urn:ed2k:abc", "xt"},
        {"magnet:?xt=urn:btih:" + v1.substr(1), "xt"},
        {"magnet:?xt=urn:btih:" + v1 + "0", "xt"},
        {"magnet:?xt=urn:btih:" + v1.substr(1) + "g", "xt"},
        {"magnet:?xt=urn:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRL1", "xt"},
        {btih + "&xt=urn:btih:" + std::string(40, '0'), "xt"},
        {"magnet:?xt=urn:btmh:1220" + v2.substr(2), "xt"},
        {"magnet:?xt=urn:btmh:1114" + v1, "xt"},
        {btih + "&dn=%", "dn"},
        {btih + "&dn=%4", "dn"},
        {btih + "&dn=%zz", "dn"},
        {btih + "&dn=a%00b", "dn"},
        {btih + "&tr=http://a/%00", "tr"},
        {btih + std::string("&dn=a\0b", 7), "dn"},
        {btih + "&so=a", "so"},
        {btih + "&so=1-", "so"},
        {btih + "&so=-1", "so"},
        {btih + "&so=2-1", "so"},
        {btih + "&so=1,,2", "so"},
        {btih + "&so=4294967296", "so"},
        {btih + "&so=0-99999999999999999999", "so"},
    };
    for (const auto& [link, key] : rows) EXPECT_EQ(refused_key(link), key) << link;
}

TEST(Magnet, RangesStayRanges) {
    const auto all = parse_magnet(btih + "&so=0-4294967295,5,4294967295");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->select_only, (std::vector<IndexRange>{{0, UINT32_MAX}}));
    EXPECT_TRUE(all->selects(FileIndex(UINT32_MAX)));
    std::string many = btih + "&so=0";
    for (std::size_t i = 1; i < magnet_ranges_max; ++i) many += "," + std::to_string(i % 7);
    EXPECT_TRUE(parse_magnet(many));
    EXPECT_EQ(refused_key(many + ",1"), "so");
}

TEST(Magnet, CapsOnBothSides) {
    std::string link = btih;
    for (std::size_t i = 0; i < 3000; ++i) link += "&tr=http://" + std::to_string(i);
    EXPECT_EQ(parse_magnet(link)->trackers.size(), magnet_trackers_max);
    link = btih;
    for (std::size_t i = 0; i < 1000; ++i)
        link += "&ws=http://" + std::to_string(i) + "&x.pe=h:" + std::to_string(i + 1);
    EXPECT_EQ(parse_magnet(link)->web_seeds.size(), magnet_web_seeds_max);
    EXPECT_EQ(parse_magnet(link)->peers.size(), magnet_peers_max);
    EXPECT_TRUE(parse_magnet(btih + "&x=" + std::string(magnet_bytes_max - btih.size() - 3, 'x')));
    EXPECT_EQ(refused_key(btih + "&x=" + std::string(magnet_bytes_max - btih.size() - 2, 'x')),
              "magnet link");
    // What is no tracker or peer is left out, and the link still good.
    const auto odd = parse_magnet(btih + "&tr=&tr=%1b&x.pe=nohost&x.pe=h:0&x.pe=h:70000&dn=");
    ASSERT_TRUE(odd);
    EXPECT_TRUE(odd->trackers.empty() && odd->peers.empty() && odd->name.empty());
}

TEST(Magnet, NamesGoThroughThePathCleaner) {
    EXPECT_EQ(parse_magnet(btih + "&dn=..")->name, "__");
    EXPECT_EQ(parse_magnet(btih + "&dn=..%2F..%2Fetc%2Fpasswd")->name, ".._.._etc_passwd");
    EXPECT_EQ(parse_magnet(btih + "&dn=%1b%5B2J")->name, "_[2J");
    EXPECT_EQ(parse_magnet(btih + "&dn=%C0%AE%C0%AE")->name, "____");
    EXPECT_EQ(parse_magnet(btih + "&dn=" + std::string(300, 'n'))->name.size(), 255U);
}

TEST(Magnet, WritingAndReadingGivesTheSame) {
    Rng rng(10);
    const auto text = [&] {
        std::string s = "h";
        for (auto n = rng.below(20); n > 0; --n) s += static_cast<char>(0x21 + rng.below(0xde));
        while (s.find('\x7f') != s.npos) s.erase(s.find('\x7f'), 1);
        return s;
    };
    for (int round = 0; round < 500; ++round) {
        Magnet magnet;
        hash::Sha256 digest;
        for (auto& octet : digest) octet = static_cast<std::uint8_t>(rng.below(256));
        if (rng.chance(1, 2)) magnet.hash.v1 = truncated(digest);
        if (!magnet.hash.v1 || rng.chance(1, 2)) magnet.hash.v2 = digest;
        magnet.original_name = text();
        magnet.name = clean_component(magnet.original_name);
        for (auto n = rng.below(4); n > 0; --n)
            magnet.trackers.push_back("http://" + std::to_string(n) + text());
        for (auto n = rng.below(4); n > 0; --n)
            magnet.web_seeds.push_back("http://" + std::to_string(n) + text());
        if (rng.chance(1, 2)) magnet.peers.push_back({"::1", 80});
        for (std::uint32_t at = 0; rng.chance(2, 3); at += 10)
            magnet.select_only.push_back({at, at + static_cast<std::uint32_t>(rng.below(8))});
        const auto link = write_magnet(magnet);
        const auto read = parse_magnet(link);
        ASSERT_TRUE(read) << link;
        EXPECT_EQ(read->hash, magnet.hash);
        EXPECT_EQ(read->name, magnet.name);
        EXPECT_EQ(read->trackers, magnet.trackers);
        EXPECT_EQ(read->web_seeds, magnet.web_seeds);
        EXPECT_EQ(read->peers, magnet.peers);
        EXPECT_EQ(read->select_only, magnet.select_only);
        EXPECT_EQ(write_magnet(*read), link);
    }
}

TEST(Magnet, APrivateTorrentGivesAwayNoTrackers) {
    for (const bool is_private : {false, true}) {
        const std::string torrent =
            "d8:announce9:http://t/4:infod6:lengthi1e4:name1:t12:piece lengthi1e6:pieces20:" +
            std::string(20, 'h') + (is_private ? "7:privatei1e" : "") + "e8:url-list9:http://w/e";
        const auto read = read_torrent(as_bytes(torrent));
        ASSERT_TRUE(read) << read.error().message();
        const auto magnet = magnet_of(*read);
        EXPECT_EQ(magnet.hash, read->info.hash);
        EXPECT_EQ(magnet.name, "t");
        EXPECT_EQ(magnet.trackers.empty(), is_private);
        EXPECT_EQ(magnet.web_seeds.empty(), is_private);
    }
}

TEST(UriText, Base32) {
    EXPECT_EQ(base32_decoded("")->size(), 0U);
    EXPECT_EQ(to_hex(*base32_decoded("77777777")), "ffffffffff");
    EXPECT_FALSE(base32_decoded("7777777"));
    EXPECT_FALSE(base32_decoded("7777777="));
}

}  // namespace
}  // namespace spate::metainfo
