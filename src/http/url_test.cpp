#include "http/url.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "http/query.h"

namespace spate::http {
namespace {

TEST(Url, ReadsItsParts) {
    const Url url = Url::parse("HTTP://Tracker.Example:6969/x/announce?key=1&b#part").value();
    EXPECT_EQ(url.scheme, "http");
    EXPECT_EQ(url.host, "tracker.example");
    EXPECT_EQ(url.port, 6969);
    EXPECT_EQ(url.path, "/x/announce");
    EXPECT_EQ(url.query, "key=1&b");
    EXPECT_EQ(url.text(), "http://tracker.example:6969/x/announce?key=1&b");
    EXPECT_EQ(url.authority(), "tracker.example:6969");
}

TEST(Url, HasDefaults) {
    EXPECT_EQ(Url::parse("http://a").value().text(), "http://a/");
    EXPECT_EQ(Url::parse("http://a").value().port, 80);
    EXPECT_EQ(Url::parse("http://a:/x").value().port, 80);
    EXPECT_EQ(Url::parse("https://a?b").value().port, 443);
    EXPECT_EQ(Url::parse("https://a?b").value().target(), "/?b");
    EXPECT_EQ(Url::parse("udp://[2001:DB8::1]:80").value().host, "2001:db8::1");
    EXPECT_EQ(Url::parse("http://[::1]/").value().authority(), "[::1]");
}

TEST(Url, RefusesWhatIsUnsafeOrUnknown) {
    for (const char* text : {"",
                             "a",
                             "ftp://a/",
                             "http:/a",
                             "http://",
                             "http:///x",
                             "http://u:p@a/",
                             "http://u@a/",
                             "http://a:0/",
                             "http://a:65536/",
                             "http://a:x/",
                             "http://a b/",
                             "http://a/ b",
                             "http://a/\r\nX: y",
                             "http://a/\t",
                             "http://::1/",
                             "http://[::1",
                             "http://a%20b/",
                             "http://a\xc3\xa4/",
                             "udp://a",
                             "udp://a:",
                             "http://a<b/"})
        EXPECT_FALSE(Url::parse(text)) << text;
    EXPECT_FALSE(Url::parse("http://a/" + std::string(3000, 'x')));
    EXPECT_FALSE(Url::parse(std::string_view("http://a/\0", 10)));
}

TEST(Url, EscapesWhatARequestCannotCarry) {
    EXPECT_EQ(Url::parse("http://a/\xc3\xa4?\"{}").value().target(), "/%C3%A4?%22%7B%7D");
    EXPECT_EQ(Url::parse("http://a/a%20b").value().path, "/a%20b");
}

TEST(Url, ResolvesReferences) {
    const Url base = Url::parse("http://a:8/b/c/d?q").value();
    const auto to = [&](std::string_view reference) { return base.resolve(reference).value().text(); };
    EXPECT_EQ(to("http://x/y"), "http://x/y");
    EXPECT_EQ(to("https://x/y"), "https://x/y");
    EXPECT_EQ(to("//x/y"), "http://x/y");
    EXPECT_EQ(to("/g?y"), "http://a:8/g?y");
    EXPECT_EQ(to("g"), "http://a:8/b/c/g");
    EXPECT_EQ(to("g#s"), "http://a:8/b/c/g");
    EXPECT_EQ(to("./g/."), "http://a:8/b/c/g/");
    EXPECT_EQ(to("../../../g"), "http://a:8/g");
    EXPECT_EQ(to(".."), "http://a:8/b/");
    EXPECT_EQ(to("?y"), "http://a:8/b/c/d?y");
    EXPECT_EQ(to(""), "http://a:8/b/c/d?q");
    EXPECT_EQ(to("/u?r=http://x/y"), "http://a:8/u?r=http://x/y");
    EXPECT_FALSE(base.resolve("javascript:alert(1)"));
    EXPECT_FALSE(base.resolve("/a\r\nb"));
    EXPECT_FALSE(base.resolve("http://u@x/"));
}

TEST(PercentCode, AnyOctetsComeBack) {
    Rng rng(1);
    for (int round = 0; round < 200; ++round) {
        std::string octets(rng.below(40), '\0');
        for (char& c : octets) c = static_cast<char>(rng.below(256));
        EXPECT_EQ(percent_decoded(percent_encoded(octets)), octets);
    }
    EXPECT_EQ(percent_encoded("a b+/~"), "a%20b%2B%2F~");
    EXPECT_EQ(percent_decoded("%2f%2Fa+b"), "//a+b");
    EXPECT_EQ(percent_decoded("a+b", Plus::is_blank), "a b");
    for (const char* text : {"%", "%2", "%zz", "a%"}) EXPECT_FALSE(percent_decoded(text)) << text;
}

TEST(Query, WalksPairsAndPassesOverTheRest) {
    QueryReader reader("a=1&&b&=c&d=&e=f=g?h=i", "&?");
    std::string seen;
    while (const auto parameter = reader.next())
        seen +=
            "[" + std::string(parameter->key) + "|" + std::string(parameter->value.value_or("none")) + "]";
    EXPECT_EQ(seen, "[a|1][b|none][|c][d|][e|f=g][h|i]");
    EXPECT_FALSE(QueryReader("").next());
}

TEST(Query, FindsAValue) {
    EXPECT_EQ(query_value("search=a%20b&sort=size&search=c", "search"), "a b");
    EXPECT_EQ(query_value("search=a+b", "search", Plus::is_blank), "a b");
    EXPECT_EQ(query_value("search", "search"), std::nullopt);
    EXPECT_EQ(query_value("search=%", "search"), std::nullopt);
}

}  // namespace
}  // namespace spate::http
