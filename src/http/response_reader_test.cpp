#include "http/response_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/inflate.h"
#include "http/request_writer.h"
#include "http/response_writer.h"

namespace spate::http {
namespace {

constexpr std::size_t cap = 1000;

ResponseReader read_in_steps(std::string_view text, std::size_t step, Method method) {
    ResponseReader reader(method, cap);
    for (std::size_t at = 0; at < text.size(); at += step) reader.feed(as_bytes(text.substr(at, step)));
    reader.end_of_input();
    return reader;
}

// The response, which every split of the stream must give; nothing when it is refused.
std::optional<Response> read(std::string_view text, Method method = Method::get) {
    auto whole = read_in_steps(text, std::max<std::size_t>(text.size(), 1), method);
    std::optional<Response> response;
    if (whole.state() == ReadState::complete) response = whole.take();
    for (const std::size_t step : {1u, 3u, 11u}) {
        auto parts = read_in_steps(text, step, method);
        EXPECT_EQ(parts.state() == ReadState::complete, response.has_value()) << "in steps of " << step;
        if (parts.state() == ReadState::complete && response) {
            EXPECT_EQ(parts.take().body, response->body);
        }
    }
    return response;
}

TEST(ResponseReader, ReadsACountedBody) {
    const auto response = read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello, and more");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200u);
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->headers.find("a"), "b");
}

TEST(ResponseReader, ReadsABodyUntilTheEnd) {
    const auto response = read("HTTP/1.0 200 OK\r\n\r\nd8:intervali60ee");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "d8:intervali60ee");
}

TEST(ResponseReader, ReadsChunks) {
    const auto response = read(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "abc0123456789");
    EXPECT_FALSE(response->headers.find("Transfer-Encoding"));
}

TEST(ResponseReader, PassesOverContinue) {
    const auto response =
        read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 201u);
    std::string endless;
    for (int i = 0; i < 10; ++i) endless += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_FALSE(read(endless + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_FALSE(read("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
}

TEST(ResponseReader, AReplyToHeadHasNoBody) {
    const auto response = read("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n", Method::head);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "");
}

TEST(ResponseReader, CutResponsesAreErrors) {
    EXPECT_FALSE(read(""));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Le"));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
}

TEST(ResponseReader, BrokenResponsesAreErrors) {
    EXPECT_FALSE(read("220 smtp.example ready\r\n\r\n"));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n"));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n"));
}

TEST(ResponseReader, BodiesAreBounded) {
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\n\r\n" + std::string(cap + 1, 'x')));
    EXPECT_TRUE(read("HTTP/1.1 200 OK\r\n\r\n" + std::string(cap, 'x')));
}

TEST(ResponseReader, UndoesGzip) {
    const std::string body = gzipped("d8:intervali60ee");
    const auto response = read("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + body);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "d8:intervali60ee");
    EXPECT_FALSE(response->headers.find("Content-Encoding"));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nd8:intervali60ee"));
    EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nxyz"));
}

TEST(Inflate, ABombStopsAtTheLimit) {
    const std::string bomb = gzipped(std::string(10'000'000, '\0'));
    ASSERT_LT(bomb.size(), 20'000u);
    const auto result = inflated(as_bytes(bomb), 1 << 20);
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().is(std::errc::message_size));
    EXPECT_EQ(inflated(as_bytes(bomb), 10'000'000).value().size(), 10'000'000u);
}

TEST(Inflate, CutAndBrokenInputIsAnError) {
    const std::string good = gzipped("some text that takes a few bytes");
    for (std::size_t size = 0; size + 8 < good.size(); ++size)
        EXPECT_FALSE(inflated(as_bytes(good.substr(0, size)), 1000)) << size;
    std::string bad = good;
    bad[good.size() - 6] = static_cast<char>(bad[good.size() - 6] ^ 1);  // the checksum
    EXPECT_FALSE(inflated(as_bytes(bad), 1000));
}

TEST(Inflate, ReadsZlibAndRawDeflateToo) {
    // What Python's zlib makes of "aaaaaaaaaa", with and without its frame.
    const std::uint8_t zlib[] = {0x78, 0x9c, 0x4b, 0x84, 0x03, 0x00, 0x14, 0xe1, 0x03, 0xcb};
    EXPECT_EQ(inflated(zlib, 100).value(), "aaaaaaaaaa");
    EXPECT_EQ(inflated(Bytes(zlib).subspan(2, 4), 100).value(), "aaaaaaaaaa");
}

TEST(ResponseWriter, IsReadBackAsWritten) {
    Response written = Response::text(404, "no such entry\n");
    written.headers.add("X-Note", "a b");
    const auto read_back = read(write_response(written, Method::get, true));
    ASSERT_TRUE(read_back);
    EXPECT_EQ(read_back->status, 404u);
    EXPECT_EQ(read_back->body, written.body);
    EXPECT_EQ(read_back->headers.find("Connection"), "keep-alive");
    EXPECT_EQ(read_back->headers.find("X-Note"), "a b");
}

TEST(ResponseWriter, HeadGetsTheHeadAlone) {
    EXPECT_EQ(
        write_response(Response::text(200, "hello"), Method::head, false),
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\nConnection: "
        "close\r\n\r\n");
    EXPECT_THAT(write_response(Response{204, {}, "x"}, Method::put, false), testing::EndsWith("\r\n\r\n"));
}

TEST(RequestWriter, IsReadBackAsWritten) {
    Headers headers;
    headers.add("Spate-Port", "6881");
    const auto text =
        write_request(Method::put, Url::parse("http://[::1]:99/torrent/a%20b?x=1").value(), headers, "body");
    RequestReader reader([](const RequestHead&) { return std::size_t{10}; });
    reader.feed(as_bytes(text));
    ASSERT_EQ(reader.state(), ReadState::complete);
    const Request request = reader.take();
    EXPECT_EQ(request.head.path, "/torrent/a%20b");
    EXPECT_EQ(request.head.query, "x=1");
    EXPECT_EQ(request.head.headers.find("Host"), "[::1]:99");
    EXPECT_EQ(request.head.headers.find("Spate-Port"), "6881");
    EXPECT_EQ(request.body, "body");
}

TEST(RequestWriterDeathTest, WhatBreaksTheLineIsABugOfOurs) {
    Headers headers;
    headers.add("A", "b\r\nInjected: c");
    EXPECT_DEATH((void)write_request(Method::get, Url::parse("http://a/").value(), headers, ""),
                 "find_first_of");
}

}  // namespace
}  // namespace spate::http
