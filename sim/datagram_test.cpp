// What happens to datagrams on their way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/test_programs.h"

namespace spate::sim {
namespace {

using namespace std::chrono_literals;

// Sends `count` numbered datagrams of `size` octets and gives the numbers of those that came, in the order
// they came in.
std::vector<int> numbers_after(Pair& pair, int count, std::size_t size) {
    auto near = std::move(pair.near_process.world().network.open_datagram({Address(), 0}).value());
    auto far = std::move(pair.far_process.world().network.open_datagram({Address(), 9}).value());
    std::string payload(size, '.');
    for (int i = 0; i < count; ++i) {
        payload[0] = static_cast<char>(i);
        const std::array<io::OutgoingDatagram, 1> one{{{{pair.far.address(), 9}, as_bytes(payload)}}};
        EXPECT_EQ(near->send(one).value(), 1u);
        pair.run_for(1ms);
    }
    pair.run_for(10s);
    std::vector<int> numbers;
    std::vector<std::uint8_t> buffer(size);
    std::array<io::ReceivedDatagram, 1> into{{{{}, buffer, 0}}};
    while (far->receive(into).value() == 1) numbers.push_back(buffer[0]);
    return numbers;
}

TEST(SimDatagrams, ArriveInOrderWhenNothingIsWrong) {
    Pair pair(1);
    EXPECT_THAT(numbers_after(pair, 5, 10), testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(SimDatagrams, AreLostDuplicatedAndReordered) {
    {
        Pair pair(1);
        pair.network().default_link().loss = 300'000;
        EXPECT_LT(numbers_after(pair, 100, 10).size(), 95u);
        EXPECT_GE(pair.marked("datagram lost"), 5u);
    }
    {
        Pair pair(1);
        pair.network().default_link().duplicate = 300'000;
        EXPECT_GT(numbers_after(pair, 100, 10).size(), 105u);
    }
    {
        Pair pair(1);
        pair.network().default_link().reorder = 300'000;
        const auto numbers = numbers_after(pair, 100, 10);
        EXPECT_EQ(numbers.size(), 100u);
        EXPECT_FALSE(std::ranges::is_sorted(numbers));
    }
}

TEST(SimDatagrams, AreCorrupted) {
    Pair pair(1);
    pair.network().default_link().corrupt = 1'000'000;
    EXPECT_NE(numbers_after(pair, 50, 1), [] {
        std::vector<int> all(50);
        for (int i = 0; i < 50; ++i) all[static_cast<std::size_t>(i)] = i;
        return all;
    }());
    EXPECT_EQ(pair.marked("datagram corrupted"), 50u);
}

TEST(SimDatagrams, AreDroppedByCutsSizeAndQueues) {
    {
        Pair pair(1);
        pair.network().block(pair.near.id(), pair.far.id());
        EXPECT_TRUE(numbers_after(pair, 5, 10).empty());
    }
    {
        Pair pair(1);
        pair.network().default_link().datagram_size_max = 1200;
        EXPECT_EQ(numbers_after(pair, 5, 1200).size(), 5u);
    }
    {
        Pair pair(1);
        pair.network().default_link().datagram_size_max = 1200;
        EXPECT_TRUE(numbers_after(pair, 5, 1201).empty());
        EXPECT_EQ(pair.marked("datagram too large for the way"), 5u);
    }
    {
        Pair pair(1);
        pair.network().default_link().bytes_per_second = 10'000;
        pair.network().default_link().queue_bytes_max = 5'000;
        const auto numbers = numbers_after(pair, 50, 1000);
        EXPECT_LT(numbers.size(), 10u);
        EXPECT_GE(pair.marked("datagram dropped by a full queue"), 40u);
    }
    {
        Pair pair(1);
        EXPECT_LT(numbers_after(pair, 200, 2000).size(), 110u);  // nobody reads: 212,992 octets fit
        EXPECT_GE(pair.marked("datagram dropped by a full socket"), 90u);
    }
}

TEST(SimDatagrams, SendingMayFindTheBufferFull) {
    auto settings = plain_host();
    settings.node.datagram_full = 1'000'000;
    Pair pair(1, settings);
    struct Notes : io::DatagramHandler {
        void on_datagrams_readable() override {}
        void on_datagrams_writable() override { ++writable; }
        int writable = 0;
    } notes;
    auto socket = std::move(pair.near_process.world().network.open_datagram({Address(), 0}).value());
    socket->set_handler(notes);
    const std::array<io::OutgoingDatagram, 1> one{{{{pair.far.address(), 9}, as_bytes("x")}}};
    EXPECT_EQ(socket->send(one).value(), 0u);
    socket->wait_writable();
    EXPECT_TRUE(pair.run_until([&] { return notes.writable == 1; }));
    EXPECT_EQ(pair.marked("datagram buffer full"), 1u);
}

}  // namespace
}  // namespace spate::sim
