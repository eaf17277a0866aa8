#include "sim/scenarios/evil_acts.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

namespace spate::sim {
namespace {

// As the members name them in their extension handshakes; and as we name it in ours.
constexpr std::uint8_t their_metadata = 3;
constexpr std::uint8_t their_pex = 4;
constexpr std::uint8_t our_metadata = 9;

using Frame = FrameCutter::Frame;

// --- parts of several acts

void have_nothing(EvilLine& line) {
    line.out.numbers(RawId::have_none, {});
}

void have_everything(EvilLine& line) {
    line.out.numbers(RawId::have_all, {});
    line.out.numbers(RawId::unchoke, {});
}

std::string right_size(const EvilLine& line) {
    return std::to_string(line.torrent.metainfo->info.raw.size());
}

void send_block(EvilLine& line, std::uint32_t index, std::uint32_t offset, std::uint32_t length, bool wrong) {
    const Bytes all = line.torrent.piece(index);
    if (offset >= all.size()) return;
    length = std::min<std::uint32_t>(length, static_cast<std::uint32_t>(all.size()) - offset);
    RawBuffer body;
    put(body, index);
    put(body, offset);
    put(body, all.subspan(offset, length));
    if (wrong) body[8 + line.rng.below(length)] ^= 0x10;
    line.out.frame(RawId::piece, body);
}

// Calls with index, offset and length if it is a request.
template <class Answer>
void on_request(const Frame& got, const Answer& answer) {
    if (got.id == RawId::request && got.body.size() == 12)
        answer(number_at(got.body, 0), number_at(got.body, 4), number_at(got.body, 8));
}

void give_metadata(EvilLine& line, const Frame& got, bool wrong) {
    if (got.id != RawId::extended || got.body.size() <= 1 || got.body[0] != our_metadata) return;
    const auto text = as_text(got.body.subspan(1));
    const auto at = text.find("5:piecei");
    if (!text.contains("msg_typei0e") || at == std::string_view::npos) return;
    const auto block = static_cast<std::size_t>(std::atoi(std::string(text.substr(at + 8)).c_str()));
    const Bytes raw(line.torrent.metainfo->info.raw);
    if (block * 16384 >= raw.size()) return;
    const Bytes part = raw.subspan(block * 16384, std::min<std::size_t>(16384, raw.size() - block * 16384));
    RawBuffer data(part.begin(), part.end());
    if (wrong) data[line.rng.below(data.size())] ^= 1;
    line.out.extension(
        their_metadata,
        "d8:msg_typei1e5:piecei" + std::to_string(block) + "e10:total_sizei" + right_size(line) + "ee", data);
}

// --- lengths, bitfields, requests

void giant_length(EvilLine& line) {
    if (line.rng.chance(1, 2)) return line.out.raw({no_limit, 0x07000000});
    line.out.frame(RawId::have, RawBuffer(1000));
}

void bad_bitfield(EvilLine& line) {
    const std::size_t right = (line.pieces() + 7) / 8;
    switch (line.rng.below(4)) {
        case 0:
            return line.out.frame(RawId::bitfield, RawBuffer(right - 1, 0xff));
        case 1:
            return line.out.frame(RawId::bitfield, RawBuffer(right + 1, 0xff));
        case 2:
            if (line.pieces() % 8 != 0) return line.out.frame(RawId::bitfield, RawBuffer(right, 0xff));
            [[fallthrough]];
        default:
            line.out.frame(RawId::bitfield, RawBuffer(right));
            line.out.frame(RawId::bitfield, RawBuffer(right));
    }
}

void bad_requests(EvilLine& line) {
    line.out.numbers(RawId::interested, {});
    for (int i = 0; i < 500; ++i) {
        line.out.numbers(RawId::request, {line.pieces(), 0, 16384});
        line.out.numbers(RawId::request, {0, no_limit - 100, 16384});
        line.out.numbers(RawId::request, {0, 0, no_limit});
        line.out.numbers(RawId::request, {0, 0, 0});
    }
}

void request_flood(EvilLine& line) {
    line.out.numbers(RawId::interested, {});
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        const std::uint32_t index = i % line.pieces();
        line.out.numbers(RawId::request, {index, 0, std::min<std::uint32_t>(16384, line.piece_size(index))});
    }
}

void huge_queue(EvilLine& line) {
    line.out.extension(0, "d1:mde4:reqqi4294967295ee");
    have_everything(line);
}

void small_queue(EvilLine& line) {
    line.out.extension(0, "d1:mde4:reqqi3ee");
    have_everything(line);
}

void serve_all(EvilLine& line, const Frame& got) {
    on_request(got, [&](std::uint32_t index, std::uint32_t offset, std::uint32_t length) {
        send_block(line, index, offset, length, false);
    });
}

void serve_wrong(EvilLine& line, const Frame& got) {
    on_request(got, [&](std::uint32_t index, std::uint32_t offset, std::uint32_t length) {
        send_block(line, index, offset, length, line.rng.chance(3, 4));
    });
}

void refuse_all(EvilLine& line, const Frame& got) {
    on_request(got, [&](std::uint32_t index, std::uint32_t offset, std::uint32_t length) {
        line.out.numbers(RawId::reject, {index, offset, length});
    });
}

void unasked_blocks(EvilLine& line) {
    have_everything(line);
    for (std::uint32_t i = 0; i < 100; ++i) send_block(line, i % line.pieces(), 0, 16384, true);
}

void drain_fast(EvilLine& line, const Frame& got) {
    if (got.id != RawId::allowed_fast || got.body.size() != 4) return;
    for (int i = 0; i < 1000; ++i) line.out.numbers(RawId::request, {number_at(got.body, 0), 0, 1});
}

void have_mixes(EvilLine& line) {
    if (line.rng.chance(1, 2)) {
        line.out.numbers(RawId::have_all, {});
        line.out.numbers(RawId::have_none, {});
    } else {
        for (std::uint32_t i = 0; i < 1000; ++i) {
            line.out.numbers(RawId::suggest, {i % line.pieces()});
            line.out.numbers(RawId::allowed_fast, {i % line.pieces()});
        }
        line.out.numbers(RawId::suggest, {no_limit});
    }
    line.out.frame(RawId::bitfield, RawBuffer((line.pieces() + 7) / 8));
}

void choke_games(EvilLine& line) {
    line.out.numbers(RawId::have_all, {});
    for (int i = 0; i < 2000; ++i)
        for (const std::uint8_t id : {RawId::unchoke, RawId::interested, RawId::choke, RawId::not_interested})
            line.out.numbers(id, {});
}

void ask_all(EvilLine& line) {
    line.out.numbers(RawId::have_none, {});
    line.out.numbers(RawId::interested, {});
}

void ride(EvilLine& line, const Frame& got) {
    line.rider.feed(got, line.torrent, line.rng, line.out);
}

// --- extensions and hashes

void metadata_size(EvilLine& line) {
    for (const std::string_view size : {"4294967295", "31000000", "-1", "0", "1", "20000"})
        line.out.hello(size);
}

void offer_metadata(EvilLine& line) {
    line.out.hello(right_size(line));
}

void false_metadata(EvilLine& line, const Frame& got) {
    give_metadata(line, got, true);
}

void metadata_flood(EvilLine& line) {
    offer_metadata(line);
    for (int i = 0; i < 5000; ++i) line.out.extension(their_metadata, "d8:msg_typei0e5:piecei0ee");
}

void extension_games(EvilLine& line) {
    line.out.extension(0, "d1:md11:ut_metadatai7e6:ut_pexi7eee");
    line.out.extension(0, "d1:md11:ut_metadatai0e6:ut_pexi255eee");
    line.out.extension(0, "d1:md11:ut_metadatai-1e6:ut_pexi99999999999999999999eee");
    line.out.extension(200, "nobody knows this one");
    if (line.rng.chance(1, 2)) line.out.extension(0, "this is no bencode");
}

void pex_flood(EvilLine& line) {
    for (std::uint8_t i = 0; i < 100; ++i) {
        RawBuffer contacts;
        for (std::uint8_t k = 0; k < 50; ++k)
            put(contacts, Bytes(std::array<std::uint8_t, 6>{10, 9, i, k, 26, 225}));
        std::string message = "d5:added300:";
        message.append(contacts.begin(), contacts.end());
        line.out.extension(their_pex, message + "e");
    }
}

void unasked_hashes(EvilLine& line) {
    hash::Sha256 unknown;
    unknown.fill(0x77);
    line.out.hash_range(RawId::hashes, unknown, {0, 0, 2, 0}, 2);
}

void bad_hash_requests(EvilLine& line) {
    for (int i = 0; i < 50; ++i) {
        line.out.hash_range(RawId::hash_request, line.some_root(), {0, 0, 3, 0});
        line.out.hash_range(RawId::hash_request, line.some_root(), {0, no_limit, 512, 60});
        line.out.hash_range(RawId::hash_request, line.some_root(), {no_limit, 0, 512, 0});
        line.out.hash_range(RawId::hash_request, line.some_root(), {0, 0, 1 << 30, no_limit});
        line.out.hash_range(RawId::hash_request, {}, {0, 0, 2, 1});
    }
}

void hash_flood(EvilLine& line) {
    for (int i = 0; i < 5000; ++i) line.out.hash_range(RawId::hash_request, line.some_root(), {0, 0, 2, 0});
}

void offer_hashes(EvilLine& line) {
    offer_metadata(line);
    line.out.numbers(RawId::have_all, {});
}

void false_hashes(EvilLine& line, const Frame& got) {
    if (got.id == RawId::hash_request && got.body.size() == 48) {
        RawBuffer body(got.body.begin(), got.body.end());
        const std::size_t count = std::min<std::uint32_t>(number_at(got.body, 40), 512);
        body.resize(body.size() + 32 * (count + line.rng.below(4)), 0x11);
        line.out.frame(RawId::hashes, body);
    }
    give_metadata(line, got, false);
}

void false_v2(EvilLine& line) {
    line.out.hash_range(RawId::hash_request, {}, {0, 0, 2, 0});
    line.out.hash_range(RawId::hashes, {}, {0, 0, 2, 0}, 2);
}

// In the order of EvilKind.
constexpr std::array<EvilAct, evil_swarm_kinds> acts{{
    {.name = "giant length", .begin = giant_length},
    {.name = "bad bitfield", .begin = bad_bitfield},
    {.name = "bad requests", .begin = bad_requests},
    {.name = "request flood", .begin = request_flood, .reads = false},
    {.name = "huge queue", .begin = huge_queue},
    {.name = "corrupt blocks", .begin = have_everything, .answer = serve_wrong},
    {.name = "unasked blocks", .begin = unasked_blocks},
    {.name = "fast drain", .answer = drain_fast},
    {.name = "slow loris", .begin = have_nothing},
    {.name = "duplicates", .begin = have_nothing},
    {.name = "have mixes", .begin = have_mixes},
    {.name = "lying have", .begin = have_everything, .answer = refuse_all},
    {.name = "choke games", .begin = choke_games},
    {.name = "metadata size", .begin = metadata_size},
    {.name = "false metadata", .begin = offer_metadata, .answer = false_metadata},
    {.name = "metadata flood", .begin = metadata_flood, .reads = false},
    {.name = "extension games", .begin = extension_games},
    {.name = "unasked hashes", .begin = unasked_hashes},
    {.name = "bad hash requests", .begin = bad_hash_requests},
    {.name = "hash flood", .begin = hash_flood, .reads = false},
    {.name = "false hashes", .begin = offer_hashes, .answer = false_hashes, .claims_v2 = true},
    {.name = "false v2", .begin = false_v2, .claims_v2 = true},
    {.name = "pex flood", .begin = pex_flood},
    {.name = "free rider", .begin = ask_all, .answer = ride},
    {.name = "small queue", .begin = small_queue, .answer = serve_all},
    {.name = "silent"},
    {.name = "never asks", .begin = ask_all},
}};

}  // namespace

const EvilAct& act_of(EvilKind kind) {
    return acts.at(static_cast<std::size_t>(kind));
}

std::string_view name(EvilKind kind) {
    return act_of(kind).name;
}

}  // namespace spate::sim
