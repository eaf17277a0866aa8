// What the network cases share.
#include "tests/io_conformance/network_cases.h"

#include <array>

#include "base/assert.h"

namespace spate::io {

std::unique_ptr<Listener> ConnectConformance::listen(ListenerHandler& handler) {
    auto listener = far_world().network.listen({far_address(), 0}, handler);
    EXPECT_TRUE(listener.has_value()) << listener.error().message();
    SPATE_ASSERT(listener);
    return std::move(*listener);
}

Endpoint ConnectConformance::closed_endpoint() {
    NotingListener nobody;
    return listen(nobody)->local();
}

void StreamConformance::SetUp() {
    NotingListener notes;
    const auto listener = listen(notes);
    const auto pending = world().network.connect(listener->local(), [&](auto stream) {
        ASSERT_TRUE(stream) << stream.error().message();
        near_ = std::move(*stream);
    });
    ASSERT_TRUE(run_until([&] { return near_ && !notes.accepted.empty(); }));
    far_ = std::move(notes.accepted.front());
    near_->set_handler(near_notes_);
    far_->set_handler(far_notes_);
}

std::string StreamConformance::read_exactly(Stream& stream, NotingStream& notes, std::size_t count) {
    std::string text;
    while (text.size() < count) {
        std::array<std::uint8_t, 4096> buffer{};
        const auto got =
            stream.read(MutableBytes(buffer).first(std::min(buffer.size(), count - text.size())));
        if (!got || got->at_end) break;
        if (got->would_block) {
            const int before = notes.readable;
            stream.wait_readable();
            if (!run_until([&] { return notes.readable > before; })) break;
            continue;
        }
        text += as_text(Bytes(buffer).first(got->count));
    }
    return text;
}

std::optional<Error> StreamConformance::read_to_end(Stream& stream, NotingStream& notes, std::string* text) {
    for (;;) {
        std::array<std::uint8_t, 4096> buffer{};
        const auto got = stream.read(buffer);
        if (!got) return got.error();
        if (got->at_end) return std::nullopt;
        if (text) *text += as_text(Bytes(buffer).first(got->count));
        if (!got->would_block) continue;
        const int before = notes.readable;
        stream.wait_readable();
        if (!run_until([&] { return notes.readable > before; })) {
            return Error::invalid("read", "", "neither bytes nor the end came");
        }
    }
}

std::size_t StreamConformance::fill(Stream& stream) {
    const std::string block(16'384, 'x');
    const std::array parts{as_bytes(block)};
    for (std::size_t total = 0;;) {
        const auto put = stream.write(parts);
        EXPECT_TRUE(put) << put.error().message();
        if (!put || put->would_block) return total;
        total += put->count;
    }
}

void StreamConformance::write_all(Stream& stream, std::string_view text) {
    while (!text.empty()) {
        const std::array parts{as_bytes(text)};
        const auto put = stream.write(parts);
        ASSERT_TRUE(put) << put.error().message();
        ASSERT_FALSE(put->would_block) << "these cases write little";
        text.remove_prefix(put->count);
    }
}

void DatagramConformance::SetUp() {
    auto near = world().network.open_datagram({far_address().is_v4() ? Address() : Address::v6({}), 0});
    auto far = far_world().network.open_datagram({far_address(), 0});
    ASSERT_TRUE(near) << near.error().message();
    ASSERT_TRUE(far) << far.error().message();
    near_ = std::move(*near);
    far_ = std::move(*far);
    near_->set_handler(near_notes_);
    far_->set_handler(far_notes_);
}

}  // namespace spate::io
