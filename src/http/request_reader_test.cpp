#include "http/request_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/limits.h"

namespace spate::http {
namespace {

using testing::HasSubstr;

RequestReader::BodyLimit up_to(std::size_t most) {
    return [most](const RequestHead&) { return most; };
}

struct Outcome {
    std::vector<Request> requests;
    std::optional<Refusal> refusal;
};

// All requests in a stream that arrives in parts of `step` bytes.
Outcome read_all(std::string_view text, std::size_t step, RequestReader::BodyLimit limit) {
    RequestReader reader(std::move(limit));
    Outcome outcome;
    for (std::size_t at = 0; at < text.size(); at += step) {
        Bytes rest = as_bytes(text.substr(at, step));
        while (!rest.empty()) {
            rest = rest.subspan(reader.feed(rest));
            if (reader.state() == ReadState::refused) {
                outcome.refusal = reader.refusal();
                return outcome;
            }
            if (reader.state() == ReadState::complete) outcome.requests.push_back(reader.take());
        }
    }
    return outcome;
}

// With the Host that HTTP/1.1 wants; what tests are about follows it.
std::string with_host(std::string_view text) {
    static constexpr std::string_view line_end = " HTTP/1.1\r\n", host = "Host: t\r\n";
    std::string out;
    for (auto at = text.find(line_end); at != text.npos; at = text.find(line_end)) {
        out += text.substr(0, at + line_end.size());
        text.remove_prefix(at + line_end.size());
        if (!text.starts_with("Host:")) out += host;
    }
    return out += text;
}

// The same for every split.
Outcome read(std::string_view plain, std::size_t body_max = 100) {
    const std::string text = with_host(plain);
    const Outcome whole = read_all(text, std::max<std::size_t>(text.size(), 1), up_to(body_max));
    for (const std::size_t step : {1u, 2u, 3u, 7u}) {
        const Outcome parts = read_all(text, step, up_to(body_max));
        EXPECT_EQ(parts.requests.size(), whole.requests.size()) << "in steps of " << step;
        EXPECT_EQ(parts.refusal.has_value(), whole.refusal.has_value()) << "in steps of " << step;
        if (parts.refusal && whole.refusal) {
            EXPECT_EQ(parts.refusal->status, whole.refusal->status);
        }
        for (std::size_t i = 0; i < std::min(parts.requests.size(), whole.requests.size()); ++i) {
            EXPECT_EQ(parts.requests[i].body, whole.requests[i].body);
            EXPECT_EQ(parts.requests[i].head.path, whole.requests[i].head.path);
        }
    }
    return whole;
}

unsigned refused_with(std::string_view text, std::size_t body_max = 100) {
    const Outcome outcome = read(text, body_max);
    return outcome.refusal ? outcome.refusal->status : 0;
}

TEST(RequestReader, ReadsAnAnnounce) {
    const auto outcome =
        read("GET /announce?info_hash=%00a+b&port=1 HTTP/1.1\r\nHost: t:3456\r\nUser-Agent:  x \r\n\r\n");
    ASSERT_EQ(outcome.requests.size(), 1u);
    const RequestHead& head = outcome.requests[0].head;
    EXPECT_EQ(head.method, Method::get);
    EXPECT_EQ(head.path, "/announce");
    EXPECT_EQ(head.query, "info_hash=%00a+b&port=1");
    EXPECT_EQ(head.headers.find("user-agent"), "x");
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.has_body());
}

TEST(RequestReader, KeepAliveIsTheDefaultOfHttp11Only) {
    EXPECT_FALSE(read("GET / HTTP/1.0\r\n\r\n").requests.at(0).head.keep_alive);
    EXPECT_TRUE(read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").requests.at(0).head.keep_alive);
    EXPECT_FALSE(read("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").requests.at(0).head.keep_alive);
}

TEST(RequestReader, PipelinedRequestsComeOneByOne) {
    const std::string text =
        "GET /a HTTP/1.1\r\n\r\nPUT /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz\r\nHEAD /c HTTP/1.1\r\n\r\n";
    const auto outcome = read(text);
    ASSERT_EQ(outcome.requests.size(), 3u);
    EXPECT_EQ(outcome.requests[1].body, "xyz");
    EXPECT_EQ(outcome.requests[2].head.path, "/c");
    RequestReader reader(up_to(10));
    EXPECT_EQ(reader.feed(as_bytes(with_host(text))), 28u);  // the rest is not touched
}

TEST(RequestReader, ReadsAChunkedBodyAndForgetsItsTrailers) {
    const auto outcome = read(
        "POST /t HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n4;note=1\r\nabcd\r\n2\r\nef\r\n0\r\nHost: "
        "evil\r\n\r\n"
        "GET /next HTTP/1.1\r\n\r\n");
    ASSERT_EQ(outcome.requests.size(), 2u);
    EXPECT_EQ(outcome.requests[0].body, "abcdef");
    EXPECT_EQ(outcome.requests[0].head.headers.find("Host"), "t");
}

TEST(RequestReader, AnEmptyChunkedBodyMayComeInSmallParts) {
    const auto outcome = read("POST /t HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    ASSERT_EQ(outcome.requests.size(), 1u);
    EXPECT_EQ(outcome.requests[0].body, "");
}

TEST(RequestReader, ChunksAreReadStrictly) {
    const std::string post = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char* body : {"\r\n", ";a\r\n", "1\nx", "1\r\nxy", "1\r\nx\rx", "0x1\r\n", " 1\r\n", "+1\r\n",
                             "0\r\nA\n", "0\r\n\n", "1\rx", "1 \r\n"})
        EXPECT_EQ(refused_with(post + body), 400u) << body;
}

TEST(RequestReader, AbsoluteFormIsReducedToItsPath) {
    const auto head =
        read("GET http://tracker.example:80/x/announce?a=b HTTP/1.1\r\nHost: y\r\n\r\n").requests.at(0).head;
    EXPECT_EQ(head.path, "/x/announce");
    EXPECT_EQ(head.query, "a=b");
    EXPECT_EQ(read("GET http://tracker.example HTTP/1.1\r\n\r\n").requests.at(0).head.path, "/");
    EXPECT_EQ(read("GET http://tracker.example?a HTTP/1.1\r\n\r\n").requests.at(0).head.query, "a");
}

TEST(RequestReader, UnknownMethodsAreForTheOwner) {
    EXPECT_EQ(read("BREW /pot HTTP/1.1\r\n\r\n").requests.at(0).head.method, Method::other);
    EXPECT_EQ(read("OPTIONS * HTTP/1.1\r\n\r\n").requests.at(0).head.path, "*");
}

TEST(RequestReader, RefusesWhatTwoReadersCouldReadDifferently) {
    const std::string put = "PUT /x HTTP/1.1\r\n";
    EXPECT_EQ(refused_with(put + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with(put + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with(put + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), 400u);
    EXPECT_EQ(refused_with(put + "Content-Length: 3, 3\r\n\r\nabc"), 400u);
    EXPECT_EQ(refused_with(put + "Content-Length: +3\r\n\r\nabc"), 400u);
    EXPECT_EQ(refused_with(put + "Content-Length: -3\r\n\r\nabc"), 400u);
    EXPECT_EQ(refused_with(put + "Content-Length: 99999999999999999999\r\n\r\nabc"), 400u);
    EXPECT_EQ(refused_with(put + "Content-Length : 3\r\n\r\nabc"), 400u);
    EXPECT_EQ(refused_with(put + "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501u);
    EXPECT_EQ(refused_with("PUT /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with(put + "Host: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with(put + "A: b\r\n folded\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with(put + "\tfolded\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with("GET / HTTP/1.1\nHost: a\n\n"), 400u);
    EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with(std::string_view("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24)), 400u);
    EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), 400u);
    EXPECT_EQ(refused_with("DELETE / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400u);
}

TEST(RequestReader, Http11NamesItsHost) {
    const auto status_of = [](std::string_view text) {
        const auto outcome = read_all(text, text.size(), up_to(0));
        return outcome.refusal ? outcome.refusal->status : 200;
    };
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400u);
    EXPECT_EQ(status_of("GET http://t/ HTTP/1.1\r\n\r\n"), 400u);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 200u);
    EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 200u);
}

TEST(RequestReader, RefusesBrokenRequests) {
    EXPECT_EQ(refused_with("hello\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with("GET  / HTTP/1.1\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with("GET announce HTTP/1.1\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with("CONNECT a:1 HTTP/1.1\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with("GET /a&b: t\r\n\r\n"), 400u);
    EXPECT_EQ(refused_with("GET / HTTP/2.0\r\n\r\n"), 505u);
    EXPECT_EQ(refused_with("PUT / HTTP/1.1\r\n\r\n"), 411u);
    EXPECT_EQ(refused_with("PUT / HTTP/1.1\r\nExpect: a miracle\r\nContent-Length: 1\r\n\r\n"), 417u);
    EXPECT_EQ(refused_with("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400u);
    EXPECT_EQ(refused_with("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
              400u);
}

TEST(RequestReader, HeadsHaveALimit) {
    EXPECT_EQ(refused_with("GET /" + std::string(target_bytes_max, 'x') + " HTTP/1.1\r\n\r\n"), 414u);
    EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nA: " + std::string(head_bytes_max, 'x')), 431u);
    std::string many = "GET / HTTP/1.1\r\n";
    for (std::size_t i = 0; i <= header_count_max; ++i) many += "A: b\r\n";
    EXPECT_EQ(refused_with(many + "\r\n"), 431u);
}

TEST(RequestReader, BodiesHaveTheLimitTheOwnerGives) {
    EXPECT_EQ(refused_with("PUT / HTTP/1.1\r\nContent-Length: 101\r\n\r\n"), 413u);
    EXPECT_EQ(refused_with("PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", 0), 413u);
    EXPECT_EQ(refused_with("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n", 7), 413u);
    EXPECT_EQ(read("PUT / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x')).requests.size(),
              1u);
    EXPECT_EQ(
        refused_with("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(5000, 'x')),
        400u);
}

TEST(RequestReader, SaysWhenAClientWaitsForContinue) {
    RequestReader reader(up_to(10));
    EXPECT_FALSE(reader.begun());
    reader.feed(as_bytes("PUT / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n"));
    EXPECT_TRUE(reader.begun());
    EXPECT_FALSE(reader.take_expect_continue());
    reader.feed(as_bytes("Content-Length: 2\r\n\r\n"));
    EXPECT_TRUE(reader.take_expect_continue());
    EXPECT_FALSE(reader.take_expect_continue());
    reader.feed(as_bytes("ab"));
    ASSERT_EQ(reader.state(), ReadState::complete);
    EXPECT_EQ(reader.take().body, "ab");
    EXPECT_FALSE(reader.begun());
}

TEST(RequestReader, AnEmptyLineBetweenRequestsIsNoRequest) {
    RequestReader reader(up_to(10));
    EXPECT_EQ(reader.feed(as_bytes("\r\n\r\n")), 4u);
    EXPECT_FALSE(reader.begun());
    EXPECT_EQ(reader.state(), ReadState::reading);
}

}  // namespace
}  // namespace spate::http
