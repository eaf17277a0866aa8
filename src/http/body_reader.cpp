#include "http/body_reader.h"

#include <algorithm>

#include "http/limits.h"

namespace spate::http {
namespace {

constexpr std::size_t size_digits_max = 15;  // below 2^60: nothing wraps

int hex_value(std::uint8_t octet) {
    if (octet >= '0' && octet <= '9') return octet - '0';
    if (octet >= 'a' && octet <= 'f') return octet - 'a' + 10;
    if (octet >= 'A' && octet <= 'F') return octet - 'A' + 10;
    return -1;
}

}  // namespace

BodyReader::BodyReader(Framing framing, std::uint64_t length, std::size_t body_max)
    : framing_(framing), left_(length), body_max_(body_max) {
    if (framing_ == Framing::chunked) {
        left_ = 0;
        return;
    }
    place_ = Place::data;
    if (framing_ == Framing::until_end) left_ = UINT64_MAX;
    if (framing_ == Framing::counted && left_ > body_max_) state_ = State::too_large;
    if (left_ == 0) state_ = State::complete;
}

std::size_t BodyReader::feed(Bytes bytes) {
    std::size_t used = 0;
    while (state_ == State::reading && used < bytes.size()) {
        if (place_ != Place::data) {
            take_framing(bytes[used++]);
            continue;
        }
        const auto part = bytes.subspan(
            used, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - used)));
        used += part.size();
        take_data(part);
    }
    return used;
}

BodyReader::State BodyReader::end_of_input() {
    if (state_ == State::reading) state_ = framing_ == Framing::until_end ? State::complete : State::broken;
    return state_;
}

void BodyReader::take_data(Bytes bytes) {
    if (bytes.size() > body_max_ - body_.size()) {
        state_ = State::too_large;
        return;
    }
    body_ += as_text(bytes);
    left_ -= bytes.size();
    if (left_ != 0) return;
    if (framing_ == Framing::counted) state_ = State::complete;
    place_ = Place::data_cr;
}

void BodyReader::take_framing(std::uint8_t octet) {
    if (++line_bytes_ > chunk_line_bytes_max) {
        state_ = State::broken;
        return;
    }
    switch (place_) {
        case Place::size:
            return take_size_digit(octet);
        case Place::extension:
            if (octet == '\r') place_ = Place::size_lf;
            if (octet == '\n') state_ = State::broken;
            return;
        case Place::size_lf:
            expect(octet, '\n', left_ == 0 ? Place::trailer_start : Place::data);
            if (left_ > body_max_ - body_.size()) state_ = State::too_large;
            return;
        case Place::data:
            return;
        case Place::data_cr:
            return expect(octet, '\r', Place::data_lf);
        case Place::data_lf:
            digits_ = 0;
            line_bytes_ = 0;
            return expect(octet, '\n', Place::size);
        case Place::trailer_start:
            place_ = octet == '\r' ? Place::last_lf : Place::trailer;
            if (octet == '\n') state_ = State::broken;
            return;
        case Place::trailer:
            if (octet == '\r') place_ = Place::trailer_lf;
            if (octet == '\n') state_ = State::broken;
            return;
        case Place::trailer_lf:
            return expect(octet, '\n', Place::trailer_start);
        case Place::last_lf:
            expect(octet, '\n', Place::data);
            if (state_ == State::reading) state_ = State::complete;
            return;
    }
}

void BodyReader::take_size_digit(std::uint8_t octet) {
    const int digit = hex_value(octet);
    if (digit >= 0 && digits_ < size_digits_max) {
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        ++digits_;
        return;
    }
    if (digits_ == 0 || (octet != ';' && octet != '\r')) {
        state_ = State::broken;
        return;
    }
    place_ = octet == ';' ? Place::extension : Place::size_lf;
}

void BodyReader::expect(std::uint8_t octet, std::uint8_t wanted, Place next) {
    if (octet == wanted)
        place_ = next;
    else
        state_ = State::broken;
}

}  // namespace spate::http
