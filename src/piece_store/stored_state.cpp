#include "piece_store/stored_state.h"

#include <algorithm>
#include <string_view>

#include "io/files.h"
#include "metainfo/limits.h"

namespace spate::piece_store {
namespace {

constexpr std::string_view magic = "SPSTATE4";
constexpr std::string_view magic_before = "SPSTATE3";  // stamps without marks
constexpr std::size_t stamp_bytes_before = 1 + 8 + 8 + 4;
constexpr std::size_t folder_bytes_max = 4096;

class Writer {
  public:
    template <class T>
    void number(T value, std::size_t octets) {
        for (std::size_t i = 0; i < octets; ++i)
            out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
    void octets(Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
    std::vector<std::uint8_t> out;
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

// Ascending pieces that are not there, with some blocks each; one with all of them is unchecked.
void write_unfinished(Writer& writer, const StoredState& state, const metainfo::FileLayout& layout) {
    writer.number(state.unfinished.size() + state.unchecked.count(), 4);
    const auto write = [&](metainfo::PieceIndex piece, const metainfo::Bitfield& blocks) {
        writer.number(piece.value, 4);
        writer.octets(blocks.bytes());
    };
    auto next = state.unfinished.begin();
    const auto write_until = [&](metainfo::PieceIndex end) {
        for (; next != state.unfinished.end() && next->first < end; ++next)
            write(next->first, as_bits(next->second));
    };
    metainfo::Bitfield all;
    for (auto piece = state.unchecked.next_set({}); piece; piece = state.unchecked.next_set(piece->next())) {
        write_until(*piece);
        if (const auto blocks = blocks_of(layout, *piece); all.size() != blocks)
            all = metainfo::Bitfield(blocks, true);
        write(*piece, all);
    }
    write_until(metainfo::PieceIndex(UINT32_MAX));
}

bool read_unfinished(Reader& reader, const metainfo::FileLayout& layout, StoredState& state) {
    metainfo::PieceIndex from;
    for (auto count = reader.number(4); count > 0 && reader.ok(); --count) {
        const metainfo::PieceIndex piece(static_cast<std::uint32_t>(reader.number(4)));
        if (!reader.ok() || piece < from || piece.value >= layout.piece_count()) return false;
        const auto blocks = read_bits(reader, blocks_of(layout, piece));
        if (!blocks || blocks->none() || state.have.has(piece)) return false;
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

std::vector<std::uint8_t> write_state(const StoredState& state, const metainfo::FileLayout& layout) {
    Writer writer;
    writer.octets(as_bytes(magic));
    writer.number(state.have.size(), 4);
    writer.number(state.wanted.size(), 4);
    writer.octets(state.have.bytes());
    writer.octets(as_bits(state.wanted).bytes());
    for (const auto& stamp : state.stamps) {
        writer.number(static_cast<std::uint8_t>(stamp.state), 1);
        writer.number(stamp.size, 8);
        writer.number(stamp.modified, 8);
        writer.number(stamp.modified_ns, 4);
        writer.number(stamp.mark, 8);
    }
    write_paths(writer, state.renamed);
    write_paths(writer, state.renaming);
    writer.number(state.moving.size(), 2);
    writer.octets(as_bytes(state.moving));
    write_unfinished(writer, state, layout);
    return writer.out;
}

std::optional<StoredState> read_state(Bytes octets, const metainfo::FileLayout& layout) {
    Reader reader(octets);
    const auto files = static_cast<std::uint32_t>(layout.files().size());
    const auto version = as_text(reader.octets(magic.size()));
    if (version != magic && version != magic_before) return std::nullopt;
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
        const auto mark = version == magic ? reader.number(8) : 0;
        // Far enough from the ends that adding seconds to it cannot overflow.
        if (modified > std::int64_t{1} << 60 || modified < -(std::int64_t{1} << 60)) return std::nullopt;
        state.stamps.push_back({static_cast<FileStamp::State>(kind), size, modified, nanoseconds, mark});
    }
    if (!read_paths(reader, files, state.renamed) || !read_paths(reader, files, state.renaming))
        return std::nullopt;
    const auto moving = as_text(reader.octets(static_cast<std::size_t>(reader.number(2))));
    if (moving.size() > folder_bytes_max || moving.find('\0') != moving.npos) return std::nullopt;
    state.moving = moving;
    if (!read_unfinished(reader, layout, state)) return std::nullopt;
    return state;
}

}  // namespace spate::piece_store
