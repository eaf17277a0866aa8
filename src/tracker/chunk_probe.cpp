#include "tracker/chunk_probe.h"

#include <array>
#include <utility>

#include "base/assert.h"

namespace spate::tracker {

using classic::ChunkVerdict;

ChunkProbe::ChunkProbe(io::World world, const Endpoint& peer, std::string name, ByteRange chunk,
                       std::uint64_t file_size, OnProbed on_probed)
    : world_(world),
      peer_(peer),
      name_(std::move(name)),
      chunk_(chunk),
      file_size_(file_size),
      on_probed_(std::move(on_probed)) {
    try_form();
}

void ChunkProbe::try_form() {
    while (form_ < classic::chunk_form_fallbacks.size()) {
        const auto form = classic::chunk_form_fallbacks[form_];
        auto ask = classic::write_chunk_request(form, name_, chunk_, {0, file_size_}, file_size_);
        if (ask) {
            unsent_ = std::move(ask->text);
            reader_.emplace(form, ask->asked);
            connecting_ = world_.network.connect(
                peer_, [this](Result<std::unique_ptr<io::Stream>> stream) { connected(std::move(stream)); });
            return;
        }
        ++form_;
    }
    end(ProbeResult::refused, first_refusal_);
}

void ChunkProbe::connected(Result<std::unique_ptr<io::Stream>> stream) {
    if (!stream) {
        const bool spoke_before = !first_refusal_.empty();
        return end(spoke_before ? ProbeResult::refused : ProbeResult::unreachable,
                   spoke_before ? first_refusal_ : stream.error().message());
    }
    stream_ = std::move(*stream);
    stream_->set_handler(*this);
    on_writable();
}

void ChunkProbe::on_writable() {
    const std::array parts{as_bytes(unsent_)};
    const auto transfer = stream_->write(parts);
    if (!transfer) {
        reader_->end_of_input();
        return settle();
    }
    unsent_.erase(0, transfer->count);
    unsent_.empty() ? stream_->wait_readable() : stream_->wait_writable();
}

void ChunkProbe::on_readable() {
    std::array<std::uint8_t, 2048> buffer;
    const auto transfer = stream_->read(buffer);
    if (!transfer || transfer->at_end) {
        reader_->end_of_input();
    } else {
        reader_->feed(Bytes(buffer).first(transfer->count));
    }
    settle();
}

void ChunkProbe::settle() {
    if (reader_->verdict() == ChunkVerdict::reading && !reader_->awaits_only_close())
        return stream_->wait_readable();
    if (reader_->verdict() == ChunkVerdict::complete || reader_->awaits_only_close())
        return end(ProbeResult::good, {});
    if (first_refusal_.empty()) {
        const auto detail = reader_->detail();
        first_refusal_ = detail.empty() ? "it did not give the chunk" : detail;
    }
    stream_.reset();
    ++form_;
    try_form();
}

void ChunkProbe::end(ProbeResult result, std::string detail) {
    SPATE_ASSERT(on_probed_);
    auto on_probed = std::move(on_probed_);
    on_probed_ = nullptr;
    on_probed(result, std::move(detail));
}

}  // namespace spate::tracker
