// The HTTP client in the simulated world.
#include "http_client/http_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/inflate.h"
#include "http/response_writer.h"
#include "http_client/address_rules.h"
#include "sim/test_programs.h"
#include "tests/announce/http_double.h"

namespace spate::http_client {
namespace {

using namespace std::chrono_literals;
using spate::testing::HttpDouble;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string redirect_to(const std::string& location) {
    http::Response response;
    response.status = 302;
    response.headers.add("Location", location);
    return http::write_response(response, http::Method::get, false);
}

std::string says(const std::string& body) {
    return http::write_response(http::Response::text(200, body), http::Method::get, false);
}

class HttpExchangeTest : public ::testing::Test {
  protected:
    HttpExchangeTest() : testbed(3), client(testbed.add_host("client", sim::plain_host())) {
        process = &client.run("client", sim::idle_program());
    }
    HttpDouble& serve(const std::string& name, std::vector<Address> addresses, HttpDouble::Answer answer) {
        auto settings = sim::plain_host();
        settings.node.addresses = std::move(addresses);
        sim::Host& host = testbed.add_host(name, settings);
        sim::Process& server = host.run("web", sim::idle_program());
        servers.push_back(
            std::make_unique<HttpDouble>(server.world(), Endpoint{host.address(), 80}, std::move(answer)));
        return *servers.back();
    }
    Result<Reply> ask(ExchangeRequest request, ExchangeLimits limits = {}) {
        std::optional<Result<Reply>> result;
        const auto start = testbed.simulation().now();
        HttpExchange exchange(process->world(), std::move(request), std::move(limits),
                              [&](Result<Reply> reply) { result = std::move(reply); });
        EXPECT_FALSE(result) << "not from inside the call";
        testbed.simulation().run_until([&] { return result.has_value(); }, 10min);
        took = testbed.simulation().now() - start;
        EXPECT_TRUE(result);
        return std::move(result).value_or(Result<Reply>(fail(Error{})));
    }
    Result<Reply> get(const std::string& url, ExchangeLimits limits = {}) {
        ExchangeRequest request;
        request.url = http::Url::parse(url).value();
        return ask(std::move(request), std::move(limits));
    }
    static std::string why(const Result<Reply>& result) {
        return result ? "no error" : result.error().message();
    }

