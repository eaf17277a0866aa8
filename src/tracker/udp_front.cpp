#include "tracker/udp_front.h"

#include <span>
#include <utility>

namespace spate::tracker {

UdpFront::UdpFront(io::World world, UdpAnswers& answers, Events& events)
    : world_(world), answers_(answers), events_(events), incoming_(batch_max * datagram_bytes_max) {
    for (std::size_t i = 0; i < batch_max; ++i)
        received_[i].buffer = MutableBytes(incoming_).subspan(i * datagram_bytes_max, datagram_bytes_max);
    outgoing_.reserve(batch_max);
}

Result<std::unique_ptr<UdpFront>> UdpFront::open(io::World world, const Endpoint& endpoint,
                                                 UdpAnswers& answers, Events& events) {
    auto socket = world.network.open_datagram(endpoint);
    if (!socket) return fail(std::move(socket.error()));
    std::unique_ptr<UdpFront> front(new UdpFront(world, answers, events));
    front->socket_ = std::move(*socket);
    front->socket_->set_handler(*front);
    front->socket_->wait_readable();
    return front;
}

void UdpFront::on_datagrams_readable() {
    for (int batch = 0; batch < batches_a_turn; ++batch) {
        if (!answer_batch()) break;
        if (!send_answers()) return socket_->wait_writable();
    }
    socket_->wait_readable();
}

// False: nothing was there.
bool UdpFront::answer_batch() {
    const auto count = socket_->receive(received_);
    if (!count) events_.on_trouble(count.error());
    if (count.value_or(0) == 0) return false;
    const auto now = world_.reactor.now();
    replies_.clear();
    outgoing_.clear();
    sent_ = 0;
    std::array<std::size_t, batch_max + 1> ends{};
    for (std::size_t i = 0; i < *count; ++i) {
        const auto& datagram = received_[i];
        answers_.answer(datagram.from, datagram.buffer.first(datagram.length), now, replies_);
        ends[i + 1] = replies_.size();
    }
    for (std::size_t i = 0; i < *count; ++i) {
        const auto reply = Bytes(replies_).subspan(ends[i], ends[i + 1] - ends[i]);
        // From the address that was asked: another one's answer would not be known for it.
        if (!reply.empty()) outgoing_.push_back({received_[i].from, reply, received_[i].to});
    }
    return true;
}

// False: the system takes no more for now.
bool UdpFront::send_answers() {
    while (sent_ < outgoing_.size()) {
        const auto count = socket_->send(std::span(outgoing_).subspan(sent_));
        if (count && *count == 0) return false;
        sent_ += count.value_or(1);  // an error is one answer's: its asker is not reachable
    }
    return true;
}

void UdpFront::on_datagrams_writable() {
    if (!send_answers()) return socket_->wait_writable();
    socket_->wait_readable();
}

}  // namespace spate::tracker
