#include "sim/scenarios/swarm_conversation.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "wire/limits.h"

namespace spate::sim {
namespace {

enum : std::uint8_t {
    choke = 0,
    unchoke = 1,
    have = 4,
    bitfield = 5,
    request = 6,
    piece = 7,
    cancel = 8,
    have_all = 14,
    reject = 16,
    allowed_fast = 17,
    extended = 20,
};

constexpr Duration seen_time = std::chrono::seconds(5);

std::uint32_t number_at(Bytes bytes, std::size_t at) {
    return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
           std::uint32_t{bytes[at + 2]} << 8 | std::uint32_t{bytes[at + 3]};
}

template <class Visit>
void each_bit(Bytes bits, std::uint32_t count, const Visit& visit) {
    for (std::uint32_t i = 0; i < count && i / 8 < bits.size(); ++i)
        if ((bits[i / 8] & (0x80U >> (i % 8))) != 0) visit(i);
}

}  // namespace

bool FrameCutter::feed(Bytes bytes, const OnFrame& on_frame) {
    if (deaf_) return false;
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    if (!pending_.empty() && !greeted_ && pending_.front() != 19) {
        deaf_ = true;
        return false;
    }
    std::size_t at = 0;
    if (!greeted_ && pending_.size() >= handshake_size) {
        std::copy_n(pending_.begin(), handshake_size, handshake_.begin());
        greeted_ = true;
        at = handshake_size;
    }
    while (greeted_ && pending_.size() - at >= 4) {
        const std::uint32_t length = number_at(pending_, at);
        if (length > frame_max) {
            deaf_ = true;
            return false;
        }
        if (pending_.size() - at - 4 < length) break;
        if (length > 0) on_frame({pending_[at + 4], Bytes(pending_).subspan(at + 5, length - 1)});
        at += 4 + length;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
}

MemberTruth::MemberTruth(Host& host, std::shared_ptr<const piece_store::TestTorrent> torrent, Duration grace)
    : host_(host), torrent_(std::move(torrent)), grace_(grace) {
    expect({});
}

void MemberTruth::expect(const engine::AddTorrent& wanted) {
    wanted_.clear();
    for (const auto& file : torrent_->layout().files())
        wanted_.push_back(!file.attributes.pad && (!wanted.wants || wanted.wants(file)));
    const std::uint64_t pieces = torrent_->pieces();
    part_.first = metainfo::PieceIndex(static_cast<std::uint32_t>(pieces * wanted.part.from_percent / 100));
    part_.end = metainfo::PieceIndex(static_cast<std::uint32_t>(pieces * wanted.part.to_percent / 100));
}

void MemberTruth::complain(const std::string& what) {
    simulation().fail(who() + " " + what);
}

// In its file, or in the part file while that file is not there.
bool MemberTruth::piece_is_there(std::uint32_t index) const {
    const auto& layout = torrent_->layout();
    const metainfo::PieceIndex at(index);
    for (const auto& slice : layout.slices(layout.piece_offset(at), layout.piece_size(at))) {
        if (slice.pad) continue;
        const auto& file = layout.file(slice.file);
        const auto right = content_of(slice.file.value).subspan(slice.offset, slice.size);
        if (host_.disk().holds("/data/" + file.path, slice.offset, right)) continue;
        if (!host_.disk().holds("/data/.T.parts", file.offset + slice.offset, right)) return false;
    }
    return true;
}

bool MemberTruth::told_have(std::uint32_t index) {
    const TimePoint now = simulation().now();
    if (now - seen_since_ >= seen_time) {
        seen_.clear();
        seen_since_ = now;
    }
    if (host_.disk().is_losing()) {
        simulation().mark("swarm: have told while a sync fails");
        return true;
    }
    if (seen_.contains(index)) return true;
    told.push_back(index);
    simulation().mark("swarm: have told and looked after");
    if (index >= torrent_->pieces() || !piece_is_there(index)) return false;
    seen_.insert(index);
    return true;
}

// One without bytes may lie behind the end of the address space.
Bytes MemberTruth::content_of(std::uint32_t file) const {
    return torrent_->layout().file(metainfo::FileIndex(file)).size == 0 ? Bytes() : torrent_->file(file);
}

std::optional<std::string> MemberTruth::wrong_file(bool durable) const {
    const auto& layout = torrent_->layout();
    const std::uint64_t part_begin = layout.piece_offset(part_.first);
    const std::uint64_t part_end = layout.piece_offset(part_.end);
    for (std::uint32_t i = 0; i < layout.files().size(); ++i) {
        const auto& file = layout.file(metainfo::FileIndex(i));
        if (!wanted_[i]) continue;
        const std::uint64_t from = std::clamp(part_begin, file.offset, file.offset + file.size) - file.offset;
        const std::uint64_t to = std::clamp(part_end, file.offset, file.offset + file.size) - file.offset;
        if (from == to && file.size > 0) continue;
        const auto path = "/data/" + file.path;
        const auto bytes = durable ? host_.disk().get_durable(path) : host_.disk().get(path);
        if (!bytes) return file.path + ", which is not there,";
        if (bytes->size() != file.size)
            return file.path + " (" + std::to_string(bytes->size()) + " of " + std::to_string(file.size) +
                   " bytes)";
        const auto there = Bytes(*bytes).subspan(from, to - from);
        const auto wrong = std::ranges::mismatch(there, content_of(i).subspan(from, to - from)).in1;
        if (wrong != there.end())
            return file.path + " (at byte " +
                   std::to_string(wrong - there.begin() + static_cast<long>(from)) + ")";
    }
    return std::nullopt;
}

Conversation::~Conversation() {
    forget_all();
    if (counted_) --truth_->talking;
}

void Conversation::count() {
    if (counted_ || !ours_.greeted() || !theirs_.greeted()) return;
    counted_ = true;
    ++truth_->talking;
}

void Conversation::heard(Bytes bytes) {
    theirs_.feed(bytes, [this](const auto& frame) { on_heard(frame); });
    count();
}

void Conversation::said(Bytes bytes) {
    if (std::exchange(output_waits_, false)) waited_at_ = truth_->simulation().now();
    complain_of_untrue();
    ours_.feed(bytes, [this](const auto& frame) { on_said(frame); });
    count();
}

Conversation::Block Conversation::block_of(Bytes body) {
    if (body.size() < 12) return {};
    return {number_at(body, 0), number_at(body, 4), number_at(body, 8)};
}

void Conversation::forget(const Block& block, bool came) {
    const auto it = we_asked_.find(block);
    if (it == we_asked_.end()) return;
    we_asked_.erase(it);
    if (truth_->requests != nullptr) truth_->requests->on_over(block.piece, came);
}

void Conversation::forget_all() {
    while (!we_asked_.empty()) forget(Block(*we_asked_.begin()), false);
}

void Conversation::on_heard(const FrameCutter::Frame& frame) {
    switch (frame.id) {
        case choke:
            if (!choked_) choked_at_ = truth_->simulation().now();
            choked_ = true;
            if (((ours_.reserved(7) & theirs_.reserved(7)) & 0x04) == 0) forget_all();
            break;
        case unchoke:
            choked_ = false;
            break;
        case have:
            if (frame.body.size() == 4) they_have_.insert(number_at(frame.body, 0));
            break;
        case bitfield:
            each_bit(frame.body, truth_->torrent().pieces(), [this](auto i) { they_have_.insert(i); });
            break;
        case have_all:
            they_have_all_ = true;
            break;
        case request:
            they_asked_.insert(block_of(frame.body));
            break;
        case reject:
            forget(block_of(frame.body), false);
            break;
        case allowed_fast:
            if (frame.body.size() == 4) they_allow_.insert(number_at(frame.body, 0));
            break;
        case extended:
            on_their_extensions(frame.body);
            break;
        case piece:
            if (frame.body.size() >= 8)
                forget({number_at(frame.body, 0), number_at(frame.body, 4),
                        static_cast<std::uint32_t>(frame.body.size() - 8)},
                       true);
            break;
        default:
            break;
    }
}

// The first one counts: who changes it later takes what was asked for meanwhile.
void Conversation::on_their_extensions(Bytes body) {
    if (body.empty() || body[0] != 0 || their_queue_) return;
    const auto text = as_text(body);
    static constexpr std::string_view dont_have = "11:lt_donthavei";
    if (const auto number = text.find(dont_have); number != text.npos)
        their_dont_have_ = static_cast<std::uint8_t>(
            std::strtoul(std::string(text.substr(number + dont_have.size(), 3)).c_str(), nullptr, 10));
    const auto at = text.find("4:reqqi");
    if (at != text.npos)
        their_queue_ = std::strtoull(std::string(text.substr(at + 7, 20)).c_str(), nullptr, 10);
}

void Conversation::on_said(const FrameCutter::Frame& frame) {
    switch (frame.id) {
        case choke:
            we_choke_ = true;
            break;
        case unchoke:
            we_choke_ = false;
            break;
        case allowed_fast:
            allowed_fast_.insert(number_at(frame.body, 0));
            break;
        case have:
            on_told(number_at(frame.body, 0));
            break;
        case bitfield:
            each_bit(frame.body, truth_->torrent().pieces(), [this](auto i) { on_told(i); });
            break;
        case have_all:
            for (std::uint32_t i = 0; i < truth_->torrent().pieces(); ++i) on_told(i);
            break;
        case extended:
            on_said_extended(frame.body);
            break;
        case request:
            on_asked(block_of(frame.body));
            break;
        case cancel:
            forget(block_of(frame.body), false);
            break;
        case piece:
            on_sent(frame.body);
            break;
        default:
            break;
    }
}

void Conversation::on_told(std::uint32_t piece) {
    if (truth_->told_have(piece)) return;
    if (waited_at_ == truth_->simulation().now())
        untrue_.try_emplace(piece, waited_at_);
    else
        truth_->complain("tells that it has piece " + std::to_string(piece) + ", which is not on its disk");
}

void Conversation::on_said_extended(Bytes body) {
    if (body.size() != 5 || their_dont_have_ == 0 || body[0] != their_dont_have_) return;
    if (untrue_.erase(number_at(body, 1)) > 0)
        truth_->simulation().mark("swarm: have told late and taken back");
}

void Conversation::complain_of_untrue() {
    for (const auto& [piece, since] : untrue_)
        if (truth_->simulation().now() > since + truth_->grace())
            truth_->complain("told that it has piece " + std::to_string(piece) +
                             ", which was not on its disk, and did not take that back");
}

void Conversation::on_asked(const Block& block) {
    const auto& layout = truth_->torrent().layout();
    const TimePoint now = truth_->simulation().now();
    const auto complain = [&](const std::string& why) {
        truth_->complain("asks for piece " + std::to_string(block.piece) + ", offset " +
                         std::to_string(block.offset) + " length " + std::to_string(block.length) + ", " +
                         why);
    };
    if (block.piece >= layout.piece_count() || block.length == 0 || block.length > metainfo::block_size ||
        std::uint64_t{block.offset} + block.length > layout.piece_size(metainfo::PieceIndex(block.piece)))
        return complain("which is no block");
    if (!they_have_all_ && !they_have_.contains(block.piece)) complain("which the peer never said to have");
    if (choked_ && !they_allow_.contains(block.piece) &&
        now > std::max(choked_at_, waited_at_) + truth_->grace())
        complain("while it is choked");
    we_asked_.insert(block);
    if (truth_->requests != nullptr)
        truth_->requests->on_asked(block.piece, choked_, [this](std::uint32_t piece) {
            return they_have_all_ || they_have_.contains(piece);
        });
    const std::uint64_t most =
        std::min<std::uint64_t>(wire::request_queue_max, their_queue_.value_or(wire::default_request_queue));
    if (we_asked_.size() > std::max<std::uint64_t>(most, 1))
        complain("with " + std::to_string(we_asked_.size()) + " requests waiting where " +
                 std::to_string(most) + " are taken");
}

void Conversation::on_sent(Bytes body) {
    if (body.size() < 8) return truth_->complain("sends a block without a header");
    const Block block{number_at(body, 0), number_at(body, 4), static_cast<std::uint32_t>(body.size() - 8)};
    const auto asked = they_asked_.find(block);
    if (asked == they_asked_.end()) return truth_->complain("sends a block that nobody asked for");
    they_asked_.erase(asked);
    if (we_choke_ && !allowed_fast_.contains(block.piece))
        truth_->complain("sends piece " + std::to_string(block.piece) + " to a peer it chokes");
    if (block.piece >= truth_->torrent().pieces()) return truth_->complain("sends a block of no piece");
    const Bytes right = truth_->torrent().piece(block.piece);
    if (block.offset + std::uint64_t{block.length} > right.size() ||
        !std::ranges::equal(body.subspan(8), right.subspan(block.offset, block.length)))
        truth_->complain("sends wrong bytes of piece " + std::to_string(block.piece));
}

}  // namespace spate::sim
