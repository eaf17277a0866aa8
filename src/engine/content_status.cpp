// Content: what is said of it to people.
#include <algorithm>

#include "engine/content.h"

namespace spate::engine {

void Content::fill_status(TorrentStatus& status, TimePoint now) const {
    const metainfo::Bitfield& have = files_.store().have();
    if (files_.waiting()) {
        status.error = files_.wait().why();
        status.retry_in = std::max(Duration{}, files_.wait().retry_at() - now);
    }
    status.bytes_total = wanted_.bytes();
    status.bytes_have = wanted_.bytes_there();
    status.bytes_checked = files_.store().bytes_checked();
    status.downloaded = downloads_.downloaded();
    status.uploaded = uploaded();
    status.wasted = downloads_.wasted();
    status.rate_down = downloads_.rate(now);
    status.rate_up = uploads_.rate(now);
    status.pieces_total = have.size();
    status.pieces_have = have.count();
    status.all_available = ready() && downloads_.picker().all_available();
    status.seeds = downloads_.picker().seeds();
    if (status.rate_down > 0 && bytes_left() > 0)
        status.eta = std::chrono::seconds(bytes_left() / status.rate_down + 1);
    fill_bar(status);
}

void Content::fill_bar(TorrentStatus& status) const {
    const metainfo::Bitfield& have = files_.store().have();
    const std::size_t cells = std::min<std::size_t>(TorrentStatus::bar_cells, have.size());
    status.bar.resize(cells);
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const auto begin = static_cast<std::uint32_t>(cell * have.size() / cells);
        const auto end = static_cast<std::uint32_t>((cell + 1) * have.size() / cells);
        std::uint64_t there = 0;
        for (std::uint32_t i = begin; i < end; ++i) there += have.has(metainfo::PieceIndex(i)) ? 1U : 0U;
        status.bar[cell] = static_cast<std::uint8_t>(there * 255 / (end - begin));
    }
}

}  // namespace spate::engine
