#include "classic/tracker_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "classic/classic_name.h"

namespace spate::classic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string spec_example =
    "Filename: movie1.avi\n"
    "Filesize: 109283519\n"
    "Description: Ghost and the Darkness, DVD Rip\n"
    "MD5: c68c2ee8bfca4e898b396e7a935a1d92\n"
    "#all comments must begin with # and must be ignored by the file parser\n"
    "#list of peers follows next\n"
    "202.141.60.10:2097:0:109283519:1174259923\n"
    " 10.126.155.17:20182:1500:123821:1174263923\n";

TrackerFile spec_value() {
    TrackerFile file{
        "movie1.avi", 109283519, "Ghost and the Darkness, DVD Rip", "c68c2ee8bfca4e898b396e7a935a1d92", {}};
    file.peers.push_back({"202.141.60.10", 2097, 0, 109283519, {1174259923}});
    file.peers.push_back({"10.126.155.17", 20182, 1500, 123821, {1174263923}});
    return file;
}

// A file of 100 bytes with these peer lines.
TrackerFile with_peers(const std::string& lines) {
    return *parse_tracker_file("Filename: f\nFilesize: 100\n" + lines);
}

TEST(TrackerFile, TheSpecificationsExample) {
    const auto file = parse_tracker_file(spec_example);
    ASSERT_TRUE(file);
    EXPECT_EQ(*file, spec_value());
    std::string without_blank = spec_example;
    without_blank.erase(without_blank.find(" 10.126"), 1);
    EXPECT_EQ(write_tracker_file(*file), without_blank);
}

TEST(TrackerFile, HeadersAsOthersWriteThem) {
    const TrackerFile wanted{"f", 100, "a: b", "abc", {}};
    for (const std::string text : {"Filename: f\nFilesize: 100\nDescription: a: b\nMD5: ABC\n",
                                   "FileName:f\r\nFileSize:100\r\nDescription:a: b\r\nmd5:abc",
                                   " File name : f \n\n FILESIZE:\t100\n#c\n description: a: b\nMd5 :abc\n",
                                   "MD5: abc\nDescription: a: b\nFilesize: 100\nFilename: f\n"}) {
        const auto file = parse_tracker_file(text);
        ASSERT_TRUE(file) << text;
        EXPECT_EQ(*file, wanted) << text;
    }
}

TEST(TrackerFile, PeersMayStandBeforeHeaders) {
    const auto file = parse_tracker_file("127.0.0.1:1:0:5:9\nFilesize: 5\nFilename: f\n");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->peers.size(), 1u);
}

TEST(TrackerFile, HeadersThatAreWrong) {
    struct Row {
        std::string text;
        std::string reason;
    };
    const std::vector<Row> rows{
        {"", "no Filename"},
        {"Filesize: 5\n", "no Filename"},
        {"Filename: f\n", "no Filesize"},
        {"Filename: ../f\nFilesize: 5\n", "Filename: holds"},
        {"Filename:\nFilesize: 5\n", "Filename: empty"},
        {"Filename: a b\nFilesize: 5\n", "Filename: holds a blank"},
        {"Filename: " + std::string(256, 'n') + "\nFilesize: 5\n", "longer than 255"},
        {"Filename: f\nFilesize: -5\n", "Filesize is no number"},
        {"Filename: f\nFilesize: 9223372036854775808\n", "Filesize is no number"},
        {"Filename: f\nFilesize: 5 bytes\n", "Filesize is no number"},
        {"Filename: f\nFilesize: 5\nMD5: " + std::string(129, 'a') + "\n", "MD5"},
    };
    for (const Row& row : rows) {
        const auto file = parse_tracker_file(row.text);
        ASSERT_FALSE(file) << row.text;
        EXPECT_THAT(file.error().message(), HasSubstr(row.reason)) << row.text;
    }
    EXPECT_TRUE(parse_tracker_file("Filename: f\nFilesize: 9223372036854775807\n"));
}

TEST(TrackerFile, TheFirstOfTwoEqualHeadersCounts) {
    const auto file = parse_tracker_file("Filename: f\nFilename: g\nFilesize: 5\nFilesize: 6\n");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->name, "f");
    EXPECT_EQ(file->size, 5u);
    EXPECT_EQ(file->skipped_lines, 2u);
}

