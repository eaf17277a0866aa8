#include "classic/classic_name.h"

#include <gtest/gtest.h>

namespace spate::classic {
namespace {

TEST(ClassicName, CleanOnes) {
    for (const std::string name : {"a", "picture-wallpaper.jpg", "x.track", ".hidden", "a.b.c",
                                   "f\xc3\xbcr.txt", "100%", "a:b", "-"}) {
        EXPECT_TRUE(is_clean_name(name)) << name;
    }
    EXPECT_TRUE(is_clean_name(std::string(255, 'n')));
}

TEST(ClassicName, RefusedOnes) {
    for (const std::string name : {"", ".", "..", "../x", "a/b", "/", "a\\b", "a..b", "x..", "a b", "a\tb",
                                   "a\nb", "a\x7f", "a\x1b[0m", "a<b", "a>b"}) {
        EXPECT_TRUE(name_fault(name)) << name;
    }
    EXPECT_TRUE(name_fault(std::string(256, 'n')));
    EXPECT_TRUE(name_fault(std::string_view("a\0b", 3)));
    EXPECT_TRUE(name_fault(std::string_view("\0", 1)));
}

TEST(ClassicName, Hosts) {
    for (const std::string host :
         {"127.0.0.1", "::1", "2001:db8::1", "localhost", "peer_1.example.org", "a-b", "1a"}) {
        EXPECT_TRUE(is_host_text(host)) << host;
    }
    EXPECT_TRUE(is_host_text(std::string(253, 'h')));
    EXPECT_FALSE(is_host_text(std::string(254, 'h')));
    for (const std::string host : {"", "300.1.1.1", "127.1", "1", "127.0.0.1.", "a b", "a/b", "[::1]",
                                   "::1::2", "a:80", "-a", ".a", "a\n"}) {
        EXPECT_FALSE(is_host_text(host)) << host;
    }
}

TEST(ClassicName, Md5Texts) {
    EXPECT_TRUE(is_md5_text("c68c2ee8bfca4e898b396e7a935a1d92"));
    EXPECT_TRUE(is_md5_text("C68C2EE8BFCA4E898B396E7A935A1D92"));
    EXPECT_FALSE(is_md5_text("c68c2ee8bfca4e898b396e7a935a1d9"));
    EXPECT_FALSE(is_md5_text("c68c2ee8bfca4e898b396e7a935a1d922"));
    EXPECT_FALSE(is_md5_text("c68c2ee8bfca4e898b396e7a935a1dxx"));
    EXPECT_FALSE(is_md5_text(""));
}

}  // namespace
}  // namespace spate::classic
