#include "sim/scenarios/swarm_evil_peer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "metainfo/info_hash.h"
#include "sim/scenarios/swarm_conversation.h"

namespace spate::sim {
namespace {

constexpr std::size_t sessions_max = 64;
constexpr Duration call_pause = std::chrono::seconds(20);
constexpr std::uint32_t no_limit = 0xffff'ffff;

constexpr std::array<std::string_view, evil_swarm_kinds> names{
    "giant length",   "bad bitfield",    "bad requests",   "request flood",     "huge queue",
    "corrupt blocks", "unasked blocks",  "fast drain",     "slow loris",        "duplicates",
    "have mixes",     "lying have",      "choke games",    "metadata size",     "false metadata",
    "metadata flood", "extension games", "unasked hashes", "bad hash requests", "hash flood",
    "false hashes",   "false v2",        "pex flood",      "free rider",        "small queue"};

enum : std::uint8_t {
    choke = 0,
    unchoke = 1,
    interested = 2,
    not_interested = 3,
    have = 4,
    bitfield = 5,
    request = 6,
    piece = 7,
    suggest = 13,
    have_all = 14,
    have_none = 15,
    reject = 16,
    allowed_fast = 17,
    extended = 20,
    hash_request = 21,
    hashes = 22,
};
// As the members name them in their extension handshakes.
constexpr std::uint8_t their_metadata = 3;
constexpr std::uint8_t their_pex = 4;
constexpr std::uint8_t our_metadata = 9;

using Buffer = std::vector<std::uint8_t>;

void put(Buffer& out, std::uint32_t number) {
    for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(number >> shift));
}
void put(Buffer& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
}
void put(Buffer& out, Bytes bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}
std::uint32_t number_at(Bytes bytes, std::size_t at) {
    return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
           std::uint32_t{bytes[at + 2]} << 8 | std::uint32_t{bytes[at + 3]};
}

}  // namespace

std::string_view name(EvilKind kind) {
    return names.at(static_cast<std::size_t>(kind));
}

class EvilSwarmPeer::Session final : public io::StreamHandler {
  public:
    Session(EvilSwarmPeer& peer, std::uint64_t number, std::unique_ptr<io::Stream> stream, bool called)
        : peer_(peer),
          number_(number),
          stream_(std::move(stream)),
          timer_(peer.world_.reactor.make_timer([this] { trickle(); })) {
        stream_->set_handler(*this);
        stream_->wait_readable();
        // Who is the victim itself must hear its id first.
        const bool mirrors = kind() == EvilKind::duplicates && !called && peer_.rng_.chance(1, 2);
        if (!mirrors) greet(peer_.id_);
    }
    std::uint64_t number() const { return number_; }

  private:
    EvilKind kind() const { return peer_.settings_.kind; }
    const piece_store::TestTorrent& torrent() const { return *peer_.settings_.torrent; }
    std::uint32_t pieces() const { return torrent().pieces(); }
    Rng& rng() { return peer_.rng_; }

    void on_readable() override {
        std::array<std::uint8_t, 16384> buffer;
        const auto got = stream_->read(buffer);
        if (!got || got->at_end) return peer_.over(this);
        const Bytes bytes = Bytes(buffer).first(got->count);
        if (their_handshake_.size() < FrameCutter::handshake_size) put(their_handshake_, bytes);
        cutter_.feed(bytes, [this](const auto& frame) { answer(frame); });
        if (cutter_.greeted() && !acted_) {
            acted_ = true;
            if (!greeted_) {
                std::array<std::uint8_t, 20> their_id{};
                std::copy_n(their_handshake_.begin() + 48, 20, their_id.begin());
                greet(their_id);
            }
            act();
        }
        if (reads_) stream_->wait_readable();
        flush();
    }
    void on_writable() override { flush(); }

    void greet(const std::array<std::uint8_t, 20>& id) {
        greeted_ = true;
        const auto& hash = torrent().metainfo->info.hash;
        const hash::Sha1 swarm = hash.v1 ? *hash.v1 : metainfo::truncated(*hash.v2);
        Buffer hello{19};
        put(hello, std::string_view("BitTorrent protocol"));
        const bool v2 = kind() == EvilKind::false_v2 || kind() == EvilKind::false_hashes;
        for (const int octet : {0, 0, 0, 0, 0, 0x10, 0, v2 ? 0x14 : 0x04})
            hello.push_back(static_cast<std::uint8_t>(octet));
        put(hello, Bytes(swarm));
        put(hello, Bytes(id));
        if (kind() == EvilKind::slow_loris) {
            slow_.assign(hello.begin() + 20, hello.end());
            hello.resize(20);
            met();
            trickle();
        }
        put(out_, hello);
        flush();
    }

    void met() { peer_.simulation_.mark("evil: " + std::string(name(kind()))); }

