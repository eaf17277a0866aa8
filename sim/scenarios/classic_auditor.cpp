#include "sim/scenarios/classic_auditor.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace spate::sim {
namespace {
constexpr Duration pause = std::chrono::milliseconds(400);
constexpr Duration time_limit = std::chrono::seconds(5);
}  // namespace

Auditor::Auditor(io::World& world, std::shared_ptr<const AnnouncedRanges> announced, std::string name,
                 std::string file, Findings findings)
    : world_(world),
      announced_(std::move(announced)),
      name_(std::move(name)),
      file_(std::move(file)),
      findings_(std::move(findings)),
      rng_(world.random.next_u64()),
      timer_(world.reactor.make_timer([this] { stream_ || connecting_ ? rest() : ask(); })) {
    rest();
}

Auditor::~Auditor() = default;

void Auditor::rest() {
    connecting_.reset();
    stream_.reset();
    timer_->arm(world_.reactor.now() + pause);
}

void Auditor::ask() {
    std::vector<std::pair<Address, const AnnouncedRanges::Peer*>> known;
    for (const auto& [address, peer] : announced_->peers())
        if (!peer.ranges.empty() && peer.port != 0) known.emplace_back(address, &peer);
    if (known.empty()) return rest();
    const auto& [address, peer] = known[rng_.below(known.size())];
    const auto& ranges = peer->ranges.ranges();
    const ByteRange available = ranges[rng_.below(ranges.size())];
    ByteRange wanted{available.start + rng_.below(available.size()), available.end};
    wanted.end = std::min(wanted.end, wanted.start + 1 + rng_.below(classic::chunk_bytes_max));
    const auto ask =
        classic::write_chunk_request(classic::ChunkForm::get, name_, wanted, available, file_.size());
    if (!ask) return rest();
    peer_ = {address, peer->port};
    life_ = peer->life;
    unsent_ = ask->text;
    reader_.emplace(classic::ChunkForm::get, ask->asked);
    timer_->arm(world_.reactor.now() + time_limit);
    connecting_ = world_.network.connect(
        peer_, [this](Result<std::unique_ptr<io::Stream>> stream) { on_connected(std::move(stream)); });
}

void Auditor::on_connected(Result<std::unique_ptr<io::Stream>> stream) {
    if (!stream) return rest();
    stream_ = std::move(*stream);
    stream_->set_handler(*this);
    on_writable();
}

void Auditor::on_writable() {
    const std::array parts{as_bytes(unsent_)};
    const auto sent = stream_->write(parts);
    if (!sent) return rest();
    unsent_.erase(0, sent->count);
    unsent_.empty() ? stream_->wait_readable() : stream_->wait_writable();
}

void Auditor::on_readable() {
    std::array<std::uint8_t, 2048> buffer;
    const auto got = stream_->read(buffer);
    if (!got) return rest();
    if (got->at_end)
        reader_->end_of_input();
    else
        reader_->feed(Bytes(buffer).first(got->count));
    if (reader_->verdict() == classic::ChunkVerdict::reading) return stream_->wait_readable();
    judge();
}

void Auditor::judge() {
    using enum classic::ChunkVerdict;
    const auto verdict = reader_->verdict();
    const auto asked = reader_->asked();
    const bool same_life = announced_->peers().at(peer_.address).life == life_;
    const auto who = peer_.text() + ", which announced " + std::to_string(asked.start) + " to " +
                     std::to_string(asked.end) + ", ";
    if (verdict == complete && reader_->data() == std::string_view(file_).substr(asked.start, asked.size())) {
        findings_.on_right();
    } else if (verdict == complete && same_life) {
        findings_.on_lie(who + "has other bytes there");
    } else if (verdict != short_end && same_life) {
        findings_.on_lie(who + "does not give it: " + reader_->detail());
    }
    rest();
}

}  // namespace spate::sim
