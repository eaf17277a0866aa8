#include "metainfo/bitfield.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::metainfo {
namespace {

TEST(Bitfield, WireForm) {
    Bitfield field(10);
    EXPECT_TRUE(field.set(PieceIndex(0)));
    EXPECT_FALSE(field.set(PieceIndex(0)));
    EXPECT_TRUE(field.set(PieceIndex(9)));
    EXPECT_EQ(std::vector(field.bytes().begin(), field.bytes().end()),
              (std::vector<std::uint8_t>{0x80, 0x40}));
    EXPECT_EQ(Bitfield(10, true).bytes()[1], 0xc0);
    EXPECT_TRUE(Bitfield(10, true).all());
    EXPECT_TRUE(Bitfield().all() && Bitfield().none());
}

TEST(Bitfield, FromTheWireRefusesWrongLengthAndSpareBits) {
    const std::array<std::uint8_t, 2> bytes{0xff, 0xc0}, spare{0xff, 0xe0};
    ASSERT_TRUE(Bitfield::from_bytes(bytes, 10));
    EXPECT_EQ(Bitfield::from_bytes(bytes, 10)->count(), 10U);
    EXPECT_TRUE(Bitfield::from_bytes(bytes, 16));
    EXPECT_FALSE(Bitfield::from_bytes(bytes, 17));
    EXPECT_FALSE(Bitfield::from_bytes(bytes, 8));
    EXPECT_FALSE(Bitfield::from_bytes(bytes, 9));
    EXPECT_FALSE(Bitfield::from_bytes(spare, 10));
    EXPECT_TRUE(Bitfield::from_bytes({}, 0));
}

TEST(Bitfield, AgreesWithAVectorOfBools) {
    Rng rng(5);
    for (int round = 0; round < 50; ++round) {
        const auto size = static_cast<std::uint32_t>(1 + rng.below(70));
        Bitfield field(size);
        std::vector<bool> model(size);
        for (int step = 0; step < 200; ++step) {
            const auto at = static_cast<std::uint32_t>(rng.below(size));
            const bool on = rng.chance(1, 2);
            EXPECT_EQ(on ? field.set(PieceIndex(at)) : field.reset(PieceIndex(at)), model[at] != on);
            model[at] = on;
            ASSERT_EQ(field.count(),
                      static_cast<std::uint32_t>(std::count(model.begin(), model.end(), true)));
            const auto from = static_cast<std::uint32_t>(rng.below(size));
            for (const bool wanted : {true, false}) {
                const auto found =
                    wanted ? field.next_set(PieceIndex(from)) : field.next_clear(PieceIndex(from));
                const auto expected = std::find(model.begin() + from, model.end(), wanted);
                ASSERT_EQ(found.has_value(), expected != model.end());
                if (found) {
                    ASSERT_EQ(found->value, static_cast<std::uint32_t>(expected - model.begin()));
                }
            }
        }
        EXPECT_EQ(Bitfield::from_bytes(field.bytes(), size), field);
        Bitfield both(size);
        both.set(PieceIndex(size / 2));
        Bitfield expected = field;
        expected.set(PieceIndex(size / 2));
        both.add(field);
        EXPECT_EQ(both, expected);
        EXPECT_EQ(field.has_any_not_in(Bitfield(size)), !field.none());
        EXPECT_FALSE(field.has_any_not_in(Bitfield(size, true)));
        field.set_all();
        EXPECT_EQ(field, Bitfield(size, true));
        field.clear();
        EXPECT_EQ(field, Bitfield(size));
    }
}

}  // namespace
}  // namespace spate::metainfo