    sim::Testbed testbed;
    sim::Host& client;
    sim::Process* process;
    std::vector<std::unique_ptr<HttpDouble>> servers;
    Duration took{};
};

const Address global = Address::v4(8, 8, 4, 4);

TEST_F(HttpExchangeTest, AsksAndAnswers) {
    HttpDouble& server = serve("web", {}, [](const auto&, const auto&) { return says("hello"); });
    const auto reply = get("http://web/a?b=c");
    ASSERT_TRUE(reply) << why(reply);
    EXPECT_EQ(reply->response.body, "hello");
    EXPECT_EQ(reply->remote.port, 80);
    EXPECT_EQ(reply->local.address, client.address());
    EXPECT_EQ(server.requests.at(0).head.query, "b=c");
    EXPECT_EQ(server.requests.at(0).head.headers.find("Host"), "web");
}

TEST_F(HttpExchangeTest, SendsALargeBody) {
    HttpDouble& server = serve("web", {}, [](const auto&, const auto&) { return says("thanks"); });
    ExchangeRequest request{
        http::Method::put, http::Url::parse("http://web/x").value(), {}, std::string(900'000, 'x')};
    ASSERT_TRUE(ask(std::move(request)));
    EXPECT_EQ(server.requests.at(0).body.size(), 900'000u);
}

TEST_F(HttpExchangeTest, AnyStatusIsAReply) {
    serve("web", {}, [](const auto&, const auto&) {
        return http::write_response(http::Response::text(404, "no"), http::Method::get, false);
    });
    EXPECT_EQ(get("http://web/").value().response.status, 404u);
}

TEST_F(HttpExchangeTest, FollowsRedirects) {
    HttpDouble& other = serve("other", {}, [](const auto&, const auto&) { return says("here"); });
    HttpDouble& web = serve("web", {}, [](const http::Request& request, const auto&) {
        return redirect_to(request.head.path == "/1" ? "2?x" : "http://other/3");
    });
    ExchangeRequest request;
    request.url = http::Url::parse("http://web/1").value();
    request.headers.add("Authorization", "secret");
    const auto reply = ask(std::move(request));
    ASSERT_TRUE(reply) << why(reply);
    EXPECT_EQ(reply->url.text(), "http://other/3");
    EXPECT_TRUE(web.requests.at(1).head.headers.find("Authorization"));
    EXPECT_FALSE(other.requests.at(0).head.headers.find("Authorization")) << "row 77";
}

TEST_F(HttpExchangeTest, RedirectsEnd) {  // row 73
    HttpDouble& web = serve("web", {}, [](const auto&, const auto&) { return redirect_to("/again"); });
    EXPECT_THAT(why(get("http://web/")), HasSubstr("too many redirects"));
    EXPECT_THAT(web.requests, SizeIs(6));
    ExchangeRequest put{http::Method::put, http::Url::parse("http://web/").value(), {}, "x"};
    EXPECT_THAT(why(ask(std::move(put))), HasSubstr("redirect"));
}

TEST_F(HttpExchangeTest, NoRedirectLeadsFromOutsideToInside) {  // rows 75, 76
    HttpDouble& inside = serve("inside", {}, [](const auto&, const auto&) { return says("private"); });
    serve("outside", {global}, [](const auto&, const auto&) { return redirect_to("http://inside/"); });
    EXPECT_THAT(why(get("http://outside/")), HasSubstr("may be asked"));
    EXPECT_THAT(inside.requests, SizeIs(0));
    EXPECT_TRUE(get("http://inside/"));
}

TEST_F(HttpExchangeTest, TheNextAddressIsTriedInTime) {
    auto settings = sim::plain_host();
    settings.node.firewalled = true;
    sim::Host& dead = testbed.add_host("dead", settings);
    serve("web", {}, [](const auto&, const auto&) { return says("hello"); });
    testbed.network().set_name("both", {dead.address(), testbed.hosts()[2]->address()});
    EXPECT_TRUE(get("http://both/"));
    EXPECT_LT(took, 20s);
}

TEST_F(HttpExchangeTest, EverythingHasATimeLimit) {
    serve("silent", {}, [](const auto&, const auto&) { return std::string(); });
    EXPECT_THAT(why(get("http://silent/", {.time_limit = 7s, .may_ask = {}})),
                HasSubstr("no answer in time"));
    EXPECT_EQ(took, 7s);
}

TEST_F(HttpExchangeTest, WhatCannotBeAskedIsSaid) {
    EXPECT_THAT(why(get("udp://web:80/")), HasSubstr("no http URL"));
    EXPECT_FALSE(get("http://unknown.example/"));
    serve("cut", {}, [](const auto&, const auto&) {
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
    });
    EXPECT_THAT(why(get("http://cut/")), HasSubstr("cut off"));
}

TEST_F(HttpExchangeTest, ABombStopsAtTheLimit) {  // row 72
    serve("web", {}, [](const auto&, const auto&) {
        http::Response response;
        response.headers.add("Content-Encoding", "gzip");
        response.body = http::gzipped(std::string(5'000'000, 'x'));
        return http::write_response(response, http::Method::get, false);
    });
    EXPECT_THAT(why(get("http://web/")), HasSubstr("beyond 1048576 bytes"));
}

TEST_F(HttpExchangeTest, MayBeGivenUpAtAnyTime) {
    serve("web", {}, [](const auto&, const auto&) { return says(std::string(100'000, 'x')); });
    for (int i = 0; i < 40; ++i) {
        ExchangeRequest request;
        request.url = http::Url::parse("http://web/").value();
        auto exchange = std::make_unique<HttpExchange>(process->world(), std::move(request), ExchangeLimits{},
                                                       [](Result<Reply>) {});
        testbed.simulation().run_for(i * 1ms);
        exchange.reset();
        testbed.simulation().run_for(1s);
    }
}

TEST(AddressRules, GlobalIsWhatAnybodyReaches) {
    for (const char* text :
         {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "2606:4700::1", "::ffff:8.8.8.8"})
        EXPECT_TRUE(is_global(Address::parse(text).value())) << text;
    for (const char* text :
         {"127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1", "100.64.0.1",
          "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1",
          "ff02::1", "2001:db8::1", "2002:a00:1::", "::ffff:10.0.0.1"})
        EXPECT_FALSE(is_global(Address::parse(text).value())) << text;
}

TEST(AddressRules, LocalAddressesAreForAnnouncesOnly) {
    const auto may = [](const char* address, const char* url) {
        return tracker_may_be_at(Address::parse(address).value(), http::Url::parse(url).value());
    };
    EXPECT_TRUE(may("127.0.0.1", "http://x/announce"));
    EXPECT_TRUE(may("::1", "http://x/a/announce.php?b"));
    EXPECT_TRUE(may("127.0.0.1", "http://x/scrape"));
    EXPECT_FALSE(may("127.0.0.1", "http://x/"));
    EXPECT_FALSE(may("127.0.0.1", "http://x/announce/off"));
    EXPECT_FALSE(may("::ffff:127.0.0.1", "http://x/admin?/announce"));
    EXPECT_TRUE(may("10.0.0.1", "http://x/key/announce"));
    EXPECT_FALSE(may("10.0.0.1", "http://x/anything"));
    for (const char* path :
         {"announceX", "admin/..%2f/announce", "a/../announce", "announce;rm", "a;b/announce"})
        EXPECT_FALSE(may("127.0.0.1", (std::string("http://x/") + path).c_str())) << path;
    EXPECT_TRUE(may("8.8.8.8", "http://x/anything"));
    EXPECT_FALSE(may("224.0.0.1", "http://x/announce"));
}

TEST(AddressRules, ThoseOfUdpTrackersAreTheSame) {
    const auto may = [](const char* address, const char* url) {
        return tracker_may_be_at(Address::parse(address).value(), http::Url::parse(url).value());
    };
    EXPECT_TRUE(may("127.0.0.1", "udp://x:1"));
    EXPECT_TRUE(may("127.0.0.1", "udp://x:1/"));
    EXPECT_TRUE(may("10.0.0.1", "udp://x:1/announce"));
    EXPECT_FALSE(may("10.0.0.1", "udp://x:1/reboot"));
    EXPECT_FALSE(may("10.0.0.1", "udp://x:1/?reboot"));
    EXPECT_TRUE(may("8.8.8.8", "udp://x:1/anything"));
    EXPECT_FALSE(may("224.0.0.1", "udp://x:1"));
}

}  // namespace
}  // namespace spate::http_client