TEST(TrackerFile, BrokenPeersAreSkippedAndCounted) {
    for (const std::string line :
         {"10.0.0.1:80:0:101:9", "10.0.0.1:80:6:5:9", "10.0.0.1:0:0:5:9", "10.0.0.1:65536:0:5:9",
          "10.0.0.1:80:0:5", "10.0.0.1:80:-1:5:9", "10.0.0.1:80:0:99999999999999999999:9",
          "10.0.0.1:80:0:5:9:9", ":80:0:5:9", "hello", "10.0.0.1:80:0:5:", "a b:80:0:5:9",
          "10.0.0.1:80:0:5:-9", "300.0.0.1:80:0:5:9", "::::", ":"}) {
        const TrackerFile file = with_peers(line + "\n10.0.0.2:80:0:5:9\n");
        EXPECT_EQ(file.peers.size(), 1u) << line;
        EXPECT_EQ(file.skipped_lines, 1u) << line;
    }
    EXPECT_EQ(with_peers("#10.0.0.1:80:0:5:9\n").skipped_lines, 0u);
}

TEST(TrackerFile, PeersAsOthersWriteThem) {
    EXPECT_THAT(with_peers("10.0.0.1 : 80 : 0 : 100 : 9 \r\n").peers,
                ElementsAre(TrackerPeer{"10.0.0.1", 80, 0, 100, {9}}));
    EXPECT_THAT(with_peers("localhost:80:5:5:0").peers, ElementsAre(TrackerPeer{"localhost", 80, 5, 5, {0}}));
}

TEST(TrackerFile, AnIpv6PeerIsACommentToOlderReaders) {
    TrackerFile file = spec_value();
    file.peers.push_back({"2001:db8::1", 80, 0, 5, {9}});
    const std::string text = write_tracker_file(file);
    EXPECT_THAT(text, HasSubstr("\n#peer6 [2001:db8::1]:80:0:5:9\n"));
    EXPECT_EQ(*parse_tracker_file(text), file);
    for (const std::string line :
         {"[2001:db8::1]:80:0:5:9", "2001:db8::1:80:0:5:9", "#peer6 2001:db8::1:80:0:5:9"}) {
        EXPECT_THAT(with_peers(line).peers, ElementsAre(TrackerPeer{"2001:db8::1", 80, 0, 5, {9}})) << line;
    }
}

TEST(TrackerFile, PeersAndBytesOnBothSidesOfTheirLimits) {
    TrackerFile file{"f", 100, "", "", {}};
    file.peers.assign(tracker_file_peers_max, TrackerPeer{"10.0.0.1", 80, 0, 5, {9}});
    const std::string text = write_tracker_file(file);
    EXPECT_EQ(parse_tracker_file(text)->peers.size(), tracker_file_peers_max);
    const auto one_more = parse_tracker_file(text + "10.0.0.2:80:0:5:9\n");
    EXPECT_EQ(one_more->peers.size(), tracker_file_peers_max);
    EXPECT_EQ(one_more->skipped_lines, 1u);
    const std::string headers = "Filename: f\nFilesize: 5\n#";
    EXPECT_TRUE(parse_tracker_file(headers + std::string(tracker_file_bytes_max - headers.size(), 'x')));
    EXPECT_FALSE(parse_tracker_file(headers + std::string(tracker_file_bytes_max - headers.size() + 1, 'x')));
}

TEST(TrackerFile, ADescriptionCannotMakeLines) {
    TrackerFile file = spec_value();
    file.description = "a\n10.0.0.1:1:0:5:9\nMD5: x\r\tb";
    const auto back = parse_tracker_file(write_tracker_file(file));
    EXPECT_EQ(back->description, "a 10.0.0.1:1:0:5:9 MD5: x  b");
    EXPECT_EQ(back->peers, file.peers);
}

TEST(TrackerFile, ControlBytesAroundADescriptionAreStrippedLikeBlanks) {
    const std::string nuls(2, '\0');
    const auto file =
        parse_tracker_file("Filename: f\nFilesize: 5\nDescription: " + nuls + "a" + nuls + "b" + nuls);
    EXPECT_EQ(file->description, "a  b");
}

TEST(TrackerFile, CompleteEndsAtTheSizeOrAtTheLastByte) {
    const auto peer = [](std::uint64_t start, std::uint64_t end) {
        return TrackerPeer{"h", 80, start, end, {}};
    };
    EXPECT_TRUE(is_complete(peer(0, 100), 100));
    EXPECT_TRUE(is_complete(peer(0, 99), 100));
    EXPECT_FALSE(is_complete(peer(0, 98), 100));
    EXPECT_FALSE(is_complete(peer(1, 100), 100));
    EXPECT_TRUE(is_complete(peer(0, 0), 0));
    EXPECT_EQ(held_for_sure(peer(0, 99), 100), (ByteRange{0, 100}));
    EXPECT_EQ(held_for_sure(peer(10, 20), 100), (ByteRange{10, 20}));
    EXPECT_EQ(held_for_sure(peer(10, 99), 100), (ByteRange{10, 99}));
    EXPECT_EQ(held_perhaps(peer(10, 99), 100), (ByteRange{10, 100}));
    EXPECT_EQ(held_perhaps(peer(10, 100), 100), (ByteRange{10, 100}));
}

}  // namespace
}  // namespace spate::classic
