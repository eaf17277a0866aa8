#include "classic/tracker_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::classic {
namespace {

using Verb = BadRequest::Verb;

const std::string md5 = "c68c2ee8bfca4e898b396e7a935a1d92";

CreateTracker movie() {
    return {"movie1.avi", 109283519, "Ghost and the Darkness, DVD Rip", md5, true, "202.141.60.10", 2097};
}

TEST(TrackerRequest, CreateInEveryDress) {
    const std::string fields =
        "movie1.avi 109283519 Ghost_and_the_Darkness,_DVD_Rip " + md5 + " 202.141.60.10 2097";
    const TrackerRequest wanted = movie();
    const std::vector<std::string> lines = {
        "<createtracker " + fields + ">",
        "createtracker " + fields,
        "<createtracker " + fields + " >",
        "<CreateTracker " + fields + ">\r",
        "  < CREATETRACKER   " + fields + "  > \r",
        "createtracker\t" + fields + "\r",
        "createtracker " + fields + ">",
        "<createtracker " + fields + ">" + std::string(3, '\0'),
        "<createtracker movie1.avi 109283519 Ghost and the_Darkness, DVD Rip " + md5 + " 202.141.60.10 2097>",
        "<createtracker movie1.avi 109283519 Ghost and\tthe Darkness, DVD Rip " + md5 +
            " 202.141.60.10 2097>",
        "<createtracker movie1.avi 109283519 Ghost_and_the_Darkness,_DVD_Rip "
        "C68C2EE8BFCA4E898B396E7A935A1D92 "
        "202.141.60.10 2097>"};
    for (const std::string& line : lines) {
        EXPECT_EQ(parse_tracker_request(line), wanted) << line;
    }
}

TEST(TrackerRequest, CreateDescriptions) {
    const auto description = [](const std::string& text) {
        const auto request =
            parse_tracker_request("<createtracker f 1 " + text + " " + md5 + " 127.0.0.1 80>");
        const auto* create = std::get_if<CreateTracker>(&request);
        return create ? create->description : "REFUSED";
    };
    EXPECT_EQ(description(""), "");
    EXPECT_EQ(description("_"), "");
    EXPECT_EQ(description("___"), "");
    EXPECT_EQ(description("_a_"), "a");
    EXPECT_EQ(description("a__b"), "a  b");
    EXPECT_EQ(description("a  b"), "a  b");
    EXPECT_EQ(description("10 20 30"), "10 20 30");
    EXPECT_EQ(description("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(description("a<b"), "REFUSED");
    EXPECT_EQ(description("a\x01"), "REFUSED");
}

TEST(TrackerRequest, CreateWithAChecksumThatIsNone) {
    const auto request = std::get<CreateTracker>(
        parse_tracker_request("<createtracker f 1 d 0123456789ABCDEF0123456789abcd h 80>"));
    EXPECT_EQ(request.md5, "0123456789abcdef0123456789abcd");
    EXPECT_FALSE(request.usable_md5);
    EXPECT_TRUE(std::holds_alternative<BadRequest>(
        parse_tracker_request("createtracker f 1 d 0123456789ABCDEF0123456789abcd h 80")));
    const auto with_length = [](std::size_t length) {
        return parse_tracker_request("<createtracker f 1 d " + std::string(length, 'e') + " h 80>");
    };
    EXPECT_TRUE(std::holds_alternative<CreateTracker>(with_length(128)));
    EXPECT_TRUE(std::holds_alternative<BadRequest>(with_length(129)));
}

TEST(TrackerRequest, CreateHostsAndNumbersAtTheirLimits) {
    const auto parse = [](const std::string& size, const std::string& host, const std::string& port) {
        return parse_tracker_request("<createtracker f " + size + " d " + md5 + " " + host + " " + port +
                                     ">");
    };
    const auto good = [&](const std::string& size, const std::string& host, const std::string& port) {
        return std::holds_alternative<CreateTracker>(parse(size, host, port));
    };
    EXPECT_TRUE(good("0", "localhost", "1"));
    EXPECT_TRUE(good("9223372036854775807", "::1", "65535"));
    EXPECT_EQ(std::get<CreateTracker>(parse("5", "[2001:db8::1]", "80")).host, "2001:db8::1");
    EXPECT_TRUE(good("007", "h", "0080"));
    for (const std::string size : {"9223372036854775808", "18446744073709551616", "-1", "+1", "1.5", "0x10",
                                   "one", "99999999999999999999999999999999"}) {
        EXPECT_FALSE(good(size, "h", "80")) << size;
    }
    for (const std::string port : {"0", "65536", "-1", "+80", "http", "4294967376", "80a"}) {
        EXPECT_FALSE(good("1", "h", port)) << port;
    }
    for (const std::string host : {"300.1.1.1", "a/b", "[::1", "h\x02", ":80"}) {
        EXPECT_FALSE(good("1", host, "80")) << host;
    }
}

TEST(TrackerRequest, Update) {
    const TrackerRequest wanted = UpdateTracker{"f", 0, 1023, "10.0.0.1", 6361};
    for (const std::string line :
         {"<updatetracker f 0 1023 10.0.0.1 6361>", "updatetracker f 0 1023 10.0.0.1 6361",
          "<UPDATETRACKER  f 0 1023 10.0.0.1 6361 >\r", "UpdateTracker f 0 1023 10.0.0.1 6361 "}) {
        EXPECT_EQ(parse_tracker_request(line), wanted) << line;
    }
    EXPECT_EQ(parse_tracker_request("<updatetracker f 7 7 ::1 1>"),
              (TrackerRequest{UpdateTracker{"f", 7, 7, "::1", 1}}));
}

TEST(TrackerRequest, BadOnesKeepTheirVerbAndName) {
    struct Row {
        std::string line;
        Verb verb;
        std::string name;
    };
    const std::string nul(1, '\0');
    const std::vector<Row> rows{
        {"<updatetracker f 5 4 h 80>", Verb::update, "f"},
        {"<updatetracker f -1 4 h 80>", Verb::update, "f"},
        {"<updatetracker f 0 9223372036854775808 h 80>", Verb::update, "f"},
        {"<updatetracker f 0 99999999999999999999999 h 80>", Verb::update, "f"},
        {"<updatetracker f 0 4 h 0>", Verb::update, "f"},
        {"<updatetracker f 0 4 h>", Verb::update, "f"},
        {"<updatetracker f 0 4 h 80 81>", Verb::update, "f"},
        {"<updatetracker f 0 4 h 80", Verb::update, "f"},  // cut: the port may have been 8080
        {"<updatetracker ../x 0 4 h 80>", Verb::update, "../x"},
        {"<updatetracker a\x1b[2J 0 4 h 80>", Verb::update, "a\\x1b[2J"},
        {"<updatetracker f" + nul + " 0 4 h 80>", Verb::update, "f\\x00"},
        {"<updatetracker a<b 0 4 h 80>", Verb::update, ""},
        {"<updatetracker>", Verb::update, ""},
        {"<updatetracker " + std::string(300, 'n') + " 0 4 h 80>", Verb::update, std::string(255, 'n')},
        {"<createtracker " + std::string(300, 'n') + " 1 d " + md5 + " h 80>", Verb::create,
         std::string(255, 'n')},
        {"<createtracker a/b 1 d " + md5 + " h 80>", Verb::create, "a/b"},
        {"<createtracker .. 1 d " + md5 + " h 80>", Verb::create, ".."},
        {"<createtracker f 1 d" + nul + " " + md5 + " h 80>", Verb::create, "f"},
        {"<createtracker f 1 " + md5 + " h>", Verb::create, "f"},
        {"<createtracker f 1 d " + md5 + " h 80", Verb::create, "f"},
        {"createtracker", Verb::create, ""},
        {"<GET a/b.track>", Verb::get, "a/b.track"},
        {"<GET ..track>", Verb::get, "..track"},
        {"<GET " + std::string(256, 'n') + ".track>", Verb::get, std::string(255, 'n')},
        {"<GET f.track g>", Verb::get, "f.track"},
        {"<GET f 0 1023>", Verb::get, "f"},
        {"GET", Verb::get, ""},
        {"", Verb::unknown, ""},
        {" \r", Verb::unknown, ""},
        {nul + nul, Verb::unknown, ""},
        {nul + "<REQ LIST>", Verb::unknown, ""},
        {"<>", Verb::unknown, ""},
        {"<", Verb::unknown, ""},
        {"<HELLO>", Verb::unknown, ""},
        {"<REQ>", Verb::unknown, ""},
        {"<REQ LIST ALL>", Verb::unknown, ""},
        {"<TRACKER>", Verb::unknown, ""},
        {"TRACKERTRACKER", Verb::unknown, ""},
        {"TRACKER C1", Verb::unknown, ""},
        {"createtrackerf 1", Verb::unknown, ""},
    };
    for (const Row& row : rows) {
        const TrackerRequest request = parse_tracker_request(row.line);
        const auto* bad = std::get_if<BadRequest>(&request);
        ASSERT_NE(bad, nullptr) << row.line;
        EXPECT_EQ(bad->verb, row.verb) << row.line;
        EXPECT_EQ(bad->name, row.name) << row.line;
        EXPECT_NE(bad->reason, "") << row.line;
    }
}

TEST(TrackerRequest, GetWithAndWithoutTrack) {
    const auto name = [](const std::string& line) {
        return std::get<GetTrackerFile>(parse_tracker_request(line));
    };
    for (const std::string line :
         {"<GET movie1.avi.track >", "<GET movie1.avi.track>", "get movie1.avi.track\r",
          "<get  movie1.avi.track", "GET movie1.avi.track"}) {
        EXPECT_EQ(name(line), (GetTrackerFile{"movie1.avi", "movie1.avi.track"})) << line;
    }
    EXPECT_EQ(name("<GET movie1.avi>"), (GetTrackerFile{"movie1.avi", "movie1.avi"}));
    EXPECT_EQ(name("<GET x.track.track>"), (GetTrackerFile{"x.track", "x.track.track"}));
    EXPECT_EQ(name("<GET .track>"), (GetTrackerFile{".track", ".track"}));
    EXPECT_EQ(name("<GET " + std::string(255, 'n') + ".track>").name, std::string(255, 'n'));
}

TEST(TrackerRequest, ListAndTheBareDialect) {
    for (const std::string line : {"<REQ LIST>", "REQ LIST", "<req  list >\r", "<LIST>", "<REQ LIST"}) {
        EXPECT_EQ(parse_tracker_request(line), TrackerRequest{ListRequest{}}) << line;
    }
    EXPECT_EQ(parse_tracker_request("LIST"), TrackerRequest{BareList{}});
    EXPECT_EQ(parse_tracker_request("TRACKER"), TrackerRequest{BareTracker{}});
    EXPECT_EQ(parse_tracker_request(std::string("TRACKER\0\0", 9)), TrackerRequest{BareTracker{}});
}

TEST(TrackerRequest, WhatWeWriteIsTheSpecificationsForm) {
    EXPECT_EQ(write_create_tracker(movie()),
              "<createtracker movie1.avi 109283519 Ghost_and_the_Darkness,_DVD_Rip " + md5 +
                  " 202.141.60.10 2097>\n");
    EXPECT_EQ(write_update_tracker({"f", 0, 1024, "::1", 80}), "<updatetracker f 0 1024 ::1 80>\n");
    EXPECT_EQ(write_list_request(), "<REQ LIST>\n");
    EXPECT_EQ(write_get_tracker_file("f.jpg"), "<GET f.jpg.track>\n");
}

TEST(TrackerRequest, WhatWeWriteWeReadBack) {
    const auto read = [](std::string text) {
        text.pop_back();
        return parse_tracker_request(text);
    };
    EXPECT_EQ(read(write_create_tracker(movie())), TrackerRequest{movie()});
    CreateTracker odd = movie();
    for (const auto& [given, back] : std::vector<std::pair<std::string, std::string>>{
             {"", ""}, {"  a  b ", "a  b"}, {"a<b>c\nd", "a b c d"}, {"a_b", "a b"}, {"\x7f", ""}}) {
        odd.description = given;
        EXPECT_EQ(std::get<CreateTracker>(read(write_create_tracker(odd))).description, back) << given;
    }
    const UpdateTracker update{"f", 5, 5, "2001:db8::1", 65535};
    EXPECT_EQ(read(write_update_tracker(update)), TrackerRequest{update});
}

}  // namespace
}  // namespace spate::classic
