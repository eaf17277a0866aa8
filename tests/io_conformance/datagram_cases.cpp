// Datagrams in batches: io/datagram.h.
#include <array>
#include <gmock/gmock.h>

#include "tests/io_conformance/network_cases.h"

namespace spate::io {
namespace {

struct Inbox {
    explicit Inbox(std::size_t count, std::size_t room = 64) : octets(count * room), items(count) {
        for (std::size_t i = 0; i < count; ++i)
            items[i].buffer = MutableBytes(octets).subspan(i * room, room);
    }
    std::string text(std::size_t i) const {
        return std::string(as_text(items[i].buffer.first(items[i].length)));
    }
    std::vector<std::uint8_t> octets;
    std::vector<ReceivedDatagram> items;
};

TEST_P(DatagramConformance, ABatchArrivesInOrderWithItsSender) {
    const std::array<OutgoingDatagram, 3> batch{{{far_->local(), as_bytes("first")},
                                                 {far_->local(), as_bytes("")},
                                                 {far_->local(), as_bytes("third")}}};
    ASSERT_EQ(near_->send(batch).value(), 3u);
    Inbox inbox(5);
    std::size_t got = 0;
    ASSERT_TRUE(run_until([&] {
        got += far_->receive(std::span(inbox.items).subspan(got)).value();
        return got >= 3;
    }));
    EXPECT_EQ(got, 3u);
    EXPECT_EQ(inbox.text(0), "first");
    EXPECT_EQ(inbox.text(1), "");
    EXPECT_EQ(inbox.text(2), "third");
    EXPECT_EQ(inbox.items[0].from.port, near_->local().port);
    EXPECT_TRUE(inbox.items[0].to.is_unspecified());  // bound to one address

    const std::array<OutgoingDatagram, 1> answer{{{inbox.items[0].from, as_bytes("back")}}};
    ASSERT_EQ(far_->send(answer).value(), 1u);
    near_->wait_readable();
    ASSERT_TRUE(run_until([&] { return near_notes_.readable == 1; }));
    ASSERT_EQ(near_->receive(inbox.items).value(), 1u);
    EXPECT_EQ(inbox.text(0), "back");
    EXPECT_EQ(inbox.items[0].from, far_->local());
}

TEST_P(DatagramConformance, BoundToAllAddressesItTellsWhichOneWasAskedAndAnswersFromIt) {
    far_ = far_world().network.open_datagram({Address(), 0}).value();
    far_->set_handler(far_notes_);
    const Endpoint asked{far_address(), far_->local().port};
    const std::array<OutgoingDatagram, 1> question{{{asked, as_bytes("question")}}};
    ASSERT_EQ(near_->send(question).value(), 1u);
    Inbox inbox(1);
    ASSERT_TRUE(run_until([&] { return far_->receive(inbox.items).value() == 1; }));
    EXPECT_EQ(inbox.items[0].to, asked.address);

    const std::array<OutgoingDatagram, 1> answer{
        {{inbox.items[0].from, as_bytes("answer"), inbox.items[0].to}}};
    ASSERT_EQ(far_->send(answer).value(), 1u);
    ASSERT_TRUE(run_until([&] { return near_->receive(inbox.items).value() == 1; }));
    EXPECT_EQ(inbox.text(0), "answer");
    EXPECT_EQ(inbox.items[0].from, asked);
}

TEST_P(DatagramConformance, NothingThereIsZero) {
    Inbox inbox(2);
    EXPECT_EQ(near_->receive(inbox.items).value(), 0u);
    EXPECT_EQ(near_->receive({}).value(), 0u);
    EXPECT_EQ(near_->send({}).value(), 0u);
}

TEST_P(DatagramConformance, LongOnesAreCutToTheBuffer) {
    const std::array<OutgoingDatagram, 2> batch{
        {{far_->local(), as_bytes("0123456789")}, {far_->local(), as_bytes("next")}}};
    ASSERT_EQ(near_->send(batch).value(), 2u);
    Inbox inbox(2, 6);
    std::size_t got = 0;
    ASSERT_TRUE(run_until([&] {
        got += far_->receive(std::span(inbox.items).subspan(got)).value();
        return got == 2;
    }));
    EXPECT_EQ(inbox.text(0), "012345");
    EXPECT_EQ(inbox.text(1), "next");
}

TEST_P(DatagramConformance, WaitingAnswersOnceAndAgainForWhatWasLeft) {
    far_->wait_readable();
    far_->wait_readable();
    run_a_while();
    EXPECT_EQ(far_notes_.readable, 0);
    const std::array<OutgoingDatagram, 2> batch{
        {{far_->local(), as_bytes("a")}, {far_->local(), as_bytes("b")}}};
    ASSERT_EQ(near_->send(batch).value(), 2u);
    EXPECT_EQ(far_notes_.readable, 0);
    ASSERT_TRUE(run_until([&] { return far_notes_.readable == 1; }));
    run_a_while();
    EXPECT_EQ(far_notes_.readable, 1);
    Inbox inbox(1);
    ASSERT_EQ(far_->receive(inbox.items).value(), 1u);
    EXPECT_EQ(inbox.text(0), "a");
    far_->wait_readable();
    ASSERT_TRUE(run_until([&] { return far_notes_.readable == 2; }));
    ASSERT_EQ(far_->receive(inbox.items).value(), 1u);
    EXPECT_EQ(inbox.text(0), "b");
}

TEST_P(DatagramConformance, AnEmptySocketIsWritable) {
    near_->wait_writable();
    EXPECT_EQ(near_notes_.writable, 0);
    EXPECT_TRUE(run_until([&] { return near_notes_.writable == 1; }));
}

TEST_P(DatagramConformance, MoreThanOneSystemCallTakes) {
    constexpr std::size_t count = 100;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(std::to_string(i));
    std::vector<OutgoingDatagram> batch;
    for (const auto& text : texts) batch.push_back({far_->local(), as_bytes(text)});
    std::size_t sent = 0;
    Inbox inbox(count + 1);
    std::size_t got = 0;
    ASSERT_TRUE(run_until([&] {
        sent += near_->send(std::span(batch).subspan(sent)).value();
        got += far_->receive(std::span(inbox.items).subspan(got)).value();
        return got >= count;
    }));
    ASSERT_EQ(got, count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(inbox.text(i), texts[i]);
}

TEST_P(DatagramConformance, OneThatCannotBeSentIsAnErrorAboutItAlone) {
    const std::string too_long(70'000, 'x');
    const std::array<OutgoingDatagram, 3> batch{{{far_->local(), as_bytes("good")},
                                                 {far_->local(), as_bytes(too_long)},
                                                 {far_->local(), as_bytes("good too")}}};
    ASSERT_EQ(near_->send(batch).value(), 1u);
    const auto rest = near_->send(std::span(batch).subspan(1));
    ASSERT_FALSE(rest);
    EXPECT_TRUE(rest.error().is(std::errc::message_size)) << rest.error().message();
    EXPECT_EQ(near_->send(std::span(batch).subspan(2)).value(), 1u);
}

TEST_P(DatagramConformance, ToNobodyIsNoError) {
    const Endpoint gone = far_->local();
    far_.reset();
    const std::array<OutgoingDatagram, 1> batch{{{gone, as_bytes("x")}}};
    EXPECT_EQ(near_->send(batch).value(), 1u);
    run_a_while();
    EXPECT_EQ(near_->send(batch).value(), 1u);
    Inbox inbox(1);
    EXPECT_EQ(near_->receive(inbox.items).value(), 0u);
}

TEST_P(DatagramConformance, ATakenPortIsRefused) {
    const auto second = far_world().network.open_datagram(far_->local());
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(std::errc::address_in_use)) << second.error().message();
}

TEST_P(DatagramConformance, MayBeDestroyedInItsHandlerAndWhileWaiting) {
    near_->wait_readable();
    far_->wait_readable();
    const std::array<OutgoingDatagram, 1> batch{{{far_->local(), as_bytes("x")}}};
    ASSERT_EQ(near_->send(batch).value(), 1u);
    near_.reset();
    far_notes_.then = [&] { far_.reset(); };
    ASSERT_TRUE(run_until([&] { return far_ == nullptr; }));
    run_a_while();
    EXPECT_EQ(near_notes_.readable, 0);
    EXPECT_EQ(far_notes_.readable, 1);
}

}  // namespace
}  // namespace spate::io
