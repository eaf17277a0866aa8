#include "catalogue_client/publisher_key.h"

#include <gtest/gtest.h>
#include <optional>

#include "base/rng.h"
#include "catalogue_client/catalogue_client.h"
#include "classic/classic_name.h"
#include "tests/fault_disk.h"

namespace spate::catalogue_client {
namespace {

struct SeededRandom final : io::SecureRandom {
    Rng rng{1};
    void fill(MutableBytes out) override {
        for (auto& octet : out) octet = static_cast<std::uint8_t>(rng.below(256));
    }
};

struct KeyTest : ::testing::Test {
    spate::testing::FaultDisk disk;
    SeededRandom random;
    std::unique_ptr<io::Folder> folder = std::move(*disk.open_folder("/state", io::IfMissing::make));
};

TEST_F(KeyTest, IsMadeOnceAndStays) {
    const auto first = load_or_make_key(*folder, random);
    ASSERT_TRUE(first) << first.error().message();
    const auto again = load_or_make_key(*folder, random);
    ASSERT_TRUE(again);
    EXPECT_EQ(first->public_key(), again->public_key());
    EXPECT_TRUE(hash::is_signed_by(first->public_key(), again->sign(as_bytes("m")), as_bytes("m")));
}

TEST_F(KeyTest, AFileThatHoldsNoKeyIsLeftAlone) {
    for (const std::string_view text : {"", "ed25519 00", "# only words", "ed25519 zz"}) {
        disk.put("/state/publisher.key", {text.begin(), text.end()});
        EXPECT_FALSE(load_or_make_key(*folder, random)) << text;
        EXPECT_EQ(as_text(disk.content("/state/publisher.key")), text);
    }
}

// Else it would be another key, whose owner has published nothing.
TEST_F(KeyTest, AnOctetThatChangedIsSeen) {
    const auto key = load_or_make_key(*folder, random);
    ASSERT_TRUE(key);
    auto text = disk.content("/state/publisher.key");
    const auto begin = as_text(text).find("ed25519 ") + 8;
    for (std::size_t i = begin; i + 1 < text.size(); ++i) {
        auto changed = text;
        changed[i] = changed[i] == '0' ? '1' : '0';
        disk.put("/state/publisher.key", changed);
        EXPECT_FALSE(load_or_make_key(*folder, random)) << i;
    }
    // One of before there was a public key in it.
    text.resize(begin + 64);
    disk.put("/state/publisher.key", text);
    const auto old = load_or_make_key(*folder, random);
    ASSERT_TRUE(old);
    EXPECT_EQ(old->public_key(), key->public_key());
}

// Whatever fails and whenever the power goes: a key that was given is there for ever.
TEST_F(KeyTest, SurvivesABadDisk) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Rng rng(seed);
        spate::testing::FaultDisk bad;
        auto state = std::move(*bad.open_folder("/state", io::IfMissing::make));
        std::optional<hash::PublicKey> given;
        for (int life = 0; life < 4; ++life) {
            bad.fault = [&](const std::string&, const std::string&) { return rng.chance(1, 8) ? EIO : 0; };
            const auto key = load_or_make_key(*state, random);
            bad.fault = {};
            if (key && given) {
                ASSERT_EQ(key->public_key(), *given) << seed;
            }
            if (key) given = key->public_key();
            if (rng.chance(1, 2)) {
                bad.lose_power(rng);
                state = std::move(*bad.open_folder("/state", io::IfMissing::make));
            }
        }
        const auto last = load_or_make_key(*state, random);
        ASSERT_TRUE(last) << seed << last.error().message();
        if (given) {
            ASSERT_EQ(last->public_key(), *given) << seed;
        }
    }
}

TEST(CatalogueName, IsOneTheCatalogueTakes) {
    EXPECT_EQ(catalogue_name("My film.mkv"), "My_film.mkv");
    EXPECT_EQ(catalogue_name("a/../b<c>\x01.txt"), "a.bc.txt");
    EXPECT_EQ(catalogue_name("."), "");
    EXPECT_EQ(catalogue_name("b\xfc"
                             "cher\u202e.p\u00e4"),
              "bcher.p\u00e4");
    Rng rng(1);
    for (int i = 0; i < 20'000; ++i) {
        std::string text(rng.below(rng.chance(1, 10) ? 400 : 8), '\0');
        static constexpr std::string_view odd = "../\\ <>\t\xc3\xa4\xff\x7f";
        for (auto& c : text) {
            c = rng.chance(1, 2) ? odd[rng.below(odd.size())] : static_cast<char>(rng.below(256));
        }
        const auto name = catalogue_name(text);
        ASSERT_TRUE(name.empty() || classic::is_clean_name(name)) << name;
    }
}

}  // namespace
}  // namespace spate::catalogue_client
