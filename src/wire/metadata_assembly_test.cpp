#include "wire/metadata_assembly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "hash/digest.h"
#include "wire/limits.h"

namespace spate::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

enum class Outcome : std::uint8_t { taken, complete, wrong, unasked };

class Assembly : public testing::Test {
  protected:
    Assembly() : truth_(3 * metadata_block_size + 500) {
        for (std::size_t i = 0; i < truth_.size(); ++i) truth_[i] = static_cast<std::uint8_t>(i * 31 >> 4);
        want({hash::sha1(truth_), hash::sha256(truth_)});
    }
    void want(const metainfo::InfoHash& hash) {
        wanted_ = hash;
        assembly_.emplace(hash);
    }
    std::uint32_t size() const { return static_cast<std::uint32_t>(truth_.size()); }
    Bytes block(std::uint32_t index) const {
        const std::size_t at = std::size_t{index} * metadata_block_size;
        return Bytes(truth_).subspan(at, std::min<std::size_t>(metadata_block_size, truth_.size() - at));
    }
    std::optional<std::uint32_t> ask(SourceKey source) {
        const auto request = assembly_->next_request(source, now_);
        return request ? std::optional(request->block) : std::nullopt;
    }
    // Checks what is whole, as the owner does.
    Outcome give(SourceKey source, const MetadataData& data) {
        using Step = MetadataAssembly::Outcome;
        const auto step = assembly_->on_data(source, data, now_);
        if (step != Step::whole) return step == Step::taken ? Outcome::taken : Outcome::unasked;
        EXPECT_FALSE(assembly_->complete());
        EXPECT_FALSE(ask(a_) || ask(b_) || ask(c_));  // until it is checked
        taken_ = assembly_->take();
        assembly_->on_checked(matches(taken_, wanted_));
        return assembly_->complete() ? Outcome::complete : Outcome::wrong;
    }
    Outcome answer(SourceKey source, std::uint32_t index) {
        return give(source, {index, size(), block(index)});
    }
    Outcome lie(SourceKey source, std::uint32_t index) {
        const std::vector<std::uint8_t> bytes(block(index).size(), 0x55);
        return give(source, {index, size(), bytes});
    }
    // Asks it until it has nothing more to say; the last outcome.
    Outcome ask_all(SourceKey source, bool lies) {
        Outcome last = Outcome::taken;
        while (const auto block = ask(source)) last = lies ? lie(source, *block) : answer(source, *block);
        return last;
    }

    std::vector<std::uint8_t> truth_;
    std::vector<std::uint8_t> taken_;
    metainfo::InfoHash wanted_;
    std::optional<MetadataAssembly> assembly_;
    TimePoint now_{};
    SourceKey a_{1}, b_{2}, c_{3};
};

TEST_F(Assembly, ComesFromSeveral) {
    ASSERT_TRUE(assembly_->add_source(a_, size()) && assembly_->add_source(b_, size()));
    EXPECT_EQ(ask(a_), 0U);
    EXPECT_EQ(ask(b_), 1U);
    EXPECT_EQ(ask(a_), 2U);
    EXPECT_EQ(ask(b_), 3U);
    EXPECT_EQ(answer(b_, 3), Outcome::taken);
    EXPECT_EQ(answer(a_, 0), Outcome::taken);
    EXPECT_EQ(answer(a_, 2), Outcome::taken);
    EXPECT_FALSE(assembly_->complete());
    EXPECT_EQ(answer(b_, 1), Outcome::complete);
    EXPECT_TRUE(assembly_->complete());
    EXPECT_EQ(taken_, truth_);
    EXPECT_FALSE(ask(a_));
}

TEST_F(Assembly, BothHashesMustFit) {
    want({hash::sha1(truth_), hash::Sha256{}});
    assembly_->add_source(a_, size());
    EXPECT_EQ(ask_all(a_, false), Outcome::wrong);
}

TEST_F(Assembly, WhatWasNotAskedForIsNotTaken) {
    EXPECT_EQ(answer(a_, 0), Outcome::unasked);
    assembly_->add_source(a_, size());
    EXPECT_EQ(answer(a_, 0), Outcome::unasked);
    ASSERT_EQ(ask(a_), 0U);
    EXPECT_EQ(answer(a_, 1), Outcome::unasked);
    EXPECT_EQ(give(a_, {0, size() + 1, block(0)}), Outcome::unasked);
    EXPECT_EQ(give(a_, {0, size(), block(0).first(100)}), Outcome::unasked);
    EXPECT_EQ(answer(a_, 0), Outcome::taken);
    EXPECT_EQ(answer(a_, 0), Outcome::unasked);
    EXPECT_FALSE(assembly_->on_reject(a_, {0}, now_));
    EXPECT_FALSE(assembly_->on_reject(b_, {0}, now_));
}

