#include "piece_store/stored_state.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "io/files.h"
#include "metainfo/limits.h"

namespace spate::piece_store {
namespace {

constexpr std::string_view magic = "SPSTATE5";
constexpr std::string_view magic_4 = "SPSTATE4";  // unchecked pieces among the unfinished ones alone
constexpr std::string_view magic_3 = "SPSTATE3";  // stamps without marks, too
constexpr std::size_t stamp_bytes = 1 + 8 + 8 + 4 + 8;
constexpr std::size_t stamp_bytes_before = 1 + 8 + 8 + 4;
constexpr std::size_t folder_bytes_max = 4096;

class Writer {
  public:
    template <class T>
    void number(T value, std::size_t octets) {
        const auto at = out.size();
        out.resize(at + octets);
        put(std::span(out).subspan(at), static_cast<std::uint64_t>(value));
    }
    void stamps(std::span<const FileStamp> stamps) {
        auto at = out.size();
        out.resize(at + stamps.size() * stamp_bytes);  // at once: they may be very many
        for (const auto& stamp : stamps) {
            const auto field = [&](std::size_t octets, std::uint64_t value) {
                put(std::span(out).subspan(at, octets), value);
                at += octets;
            };
            field(1, static_cast<std::uint8_t>(stamp.state));
            field(8, stamp.size);
            field(8, static_cast<std::uint64_t>(stamp.modified));
            field(4, stamp.modified_ns);
            field(8, stamp.mark);
        }
    }
    void octets(Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
    std::vector<std::uint8_t> out;

  private:
    static void put(std::span<std::uint8_t> to, std::uint64_t value) {
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
};

// After a read beyond the end everything is zero and ok() false.
class Reader {
  public:
    explicit Reader(Bytes bytes) : rest_(bytes) {}
    std::uint64_t number(std::size_t octets) {
        std::uint64_t value = 0;
        const auto bytes = this->octets(octets);
        for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
        return value;
    }
    Bytes octets(std::size_t count) {
        if (count > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const auto bytes = rest_.first(count);
        rest_ = rest_.subspan(count);
        return bytes;
    }
    bool ok() const { return ok_; }
    bool at_end() const { return ok_ && rest_.empty(); }

  private:
    Bytes rest_;
    bool ok_ = true;
};

metainfo::Bitfield as_bits(const std::vector<bool>& flags) {
    metainfo::Bitfield bits(static_cast<std::uint32_t>(flags.size()));
    for (std::uint32_t i = 0; i < bits.size(); ++i)
        if (flags[i]) bits.set(metainfo::PieceIndex(i));
    return bits;
}

std::optional<metainfo::Bitfield> read_bits(Reader& reader, std::uint32_t count) {
    return metainfo::Bitfield::from_bytes(reader.octets((std::size_t{count} + 7) / 8), count);
}

std::vector<bool> as_flags(const metainfo::Bitfield& bits) {
    std::vector<bool> flags(bits.size());
    for (std::uint32_t i = 0; i < bits.size(); ++i) flags[i] = bits.has(metainfo::PieceIndex(i));
    return flags;
}

using Paths = std::map<metainfo::FileIndex, std::string>;

void write_paths(Writer& writer, const Paths& paths) {
    writer.number(paths.size(), 4);
    for (const auto& [file, path] : paths) {
        writer.number(file.value, 4);
        writer.number(path.size(), 2);
        writer.octets(as_bytes(path));
    }
}

// Ascending, clean.
bool read_paths(Reader& reader, std::uint32_t files, Paths& paths) {
    for (auto count = reader.number(4); count > 0 && reader.ok(); --count) {
        const metainfo::FileIndex file(static_cast<std::uint32_t>(reader.number(4)));
        const auto path = reader.octets(static_cast<std::size_t>(reader.number(2)));
        if (file.value >= files || !io::check_path(as_text(path))) return false;
        if (!paths.empty() && paths.rbegin()->first >= file) return false;
        paths.emplace_hint(paths.end(), file, as_text(path));
    }
    return reader.ok();
}

void write_unchecked(Writer& writer, const metainfo::Bitfield& unchecked) {
    writer.number(unchecked.none() ? 0 : 1, 1);
    if (!unchecked.none()) writer.octets(unchecked.bytes());
}

// None of them is there.
bool read_unchecked(Reader& reader, StoredState& state) {
    const auto any = reader.number(1);
    if (any > 1) return false;
    if (any == 0) return reader.ok();
    auto pieces = read_bits(reader, state.have.size());
    if (!pieces || pieces->none()) return false;
    for (auto piece = pieces->next_set({}); piece; piece = pieces->next_set(piece->next()))
        if (state.have.has(*piece)) return false;
    state.unchecked = std::move(*pieces);
    return true;
}

void write_unfinished(Writer& writer, const UnfinishedPieces& pieces) {
    writer.number(pieces.size(), 4);
    for (const auto& [piece, blocks] : pieces) {
        writer.number(piece.value, 4);
        writer.octets(as_bits(blocks).bytes());
    }
}

// Ascending pieces that are not there, with some blocks each; before, one with all of them was unchecked.
bool read_unfinished(Reader& reader, const metainfo::FileLayout& layout, bool before, StoredState& state) {
    metainfo::PieceIndex from;
    for (auto count = reader.number(4); count > 0 && reader.ok(); --count) {
        const metainfo::PieceIndex piece(static_cast<std::uint32_t>(reader.number(4)));
        if (!reader.ok() || piece < from || piece.value >= layout.piece_count()) return false;
        const auto blocks = read_bits(reader, blocks_of(layout, piece));
        if (!blocks || blocks->none() || state.have.has(piece)) return false;
        if (blocks->all() && !before) return false;
        if (blocks->all())
            state.unchecked.set(piece);
        else
            state.unfinished.emplace_hint(state.unfinished.end(), piece, as_flags(*blocks));
        from = piece.next();
    }
    return reader.at_end();
}

}  // namespace

std::uint32_t blocks_of(const metainfo::FileLayout& layout, metainfo::PieceIndex piece) {
    const auto data = layout.piece_data_size(piece);
    return metainfo::block_count(data > 0 ? data : layout.piece_size(piece));
}

std::vector<std::uint8_t> write_state(const StoredState& state) {
    Writer writer;
    writer.octets(as_bytes(magic));
    writer.number(state.have.size(), 4);
    writer.number(state.wanted.size(), 4);
    writer.octets(state.have.bytes());
    writer.octets(as_bits(state.wanted).bytes());
    writer.stamps(state.stamps);
    write_paths(writer, state.renamed);
    write_paths(writer, state.renaming);
    writer.number(state.moving.size(), 2);
    writer.octets(as_bytes(state.moving));
    write_unchecked(writer, state.unchecked);
    write_unfinished(writer, state.unfinished);
    return writer.out;
}

std::optional<StoredState> read_state(Bytes octets, const metainfo::FileLayout& layout) {
    Reader reader(octets);
    const auto files = static_cast<std::uint32_t>(layout.files().size());
    const auto version = as_text(reader.octets(magic.size()));
    if (version != magic && version != magic_4 && version != magic_3) return std::nullopt;
    if (reader.number(4) != layout.piece_count() || reader.number(4) != files) return std::nullopt;
    auto have = read_bits(reader, layout.piece_count());
    const auto wanted = read_bits(reader, files);
    if (!have || !wanted || octets.size() < std::size_t{files} * stamp_bytes_before) return std::nullopt;
    StoredState state{std::move(*have), {}, as_flags(*wanted), {}, {}};
    state.unchecked = metainfo::Bitfield(layout.piece_count());
    for (std::uint32_t i = 0; i <= files; ++i) {
        const auto kind = reader.number(1);
        if (kind > static_cast<std::uint8_t>(FileStamp::State::settled)) return std::nullopt;
        const auto size = reader.number(8);
        const auto modified = static_cast<std::int64_t>(reader.number(8));
        const auto nanoseconds = static_cast<std::uint32_t>(reader.number(4));
        const auto mark = version != magic_3 ? reader.number(8) : 0;
        // Far enough from the ends that adding seconds to it cannot overflow.
        if (modified > std::int64_t{1} << 60 || modified < -(std::int64_t{1} << 60)) return std::nullopt;
        state.stamps.push_back({static_cast<FileStamp::State>(kind), size, modified, nanoseconds, mark});
    }
    if (!read_paths(reader, files, state.renamed) || !read_paths(reader, files, state.renaming))
        return std::nullopt;
    const auto moving = as_text(reader.octets(static_cast<std::size_t>(reader.number(2))));
    if (moving.size() > folder_bytes_max || moving.find('\0') != moving.npos) return std::nullopt;
    state.moving = moving;
    const bool before = version != magic;
    if (!before && !read_unchecked(reader, state)) return std::nullopt;
    if (!read_unfinished(reader, layout, before, state)) return std::nullopt;
    return state;
}

}  // namespace spate::piece_store
