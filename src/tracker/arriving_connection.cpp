#include "tracker/arriving_connection.h"

#include "classic/request_framer.h"

namespace spate::tracker {

void ArrivingConnection::on_bytes(Bytes bytes, TimePoint arrived) {
    held_ += as_text(bytes);
    last_byte_ = arrived;
    switch (const auto language = language_of(as_bytes(held_))) {
        case Language::undecided:
            return read_on(arrived + classic::RequestFramer::default_quiet);
        case Language::peer_wire:
            return finish("it speaks to a BitTorrent peer, and this is a tracker");
        case Language::tls:
            return finish("it speaks TLS, which is not understood here");
        case Language::classic:
        case Language::http: {
            const std::string early = std::move(held_);  // outlives this
            return become(language, as_bytes(early), arrived);
        }
    }
}

void ArrivingConnection::on_input_end() {
    if (held_.empty()) return finish();
    const std::string early = std::move(held_);
    become(Language::classic, as_bytes(early), last_byte_);  // and reads the end once more
}

void ArrivingConnection::on_reading_due(TimePoint) {
    if (held_.empty()) return finish("it sent no whole request in time");
    const std::string early = std::move(held_);
    become(Language::classic, as_bytes(early), last_byte_);
}

}  // namespace spate::tracker