    void frame(std::uint8_t id, Bytes body = {}) {
        put(out_, static_cast<std::uint32_t>(body.size() + 1));
        out_.push_back(id);
        put(out_, body);
    }
    void numbers(std::uint8_t id, std::initializer_list<std::uint32_t> values) {
        Buffer body;
        for (const std::uint32_t value : values) put(body, value);
        frame(id, body);
    }
    void extension(std::uint8_t id, std::string_view text, Bytes rest = {}) {
        Buffer body{id};
        put(body, text);
        put(body, rest);
        frame(extended, body);
    }
    void hello(std::string_view size, std::string_view more = {}) {
        extension(0, "d1:md11:ut_metadatai9ee13:metadata_sizei" + std::string(size) + "e" +
                         std::string(more) + "e");
    }
    std::string right_size() const { return std::to_string(torrent().metainfo->info.raw.size()); }
    void hash_range(std::uint8_t id, const hash::Sha256& root, std::initializer_list<std::uint32_t> range,
                    std::size_t hashes_after = 0) {
        Buffer body;
        put(body, Bytes(root));
        for (const std::uint32_t value : range) put(body, value);
        body.resize(body.size() + 32 * hashes_after, 0x5a);
        frame(id, body);
    }
    hash::Sha256 some_root() const {
        for (const auto& file : torrent().layout().files())
            if (file.pieces_root != hash::Sha256{}) return file.pieces_root;
        return {};
    }

