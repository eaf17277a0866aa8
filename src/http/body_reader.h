// BodyReader: the body of one message: counted, in chunks (RFC 9112, 7.1) or until the end of input. Our own,
// since Boost.Beast 1.81 asserts when a last chunk without any before it comes in small parts. Strict: chunk
// sizes of 1 to 15 hexadecimal digits, CR LF after sizes and data; extensions and trailers are passed over.
// Limits: body_max, and chunk_line_bytes_max for all lines that are no data, since the chunk before. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace spate::http {

class BodyReader {
  public:
    enum class Framing { counted, chunked, until_end };
    enum class State { reading, complete, too_large, broken };

    // `length`: of a counted body.
    BodyReader(Framing framing, std::uint64_t length, std::size_t body_max);

    // How many bytes were used: all, unless the body ended.
    std::size_t feed(Bytes bytes);
    State end_of_input();
    State state() const { return state_; }
    std::string& body() { return body_; }

  private:
    enum class Place {
        size,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer,
        trailer_lf,
        last_lf
    };
    void take_data(Bytes bytes);
    void take_framing(std::uint8_t octet);
    void take_size_digit(std::uint8_t octet);
    void expect(std::uint8_t octet, std::uint8_t wanted, Place next);

    Framing framing_;
    State state_ = State::reading;
    Place place_ = Place::size;
    std::uint64_t left_ = 0;  // of the body, or of the chunk
    std::size_t body_max_;
    std::size_t digits_ = 0;
    std::size_t line_bytes_ = 0;
    std::string body_;
};

}  // namespace spate::http
