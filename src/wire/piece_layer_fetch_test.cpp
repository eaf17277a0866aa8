#include "wire/piece_layer_fetch.h"

#include <gtest/gtest.h>

#include "wire/limits.h"

namespace spate::wire {
namespace {

constexpr std::uint64_t piece_length = 32 << 10;
constexpr unsigned piece_height = 1;

// A v2 torrent by magnet link: the info dictionary is there, the piece layers are not. One file of so many
// pieces each, the hashes made up (a layer's own are enough).
class LayerFetch : public testing::Test {
  protected:
    void make(const std::vector<std::size_t>& pieces) {
        std::vector<metainfo::File> files;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            auto& layer = layers_.emplace_back();
            for (std::size_t piece = 0; piece < pieces[i]; ++piece)
                layer.push_back(hash::sha256(as_bytes(std::to_string(i) + " " + std::to_string(piece))));
            metainfo::File file;
            file.size = pieces[i] * piece_length;
            file.path = "d/" + std::to_string(i);
            file.pieces_root = hash::root_of_layer(layer, piece_height);
            files.push_back(file);
        }
        torrent_.info.hash.v2.emplace();
        torrent_.info.layout =
            *metainfo::FileLayout::make(files, {}, piece_length, metainfo::FileLayout::Alignment::pieces);
        fetch_.emplace(torrent_);
    }
    std::vector<hash::Sha256> answer(const HashRequest& request) const {
        for (metainfo::FileIndex i; i.value < layers_.size(); ++i) {
            const HashTree tree = hash_tree(torrent_.info.layout, i);
            if (tree.root == request.root) return PieceTree(tree, layers_[i.value]).answer(request);
        }
        return {};
    }
    CloseReason give(SourceKey source, const HashRequest& request) {
        const auto hashes = answer(request);
        return fetch_->on_hashes(source, {request, octets(hashes)});
    }