    // Once both handshakes are through.
    void act() {
        if (kind() != EvilKind::slow_loris) met();
        switch (kind()) {
            case EvilKind::giant_length:
                if (rng().chance(1, 2)) return numbers_raw({no_limit, 0x07000000});
                return frame(have, Buffer(1000));
            case EvilKind::bad_bitfield:
                return send_bad_bitfield();
            case EvilKind::bad_requests:
                numbers(interested, {});
                for (int i = 0; i < 500; ++i) {
                    numbers(request, {pieces(), 0, 16384});
                    numbers(request, {0, no_limit - 100, 16384});
                    numbers(request, {0, 0, no_limit});
                    numbers(request, {0, 0, 0});
                }
                return;
            case EvilKind::request_flood:
                reads_ = false;
                numbers(interested, {});
                for (std::uint32_t i = 0; i < 20'000; ++i)
                    numbers(request,
                            {i % pieces(), 0,
                             std::min<std::uint32_t>(
                                 16384, torrent().layout().piece_size(metainfo::PieceIndex(i % pieces())))});
                return;
            case EvilKind::huge_queue:
                extension(0, "d1:mde4:reqqi4294967295ee");
                numbers(have_all, {});
                return numbers(unchoke, {});
            case EvilKind::corrupt_blocks:
            case EvilKind::lying_have:
                numbers(have_all, {});
                return numbers(unchoke, {});
            case EvilKind::unasked_blocks:
                numbers(have_all, {});
                numbers(unchoke, {});
                for (std::uint32_t i = 0; i < 100; ++i) send_block(i % pieces(), 0, 16384, true);
                return;
            case EvilKind::fast_drain:
                return;
            case EvilKind::slow_loris:
            case EvilKind::duplicates:
                return numbers(have_none, {});
            case EvilKind::have_mixes:
                if (rng().chance(1, 2)) {
                    numbers(have_all, {});
                    numbers(have_none, {});
                } else {
                    for (std::uint32_t i = 0; i < 1000; ++i) {
                        numbers(suggest, {i % pieces()});
                        numbers(allowed_fast, {i % pieces()});
                    }
                    numbers(suggest, {no_limit});
                }
                return frame(bitfield, Buffer((pieces() + 7) / 8));
            case EvilKind::choke_games:
                numbers(have_all, {});
                for (int i = 0; i < 2000; ++i) {
                    numbers(unchoke, {});
                    numbers(interested, {});
                    numbers(choke, {});
                    numbers(not_interested, {});
                }
                return;
            case EvilKind::metadata_size:
                for (const std::string_view size : {"4294967295", "31000000", "-1", "0", "1", "20000"})
                    hello(size);
                return;
            case EvilKind::false_metadata:
            case EvilKind::false_hashes:
                hello(right_size());
                if (kind() == EvilKind::false_hashes) numbers(have_all, {});
                return;
            case EvilKind::metadata_flood:
                reads_ = false;
                hello(right_size());
                for (int i = 0; i < 5000; ++i) extension(their_metadata, "d8:msg_typei0e5:piecei0ee");
                return;
            case EvilKind::extension_games:
                extension(0, "d1:md11:ut_metadatai7e6:ut_pexi7eee");
                extension(0, "d1:md11:ut_metadatai0e6:ut_pexi255eee");
                extension(0, "d1:md11:ut_metadatai-1e6:ut_pexi99999999999999999999eee");
                extension(200, "nobody knows this one");
                if (rng().chance(1, 2)) extension(0, "this is no bencode");
                return;
            case EvilKind::unasked_hashes:
                hash::Sha256 unknown;
                unknown.fill(0x77);
                return hash_range(hashes, unknown, {0, 0, 2, 0}, 2);
            case EvilKind::bad_hash_requests:
                for (int i = 0; i < 50; ++i) {
                    hash_range(hash_request, some_root(), {0, 0, 3, 0});
                    hash_range(hash_request, some_root(), {0, no_limit, 512, 60});
                    hash_range(hash_request, some_root(), {no_limit, 0, 512, 0});
                    hash_range(hash_request, some_root(), {0, 0, 1 << 30, no_limit});
                    hash_range(hash_request, {}, {0, 0, 2, 1});
                }
                return;
            case EvilKind::hash_flood:
                reads_ = false;
                for (int i = 0; i < 5000; ++i) hash_range(hash_request, some_root(), {0, 0, 2, 0});
                return;
            case EvilKind::false_v2:
                hash_range(hash_request, {}, {0, 0, 2, 0});
                return hash_range(hashes, {}, {0, 0, 2, 0}, 2);
            case EvilKind::free_rider:
                numbers(have_none, {});
                return numbers(interested, {});
            case EvilKind::small_queue:
                extension(0, "d1:mde4:reqqi3ee");
                numbers(have_all, {});
                return numbers(unchoke, {});
            case EvilKind::pex_flood:
                for (std::uint8_t i = 0; i < 100; ++i) {
                    Buffer contacts;
                    for (std::uint8_t k = 0; k < 50; ++k)
                        put(contacts, Bytes(std::array<std::uint8_t, 6>{10, 9, i, k, 26, 225}));
                    std::string message = "d5:added300:";
                    message.append(contacts.begin(), contacts.end());
                    extension(their_pex, message + "e");
                }
                return;
        }
    }

    void numbers_raw(std::initializer_list<std::uint32_t> values) {
        for (const std::uint32_t value : values) put(out_, value);
    }

    void send_bad_bitfield() {
        const std::size_t right = (pieces() + 7) / 8;
        switch (rng().below(4)) {
            case 0:
                return frame(bitfield, Buffer(right - 1, 0xff));
            case 1:
                return frame(bitfield, Buffer(right + 1, 0xff));
            case 2:
                if (pieces() % 8 != 0) return frame(bitfield, Buffer(right, 0xff));
                [[fallthrough]];
            default:
                frame(bitfield, Buffer(right));
                frame(bitfield, Buffer(right));
        }
    }

    void send_block(std::uint32_t index, std::uint32_t offset, std::uint32_t length, bool wrong) {
        const Bytes all = torrent().piece(index);
        if (offset >= all.size()) return;
        length = std::min<std::uint32_t>(length, static_cast<std::uint32_t>(all.size()) - offset);
        Buffer body;
        put(body, index);
        put(body, offset);
        put(body, all.subspan(offset, length));
        if (wrong) body[8 + rng().below(length)] ^= 0x10;
        frame(piece, body);
    }

    void answer(const FrameCutter::Frame& got) {
        if (got.id == request && got.body.size() == 12) {
            const std::uint32_t index = number_at(got.body, 0);
            const std::uint32_t offset = number_at(got.body, 4);
            const std::uint32_t length = number_at(got.body, 8);
            if (kind() == EvilKind::corrupt_blocks) send_block(index, offset, length, rng().chance(3, 4));
            if (kind() == EvilKind::lying_have) numbers(reject, {index, offset, length});
            if (kind() == EvilKind::small_queue) send_block(index, offset, length, false);
        }
        if (kind() == EvilKind::free_rider) ride(got);
        if (got.id == allowed_fast && got.body.size() == 4 && kind() == EvilKind::fast_drain)
            for (int i = 0; i < 1000; ++i) numbers(request, {number_at(got.body, 0), 0, 1});
        if (got.id == hash_request && got.body.size() == 48 && kind() == EvilKind::false_hashes) {
            Buffer body(got.body.begin(), got.body.end());
            const std::size_t count = std::min<std::uint32_t>(number_at(got.body, 40), 512);
            body.resize(body.size() + 32 * (count + rng().below(4)), 0x11);
            frame(hashes, body);
        }
        if (got.id == extended && got.body.size() > 1 && got.body[0] == our_metadata) give_metadata(got.body);
    }

    // A few blocks at a time of what there is, for as long as it is served.
    void ride(const FrameCutter::Frame& got) {
        if (got.id == piece && got.body.size() > 8)
            (*peer_.settings_.taken)[stream_->remote().address] += got.body.size() - 8;
        if (got.id == piece || got.id == reject) --riding_;
        if (got.id == choke) riding_ = 0;
        if (got.id == choke || got.id == unchoke) served_ = got.id == unchoke;
        if (got.id == have && got.body.size() == 4) there_.push_back(number_at(got.body, 0));
        for (std::uint32_t i = 0; i < pieces(); ++i)
            if (got.id == have_all || (got.id == bitfield && i / 8 < got.body.size() &&
                                       (got.body[i / 8] & (0x80U >> (i % 8))) != 0))
                there_.push_back(i);
        for (; served_ && !there_.empty() && got.id != reject && riding_ < 8; ++riding_) {
            const auto index = there_[rng().below(there_.size())];
            const auto size = torrent().layout().piece_size(metainfo::PieceIndex(index));
            numbers(request, {index, 0, std::min<std::uint32_t>(16384, size)});
        }
    }

    void give_metadata(Bytes body) {
        if (kind() != EvilKind::false_metadata && kind() != EvilKind::false_hashes) return;
        const auto text = as_text(body.subspan(1));
        const auto at = text.find("5:piecei");
        if (!text.contains("msg_typei0e") || at == std::string_view::npos) return;
        const auto block = static_cast<std::size_t>(std::atoi(std::string(text.substr(at + 8)).c_str()));
        const Bytes raw(torrent().metainfo->info.raw);
        if (block * 16384 >= raw.size()) return;
        const Bytes part =
            raw.subspan(block * 16384, std::min<std::size_t>(16384, raw.size() - block * 16384));
        Buffer data(part.begin(), part.end());
        if (kind() == EvilKind::false_metadata) data[rng().below(data.size())] ^= 1;
        extension(their_metadata,
                  "d8:msg_typei1e5:piecei" + std::to_string(block) + "e10:total_sizei" + right_size() + "ee",
                  data);
    }

    void trickle() {
        if (slow_.empty()) return;
        out_.push_back(slow_.front());
        slow_.erase(slow_.begin());
        timer_->arm(peer_.world_.reactor.now() + std::chrono::minutes(1));
        flush();
    }

    void flush() {
        while (sent_ < out_.size()) {
            const std::array parts{Bytes(out_).subspan(sent_)};
            const auto sent = stream_->write(parts);
            if (!sent) return;  // the end of the input tells
            if (sent->would_block) return stream_->wait_writable();
            sent_ += sent->count;
        }
        out_.clear();
        sent_ = 0;
    }

    EvilSwarmPeer& peer_;
    const std::uint64_t number_;
    FrameCutter cutter_;
    Buffer their_handshake_;
    Buffer out_;
    std::size_t sent_ = 0;
    Buffer slow_;
    bool reads_ = true;
    bool greeted_ = false;
    bool acted_ = false;
    bool served_ = false;
    int riding_ = 0;  // requests of a free rider
    std::vector<std::uint32_t> there_;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Timer> timer_;
};

EvilSwarmPeer::EvilSwarmPeer(io::World& world, Simulation& simulation, EvilSettings settings)
    : world_(world),
      simulation_(simulation),
      settings_(std::move(settings)),
      rng_(settings_.seed),
      call_timer_(world.reactor.make_timer([this] { call(); })) {
    for (auto& octet : id_) octet = static_cast<std::uint8_t>(rng_.below(256));
    if (auto listener = world_.network.listen({Address::v4(0, 0, 0, 0), port}, *this))
        listener_ = std::move(*listener);
    call_timer_->arm(world_.reactor.now() + std::chrono::milliseconds(100 + rng_.below(3000)));
}

EvilSwarmPeer::~EvilSwarmPeer() = default;

void EvilSwarmPeer::on_accept(std::unique_ptr<io::Stream> stream) {
    if (sessions_.size() >= sessions_max) return;
    const std::uint64_t number = next_++;
    sessions_[number] = std::make_unique<Session>(*this, number, std::move(stream), false);
}

void EvilSwarmPeer::call() {
    const bool many = settings_.kind == EvilKind::slow_loris || settings_.kind == EvilKind::duplicates;
    for (const Endpoint& victim : settings_.victims)
        for (int i = 0; i < (many ? 6 : 1); ++i) call_on(victim);
    call_timer_->arm(world_.reactor.now() + call_pause);
}

void EvilSwarmPeer::call_on(const Endpoint& victim) {
    if (sessions_.size() + calls_.size() >= sessions_max) return;
    const std::uint64_t number = next_++;
    calls_[number] =
        world_.network.connect(victim, [this, number](Result<std::unique_ptr<io::Stream>> stream) {
            calls_.erase(number);
            if (stream)
                sessions_[number] = std::make_unique<Session>(*this, number, std::move(*stream), true);
        });
}

void EvilSwarmPeer::over(Session* session) {
    sessions_.erase(session->number());
}

}  // namespace spate::sim
