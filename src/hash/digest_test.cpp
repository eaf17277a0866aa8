#include "hash/digest.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace spate::hash {
namespace {

TEST(Digest, KnownAnswers) {  // RFC 1321, FIPS 180
    EXPECT_EQ(to_hex(md5(as_bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(to_hex(sha1(as_bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(md5({})), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Digest, AnySplitGivesTheSameAndFinishStartsAfresh) {
    std::string text(1000, 'x');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7);
    Md5Hasher hasher;
    for (const std::size_t step : {1U, 63U, 64U, 65U, 999U}) {
        for (std::size_t at = 0; at < text.size(); at += step)
            hasher.update(as_bytes(std::string_view(text).substr(at, step)));
        EXPECT_EQ(hasher.finish(), md5(as_bytes(text)));
    }
}

}  // namespace
}  // namespace spate::hash