    std::vector<std::vector<hash::Sha256>> layers_;
    metainfo::Metainfo torrent_;
    std::optional<PieceLayerFetch> fetch_;
    TimePoint now_{};
    SourceKey a_{1}, b_{2};
};

TEST_F(LayerFetch, FetchesWhatIsMissing) {
    make({1, 3, 1300, 2, 512});
    EXPECT_FALSE(fetch_->complete());
    int requests = 0;
    while (const auto request = fetch_->next_request(a_, now_)) {
        EXPECT_LE(request->length, hashes_asked_max);
        EXPECT_EQ(give(a_, *request), CloseReason::none);
        ++requests;
    }
    EXPECT_EQ(requests, 1 + 3 + 1 + 1);  // the file of one piece has no layer
    EXPECT_TRUE(fetch_->complete());
    const auto ready = fetch_->take_ready();
    ASSERT_EQ(ready.size(), 4U);
    for (const auto& layer : ready)
        EXPECT_TRUE(
            torrent_.piece_layers.add(layer.root, layer.file_size, piece_length, octets(layer.hashes)));
    EXPECT_TRUE(torrent_.has_all_piece_layers());
    EXPECT_TRUE(PieceLayerFetch(torrent_).complete());
    EXPECT_TRUE(fetch_->take_ready().empty());
}

TEST_F(LayerFetch, SeveralPeersShareTheWork) {
    make({5000});
    std::vector<HashRequest> asked;
    for (std::size_t i = 0; i < hash_requests_max; ++i) {
        asked.push_back(*fetch_->next_request(a_, now_));
        asked.push_back(*fetch_->next_request(b_, now_));
    }
    EXPECT_FALSE(fetch_->next_request(a_, now_));
    EXPECT_FALSE(fetch_->next_request(b_, now_));
    for (std::size_t i = 0; i < asked.size(); ++i) EXPECT_EQ(asked[i].index, i * 512);
    EXPECT_EQ(give(a_, asked[0]), CloseReason::none);
    EXPECT_TRUE(fetch_->next_request(a_, now_));
}

// Row 45.
TEST_F(LayerFetch, UnaskedHashesAreNotTaken) {
    make({3});
    const HashRequest guess = request_of(hash_tree(torrent_.info.layout, {}), piece_height, 0, 4);
    EXPECT_EQ(give(a_, guess), CloseReason::unasked_hashes);
    EXPECT_EQ(fetch_->on_reject(a_, {guess}, now_), CloseReason::unasked_hashes);
    EXPECT_EQ(fetch_->on_hashes(a_, {HashRequest{.root = {9}}, {}}), CloseReason::unasked_hashes);
    const auto request = fetch_->next_request(a_, now_);
    ASSERT_EQ(request, guess);
    EXPECT_EQ(give(b_, *request), CloseReason::unasked_hashes);
    HashRequest other = *request;
    --other.proof_layers;
    EXPECT_EQ(fetch_->on_hashes(a_, {other, {}}), CloseReason::unasked_hashes);
    EXPECT_EQ(give(a_, *request), CloseReason::none);
    EXPECT_EQ(give(a_, *request), CloseReason::unasked_hashes);
}

// Row 48.
TEST_F(LayerFetch, LiesAreNotTaken) {
    make({700});
    const auto request = *fetch_->next_request(a_, now_);
    auto hashes = answer(request);
    hashes[3][0] ^= 1;
    EXPECT_EQ(fetch_->on_hashes(a_, {request, octets(hashes)}), CloseReason::wrong_hashes);
    EXPECT_EQ(fetch_->next_request(b_, now_), request);
}

TEST_F(LayerFetch, WhoRefusesOrIsSilentRests) {
    make({3});
    const auto request = *fetch_->next_request(a_, now_);
    EXPECT_EQ(fetch_->on_reject(a_, {request}, now_), CloseReason::none);
    EXPECT_FALSE(fetch_->next_request(a_, now_));
    ASSERT_EQ(fetch_->next_request(b_, now_), request);
    EXPECT_EQ(fetch_->next_timeout(), now_ + std::chrono::seconds(20));
    now_ += std::chrono::minutes(1);
    fetch_->on_timeout(now_);
    EXPECT_FALSE(fetch_->next_request(b_, now_));
    ASSERT_EQ(fetch_->next_request(a_, now_), request);
    EXPECT_EQ(give(b_, request), CloseReason::none);  // late, but true
    EXPECT_TRUE(fetch_->complete());
    EXPECT_EQ(give(a_, request), CloseReason::none);
    EXPECT_EQ(fetch_->take_ready().size(), 1U);
    fetch_->on_timeout(now_ + std::chrono::minutes(5));
    EXPECT_EQ(fetch_->next_timeout(), never);
}

TEST_F(LayerFetch, WhoGoesLeavesItsWorkToOthers) {
    make({3, 5});
    const auto first = fetch_->next_request(a_, now_);
    const auto second = fetch_->next_request(a_, now_);
    EXPECT_FALSE(fetch_->next_request(b_, now_));
    fetch_->remove_source(a_);
    EXPECT_EQ(fetch_->next_request(b_, now_), first);
    EXPECT_EQ(fetch_->next_request(b_, now_), second);
}

// One that says nothing, and comes again with a new connection each time it was left.
TEST_F(LayerFetch, WhoGoesAndComesAgainHoldsNothingUp) {
    make({3});
    const auto request = *fetch_->next_request(a_, now_);
    EXPECT_FALSE(fetch_->next_request(b_, now_));
    for (int again = 0; again < 3; ++again) {
        now_ += std::chrono::seconds(1);
        fetch_->remove_source(a_);
        EXPECT_EQ(fetch_->next_request(a_, now_), request);
    }
    EXPECT_EQ(fetch_->next_request(b_, now_), request);
    EXPECT_FALSE(fetch_->next_request(b_, now_));  // once
    fetch_->remove_source(a_);
    EXPECT_EQ(give(b_, request), CloseReason::none);
    EXPECT_TRUE(fetch_->complete());
}

}  // namespace
}  // namespace spate::wire
