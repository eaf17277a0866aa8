#include "bencode/writer.h"

#include <gtest/gtest.h>

namespace spate::bencode {
namespace {

TEST(BencodeWriter, WritesCanonicalForm) {
    Writer out;
    out.begin_dictionary();
    out.key("").integer(-1);
    out.key("a").begin_list().string("").integer(0).raw(as_bytes("i7e")).end();
    out.key("a\xff").string("x");
    out.key("b").begin_dictionary().end();
    out.end();
    EXPECT_EQ(out.take(),
              "d0:i-1e1:al0:i0ei7ee2:a\xff"
              "1:x1:bdee");
    EXPECT_EQ(out.integer(INT64_MIN).take(), "i-9223372036854775808e");
}

TEST(BencodeWriterDeathTest, MisuseIsABug) {
    const auto dictionary = [](auto use) {
        Writer out;
        out.begin_dictionary();
        use(out);
    };
    EXPECT_DEATH(dictionary([](Writer& out) { out.key("b").integer(1).key("a"); }), "");
    EXPECT_DEATH(dictionary([](Writer& out) { out.key("a").integer(1).key("a"); }), "");
    EXPECT_DEATH(dictionary([](Writer& out) { out.integer(1); }), "");
    EXPECT_DEATH(dictionary([](Writer& out) { out.key("a").key("b"); }), "");
    EXPECT_DEATH(dictionary([](Writer& out) { out.key("a").end(); }), "");
    EXPECT_DEATH(dictionary([](Writer& out) { static_cast<void>(out.take()); }), "");
    EXPECT_DEATH(Writer().integer(1).integer(2), "");
    EXPECT_DEATH(Writer().begin_list().key("a"), "");
    EXPECT_DEATH(Writer().end(), "");
    EXPECT_DEATH(static_cast<void>(Writer().take()), "");
}

}  // namespace
}  // namespace spate::bencode
