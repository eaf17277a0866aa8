#include "http/inflate.h"

#include <algorithm>
#include <array>
#include <zlib.h>

#include "base/assert.h"

namespace spate::http {
namespace {

constexpr int window_bits = 15;
constexpr int gzip_format = 16;  // added to the window bits; zlib's own numbers

bool looks_like_zlib(Bytes bytes) {
    return bytes.size() >= 2 && (bytes[0] & 0x0f) == Z_DEFLATED && (bytes[0] * 256 + bytes[1]) % 31 == 0;
}

int format_of(Bytes bytes) {
    if (bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) return window_bits + gzip_format;
    return looks_like_zlib(bytes) ? window_bits : -window_bits;
}

class Inflation {
  public:
    explicit Inflation(Bytes compressed) {
        SPATE_ASSERT(inflateInit2(&stream_, format_of(compressed)) == Z_OK);
        // zlib's interface lacks a const that it keeps.
        stream_.next_in = const_cast<std::uint8_t*>(compressed.data());
        stream_.avail_in = static_cast<uInt>(compressed.size());
    }
    ~Inflation() { inflateEnd(&stream_); }
    Inflation(const Inflation&) = delete;
    Inflation& operator=(const Inflation&) = delete;

    // Fills `into` as far as it goes; how many bytes. `code`: zlib's.
    std::size_t step(MutableBytes into, int& code) {
        stream_.next_out = into.data();
        stream_.avail_out = static_cast<uInt>(into.size());
        code = inflate(&stream_, Z_NO_FLUSH);
        return into.size() - stream_.avail_out;
    }

  private:
    z_stream stream_{};
};

Error broken(std::string detail, std::errc kind) {
    return Error::invalid("inflate", "", std::move(detail), kind);
}

}  // namespace

Result<std::string> inflated(Bytes compressed, std::size_t output_max) {
    SPATE_ASSERT(compressed.size() <= UINT32_MAX);
    Inflation inflation(compressed);
    std::string text;
    std::array<std::uint8_t, 16 * 1024> window;
    for (;;) {
        int code = Z_OK;
        const std::size_t got = inflation.step(window, code);
        if (got > output_max - text.size())
            return fail(
                broken("it grows beyond " + std::to_string(output_max) + " bytes", std::errc::message_size));
        text += as_text(Bytes(window).first(got));
        if (code == Z_STREAM_END) return text;
        if (code != Z_OK || got == 0)  // Z_BUF_ERROR and no progress: the input was cut
            return fail(broken("it is broken or cut", std::errc::bad_message));
    }
}

std::string gzipped(std::string_view text) {
    SPATE_ASSERT(text.size() <= UINT32_MAX / 2);
    z_stream stream{};
    SPATE_ASSERT(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits + gzip_format, 8,
                              Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    SPATE_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace spate::http
