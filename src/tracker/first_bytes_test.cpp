#include "tracker/first_bytes.h"

#include <gtest/gtest.h>
#include <string_view>

namespace spate::tracker {
namespace {

// The verdict, the same however many bytes come at a time: decided once, decided for good.
Language verdict(std::string_view text) {
    const auto whole = language_of(as_bytes(text));
    for (std::size_t count = 0; count <= text.size(); ++count) {
        const auto sofar = language_of(as_bytes(text.substr(0, count)));
        if (sofar == Language::undecided) {
            EXPECT_LT(count, first_bytes_max) << text;
            continue;
        }
        EXPECT_EQ(sofar, whole) << text << " after " << count;
    }
    return whole;
}

TEST(FirstBytes, HttpIsAMethodAndATarget) {
    for (const auto* text :
         {"GET /announce?info_hash=x HTTP/1.1\r\n", "HEAD / HTTP/1.0\r\n", "PUT /torrent/a HTTP/1.1\r\n",
          "POST /x HTTP/1.1", "DELETE /torrent/a HTTP/1.1", "OPTIONS * HTTP/1.1", "OPTIONS /x HTTP/1.1",
          "GET http://tracker:3456/stats HTTP/1.1", "PATCH /a", "GET HTTP://t/ HTTP/1.1"})
        EXPECT_EQ(verdict(text), Language::http) << text;
}

TEST(FirstBytes, EveryClassicDialectStaysClassic) {
    for (const auto* text : {"<REQ LIST>\n",
                             "<GET a.track >\n",
                             "REQ LIST\n",
                             "LIST",
                             "TRACKER",
                             "GET movie.avi.track\r\n",
                             "GET f 0 1024",
                             "GET 0 1024",
                             "GET h.track",
                             "GET http.track",
                             "GETCHUNK f 0 9",
                             "get /x HTTP/1.1",
                             "createtracker a 1 b c d 1\n",
                             "updatetracker a 0 1 h 1",
                             "PUT it",
                             "POSTER",
                             "HEADER",
                             "DELETE x",
                             "  <REQ LIST>",
                             "\r\n",
                             "file1",
                             "OPTIONS",
                             "\xff\xfe",
                             "\x01\x02",
                             "GET",
                             "P"}) {
        const auto language = verdict(text);
        EXPECT_TRUE(language == Language::classic || language == Language::undecided) << text;
    }
    EXPECT_EQ(verdict("GET http.track"), Language::classic);
    EXPECT_EQ(verdict("GET movie.avi.track"), Language::classic);
    EXPECT_EQ(verdict("LIST"), Language::classic);
}

TEST(FirstBytes, PeersAndTlsAreNotAnswered) {
    EXPECT_EQ(verdict("\x13"
                      "BitTorrent protocol"),
              Language::peer_wire);
    EXPECT_EQ(verdict("\x16\x03\x01"), Language::tls);
    EXPECT_EQ(verdict(""), Language::undecided);
}

}  // namespace
}  // namespace spate::tracker