// Row 42: the liar is found by asking one alone, and the honest ones are not blamed.
TEST_F(Assembly, ALiarAmongOthersIsFound) {
    for (const SourceKey source : {a_, b_, c_}) assembly_->add_source(source, size());
    ASSERT_EQ(ask(a_), 0U);
    ASSERT_EQ(ask(b_), 1U);
    ASSERT_EQ(ask(c_), 2U);
    ASSERT_EQ(ask(c_), 3U);
    answer(a_, 0);
    lie(b_, 1);
    answer(c_, 2);
    EXPECT_EQ(answer(c_, 3), Outcome::wrong);
    EXPECT_THAT(assembly_->liars(), IsEmpty());
    EXPECT_EQ(ask(b_), 0U);  // whoever comes first is asked for all of it
    EXPECT_FALSE(ask(a_));
    lie(b_, 0);
    EXPECT_EQ(ask_all(b_, true), Outcome::wrong);
    EXPECT_THAT(assembly_->liars(), ElementsAre(b_));
    EXPECT_THAT(assembly_->liars(), IsEmpty());
    EXPECT_FALSE(ask(b_));
    EXPECT_EQ(ask_all(c_, false), Outcome::complete);
}

TEST_F(Assembly, ALiarAloneIsFoundAtOnce) {
    assembly_->add_source(a_, size());
    EXPECT_EQ(ask_all(a_, true), Outcome::wrong);
    EXPECT_THAT(assembly_->liars(), ElementsAre(a_));
}

TEST_F(Assembly, TheOneAskedAloneMayFallSilentOrGo) {
    for (const SourceKey source : {a_, b_}) assembly_->add_source(source, size());
    ASSERT_EQ(ask(a_), 0U);
    lie(a_, 0);
    for (std::uint32_t i = 1; i < 4; ++i) ASSERT_EQ(ask(b_), i);
    answer(b_, 1);
    answer(b_, 2);
    ASSERT_EQ(answer(b_, 3), Outcome::wrong);
    ASSERT_TRUE(ask(a_));
    EXPECT_FALSE(ask(b_));
    now_ += std::chrono::seconds(20);
    assembly_->on_timeout(now_);
    EXPECT_FALSE(ask(a_));
    ASSERT_TRUE(ask(b_));
    assembly_->remove_source(b_);
    now_ += std::chrono::minutes(1);
    assembly_->on_timeout(now_);
    EXPECT_TRUE(ask(a_));
}

// Row 41: sizes out of range never come here (see ExtensionHandshake); other sizes are kept apart.
TEST_F(Assembly, AWrongSizeDoesNotDisturb) {
    assembly_->add_source(b_, metadata_bytes_max);
    assembly_->add_source(a_, size());
    EXPECT_EQ(ask(b_), 0U);
    EXPECT_EQ(ask_all(a_, false), Outcome::complete);
    EXPECT_EQ(give(b_, {0, metadata_bytes_max, block(0)}), Outcome::taken);
}

TEST_F(Assembly, ASizeDoesNotChange) {
    assembly_->add_source(a_, size());
    EXPECT_TRUE(assembly_->add_source(a_, 100));
    EXPECT_EQ(ask_all(a_, false), Outcome::complete);
}

TEST_F(Assembly, TheSizeThatMoreClaimIsKept) {
    for (std::uint32_t i = 0; i < metadata_sizes_max; ++i) {
        assembly_->add_source(SourceKey(100 + i), 50 + i);
        EXPECT_EQ(ask(SourceKey(100 + i)), 0U);
    }
    assembly_->add_source(a_, size());
    EXPECT_FALSE(ask(a_));
    assembly_->add_source(b_, size());
    EXPECT_EQ(ask_all(a_, false), Outcome::complete);
}

