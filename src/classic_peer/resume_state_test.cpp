#include "classic_peer/resume_state.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/rng.h"
#include "hash/digest.h"

namespace spate::classic_peer {
namespace {

const FileIdentity file{"picture-wallpaper.jpg", 1000, "c68c2ee8bfca4e898b396e7a935a1d92"};

std::string sealed(std::string body) {
    return body + "end " + to_hex(hash::md5(as_bytes(body))) + "\n";
}

std::string with_lines(const std::string& lines) {
    return sealed(
        "spate classic part 1\nname picture-wallpaper.jpg\nsize 1000\nmd5 "
        "c68c2ee8bfca4e898b396e7a935a1d92\n" +
        lines);
}

TEST(ResumeState, ReadsWhatItWrote) {
    RangeSet have;
    EXPECT_EQ(read_resume_state(write_resume_state(file, have), file), have);
    have.add({0, 10});
    have.add({20, 1000});
    EXPECT_EQ(write_resume_state(file, have), with_lines("have 0 10\nhave 20 1000\n"));
    EXPECT_EQ(read_resume_state(write_resume_state(file, have), file), have);
}

TEST(ResumeState, ClaimsNothingForAnotherFile) {
    RangeSet have;
    have.add({0, 10});
    const std::string text = write_resume_state(file, have);
    for (FileIdentity other :
         {FileIdentity{"other.jpg", file.size, file.md5}, FileIdentity{file.name, 1001, file.md5},
          FileIdentity{file.name, file.size, std::string(32, 'a')}, FileIdentity{file.name, file.size, ""}})
        EXPECT_FALSE(read_resume_state(text, other)) << other.name << other.size << other.md5;
}

TEST(ResumeState, RefusesEverythingThatIsNotItsForm) {
    for (const char* lines :
         {"have 10 10\n", "have 10 5\n", "have 0 1001\n", "have -1 5\n", "have 0 18446744073709551616\n",
          "have 20 30\nhave 0 10\n", "have 0 10\nhave 10 20\n", "have 0 10\nhave 5 20\n", "have 1 2 3\n",
          "have 1\n", "Have 1 2\n", "\n", "have  1 2\n", "have 1 2\r\n"})
        EXPECT_FALSE(read_resume_state(with_lines(lines), file)) << lines;
    EXPECT_TRUE(read_resume_state(with_lines("have 0 10\nhave 11 20\n"), file));
    EXPECT_FALSE(read_resume_state(with_lines("have 0 10\n") + "x", file));
    EXPECT_FALSE(read_resume_state("", file));
}

TEST(ResumeState, RefusesEveryPrefixAndEveryFlippedByte) {
    const std::string text = with_lines("have 0 10\nhave 11 20\n");
    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_FALSE(read_resume_state(text.substr(0, length), file)) << length;
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string broken = text;
        broken[at] = static_cast<char>(broken[at] ^ 1);
        EXPECT_FALSE(read_resume_state(broken, file)) << at;
    }
}

TEST(ResumeState, KeepsTheLargestRangesAtTheCap) {
    const FileIdentity big{"big", 10'000'000, file.md5};
    RangeSet have;
    for (std::uint64_t i = 0; i < resume_ranges_max; ++i) have.add({i * 10, i * 10 + 2});
    EXPECT_EQ(read_resume_state(write_resume_state(big, have), big), have);
    RangeSet more = have;
    more.add({9'000'000, 9'000'001});  // the smallest
    EXPECT_EQ(read_resume_state(write_resume_state(big, more), big), have);
    std::string lines;
    for (std::uint64_t i = 0; i <= resume_ranges_max; ++i)
        lines += "have " + std::to_string(i * 10) + " " + std::to_string(i * 10 + 2) + "\n";
    EXPECT_FALSE(read_resume_state(
        sealed("spate classic part 1\nname big\nsize 10000000\nmd5 " + big.md5 + "\n" + lines), big));
}

}  // namespace
}  // namespace spate::classic_peer
