#include <gtest/gtest.h>

#include "base/hex.h"
#include "catalogue_protocol/json_text.h"
#include "catalogue_protocol/list_query.h"
#include "catalogue_protocol/listed_entry.h"
#include "catalogue_protocol/publish_reply.h"
#include "catalogue_protocol/signed_request.h"

namespace spate::catalogue_protocol {
namespace {

ListedEntry some_entry() {
    ListedEntry entry;
    entry.name = "100%/../a\"b\xff";  // whatever it is: this is no place to judge names
    entry.size = INT64_MAX;
    entry.description = "more <words> & \"such\"";
    entry.files = 7;
    entry.hash.v1 = hash::sha1(as_bytes("1"));
    entry.hash.v2 = hash::sha256(as_bytes("2"));
    entry.md5 = std::string(32, 'a');
    entry.seeds = 3;
    entry.leechers = 4;
    entry.coverage = 0.25;
    entry.verified = true;
    entry.age_seconds = 86'400;
    entry.publisher = hash::PublicKey{9};
    return entry;
}

TEST(ListedEntry, IsReadAsItWasWritten) {
    const auto entry = some_entry();
    const auto read = read_entry(write_entry(entry));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(*read, entry);
    ListedEntry classic;
    classic.name = "old.jpg";
    classic.md5 = "not one";
    EXPECT_EQ(classic.coverage, std::nullopt);
    EXPECT_EQ(read_entry(write_entry(classic)).value(), classic);
    const auto page = read_page(write_page({{entry, classic}, "old.jpg"}));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entries, (std::vector{entry, classic}));
    EXPECT_EQ(page->next, "old.jpg");
    EXPECT_EQ(read_page(write_page({})).value().next, "");
}

TEST(ListedEntry, ATrackerThatSaysNonsenseIsNotBelieved) {
    const auto good = write_entry(some_entry());
    const auto with = [&](std::string_view from, std::string_view to) {
        auto bent = good;
        const auto at = bent.find(from);
        EXPECT_NE(at, bent.npos) << from;
        return bent.replace(at, from.size(), to);
    };
    for (const auto& json :
         {std::string(), std::string("[]"), std::string("{}"), good.substr(0, good.size() / 2),
          with("\"seeds\":3", "\"seeds\":-3"), with("\"seeds\":3", "\"seeds\":\"3\""),
          with("\"seeds\":3", "\"seeds\":9223372036854775808"), with("\"files\":7", "\"files\":4294967296"),
          with("0.25", "2"), with("/entry/", "/other/"), with("\"info_hash_v1\":\"", "\"info_hash_v1\":\"00"),
          std::string(20, '[') + std::string(20, ']')}) {
        EXPECT_FALSE(read_entry(json)) << json;
    }
}

TEST(ListQuery, IsReadAsItWasWritten) {
    const ListQuery query{"50% of 'a+b'", ListOrder::age, 7, "12:x&y"};
    EXPECT_EQ(read_list_query(write_list_query(query)).value(), query);
    EXPECT_EQ(read_list_query("").value(), ListQuery{});
    EXPECT_EQ(read_list_query("search=two+words&unknown=1&limit=99999999").value(),
              (ListQuery{"two words", ListOrder::name, page_entries_max, ""}));
    for (const auto* bad : {"sort=seeds", "limit=0", "limit=-1", "limit=", "search=%4", "after=%zz"})
        EXPECT_FALSE(read_list_query(bad)) << bad;
    EXPECT_FALSE(read_list_query("search=" + std::string(search_bytes_max + 1, 'a')));
}

SignedRequest some_request() {
    SignedRequest request;
    request.name = "a name\n";
    request.sequence = INT64_MAX;
    request.body_digest = hash::sha256(as_bytes("body"));
    request.description =
        "gr\xc3\xbc\xc3\x9f"
        "e, 100%";
    request.md5 = std::string(32, '0');
    request.port = 6881;
    return request;
}

TEST(SignedRequest, IsReadAsItWasWritten) {
    const hash::SigningKey key(hash::KeySeed{5});
    for (const auto action : {Action::publish, Action::remove}) {
        auto request = some_request();
        request.action = action;
        if (action == Action::remove) request.description.reset(), request.md5 = "", request.port = 0;
        sign(request, key);
        auto read = read_headers(action, request.name, write_headers(request));
        ASSERT_TRUE(read) << read.error().message();
        read->body_digest = request.body_digest;
        EXPECT_EQ(*read, request);
        EXPECT_TRUE(is_right(*read));
    }
}

TEST(SignedRequest, NoDescriptionIsNotAnEmptyOne) {
    auto request = some_request();
    request.description = "";
    EXPECT_EQ(read_headers(Action::publish, request.name, write_headers(request))->description, "");
    request.description.reset();
    EXPECT_EQ(read_headers(Action::publish, request.name, write_headers(request))->description, std::nullopt);
}

TEST(SignedRequest, TheSignatureCoversWhatIsAsked) {
    const hash::SigningKey key(hash::KeySeed{5});
    auto good = some_request();
    sign(good, key);
    ASSERT_TRUE(is_right(good));
    const auto bent = [&](auto change) {
        auto request = good;
        change(request);
        return is_right(request);
    };
    EXPECT_FALSE(bent([](auto& r) { r.action = Action::remove; }));
    EXPECT_FALSE(bent([](auto& r) { r.name = "a name"; }));
    EXPECT_FALSE(bent([](auto& r) { --r.sequence; }));
    EXPECT_FALSE(bent([](auto& r) { r.body_digest[0] ^= 1; }));
    EXPECT_FALSE(bent([](auto& r) { *r.description += '.'; }));
    EXPECT_FALSE(bent([](auto& r) { r.md5.clear(); }));
    EXPECT_FALSE(bent([](auto& r) { r.publisher[0] ^= 1; }));
    EXPECT_FALSE(bent([](auto& r) { r.signature[0] ^= 1; }));
}

TEST(SignedRequest, HeadersOfTheWrongFormAreRefused) {
    const hash::SigningKey key(hash::KeySeed{5});
    auto request = some_request();
    sign(request, key);
    const auto good = write_headers(request);
    ASSERT_TRUE(read_headers(Action::publish, "n", good));
    const auto with = [&](const std::string& name, std::string value) {
        auto headers = good;
        headers.remove(name);
        headers.add(name, std::move(value));
        return read_headers(Action::publish, "n", headers);
    };
    EXPECT_FALSE(with("Spate-Key", "00"));
    EXPECT_FALSE(with("Spate-Key", std::string(64, 'g')));
    EXPECT_FALSE(with("Spate-Signature", std::string(127, '0')));
    EXPECT_FALSE(with("Spate-Sequence", "-1"));
    EXPECT_FALSE(with("Spate-Sequence", "9223372036854775808"));
    EXPECT_FALSE(with("Spate-Sequence", ""));
    EXPECT_FALSE(with("Spate-Description", "%0a"));
    EXPECT_FALSE(with("Spate-Description", "%4"));
    EXPECT_FALSE(with("Spate-Description", std::string(description_bytes_max + 1, 'a')));
    EXPECT_FALSE(with("Spate-Md5", std::string(31, '0')));
    EXPECT_FALSE(with("Spate-Md5", std::string(32, 'z')));
    EXPECT_FALSE(with("Spate-Port", "65536"));
    EXPECT_EQ(with("Spate-Md5", std::string(32, 'A')).value().md5, std::string(32, 'a'));
    for (const auto& header : good.all()) {
        auto twice = good;
        twice.add(header.name, header.value);
        EXPECT_FALSE(read_headers(Action::publish, "n", twice)) << header.name;
    }
    EXPECT_FALSE(read_headers(Action::remove, "n", {}));
}

TEST(PublishReply, IsReadAsItWasWritten) {
    for (int i = 0; i <= static_cast<int>(PublishResult::failed); ++i) {
        const auto result = static_cast<PublishResult>(i);
        const PublishReply reply{result, is_refusal(result) ? "why \"not\"" : "",
                                 result == PublishResult::old_sequence ? std::uint64_t{7} : 0};
        EXPECT_EQ(read_reply(write_reply(reply)).value(), reply);
        EXPECT_EQ(is_refusal(result), status_of(result) >= 400);
    }
    EXPECT_FALSE(read_reply("{\"result\":\"great\"}"));
    EXPECT_FALSE(read_reply("Not found"));
    EXPECT_EQ(read_reply("{\"result\":\"failed\",\"error\":\"" + std::string(5000, 'a') + "\"}")
                  .value()
                  .reason.size(),
              error_bytes_max);
}

TEST(Json, NumbersAreAsPeopleWriteThem) {
    const auto written = [](double number) { return write_json(boost::json::value(number)); };
    EXPECT_EQ(written(1), "1.0");
    EXPECT_EQ(written(0.25), "0.25");
    EXPECT_EQ(written(0), "0.0");
    EXPECT_EQ(written(-1234.5), "-1234.5");
    EXPECT_EQ(written(1e20), "1e+20");
    const boost::json::object object{{"a \"b\"", {1, "x", nullptr}}, {"c", boost::json::object{{"d", 0.5}}}};
    EXPECT_EQ(write_json(object), R"({"a \"b\"":[1,"x",null],"c":{"d":0.5}})");
}

}  // namespace
}  // namespace spate::catalogue_protocol