TEST_F(Assembly, SourcesAreBounded) {
    for (std::uint32_t i = 0; i < metadata_sources_max; ++i)
        EXPECT_TRUE(assembly_->add_source(SourceKey(100 + i), size()));
    EXPECT_FALSE(assembly_->add_source(a_, size()));
    assembly_->remove_source(SourceKey(100));
    EXPECT_TRUE(assembly_->add_source(a_, size()));
}

TEST_F(Assembly, WhoRefusesRests) {
    assembly_->add_source(a_, size());
    ASSERT_EQ(ask(a_), 0U);
    EXPECT_TRUE(assembly_->on_reject(a_, {0}, now_));
    EXPECT_FALSE(ask(a_));
    EXPECT_EQ(assembly_->next_timeout(), now_ + std::chrono::minutes(1));
    now_ += std::chrono::minutes(1);
    assembly_->on_timeout(now_);
    EXPECT_EQ(assembly_->next_timeout(), never);
    EXPECT_EQ(ask_all(a_, false), Outcome::complete);
}

TEST_F(Assembly, ALateAnswerIsStillGood) {
    assembly_->add_source(a_, size());
    assembly_->add_source(b_, size());
    for (std::uint32_t i = 0; i < 4; ++i) ASSERT_EQ(ask(a_), i);
    EXPECT_EQ(assembly_->next_timeout(), now_ + std::chrono::seconds(20));
    now_ += std::chrono::seconds(20);
    assembly_->on_timeout(now_);
    EXPECT_EQ(ask(b_), 0U);
    for (const std::uint32_t i : {1U, 2U, 3U}) EXPECT_EQ(answer(a_, i), Outcome::taken);
    EXPECT_EQ(answer(a_, 0), Outcome::complete);
    EXPECT_EQ(answer(b_, 0), Outcome::taken);
}

TEST_F(Assembly, ASlowOneIsHelpedAtTheEnd) {
    assembly_->add_source(a_, size());
    assembly_->add_source(b_, size());
    for (std::uint32_t i = 0; i < 4; ++i) ASSERT_EQ(ask(a_), i);
    EXPECT_EQ(ask(b_), 0U);  // no block is free, so one is asked for twice
    EXPECT_EQ(answer(b_, 0), Outcome::taken);
    EXPECT_EQ(answer(a_, 0), Outcome::taken);
}

TEST_F(Assembly, RequestsAtOnePeerAreFew) {
    truth_.resize(50 * metadata_block_size);
    want({hash::sha1(truth_), {}});
    assembly_->add_source(a_, size());
    for (std::uint32_t i = 0; i < metadata_requests_max; ++i) EXPECT_EQ(ask(a_), i);
    EXPECT_FALSE(ask(a_));
    EXPECT_EQ(answer(a_, 3), Outcome::taken);
    EXPECT_EQ(ask(a_), metadata_requests_max);
}

// As many false sizes as there is room for: of peers that say nothing, and of peers that say just enough.
TEST_F(Assembly, FalseSizesMakeRoom) {
    for (const bool trickle : {false, true}) {
        want({hash::sha1(truth_), std::nullopt});
        constexpr std::uint32_t liars = 4 * metadata_sizes_max;
        for (std::uint32_t i = 0; i < liars; ++i) {
            const std::uint32_t false_size = metadata_bytes_max - i % metadata_sizes_max;
            ASSERT_TRUE(assembly_->add_source(SourceKey(10 + i), false_size));
        }
        ASSERT_TRUE(assembly_->add_source(a_, size()));
        std::map<SourceKey, std::vector<std::uint32_t>> owed;
        for (int second = 0; second < 300 && !assembly_->complete(); ++second) {
            now_ += std::chrono::seconds(1);
            for (std::uint32_t i = 0; i < liars; ++i) {
                const SourceKey liar(10 + i);
                while (const auto block = ask(liar)) owed[liar].push_back(*block);
                if (!trickle || second % 15 != 0 || owed[liar].empty()) continue;
                const std::vector<std::uint8_t> bytes(metadata_block_size, 0x55);
                const std::uint32_t false_size = metadata_bytes_max - i % metadata_sizes_max;
                give(liar, {owed[liar].front(), false_size, bytes});
                owed[liar].erase(owed[liar].begin());
            }
            ask_all(a_, false);
            assembly_->on_timeout(now_);
        }
        EXPECT_TRUE(assembly_->complete()) << trickle;
    }
}

}  // namespace
}  // namespace spate::wire
