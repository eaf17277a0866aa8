#include "wire/pex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/limits.h"

namespace spate::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
constexpr Duration minute = std::chrono::minutes(1);

PexContact contact(unsigned number, std::uint16_t port = 6881) {
    return {{Address::v4(192, 0, static_cast<std::uint8_t>(number / 256),
                         static_cast<std::uint8_t>(number % 256)),
             port},
            0x10};
}
std::vector<PexContact> contacts(unsigned first, unsigned count) {
    std::vector<PexContact> all;
    for (unsigned i = 0; i < count; ++i) all.push_back(contact(first + i));
    return all;
}

TEST(PexOutbox, TellsChangesOnceAMinute) {
    PexOutbox outbox;
    TimePoint now{};
    const auto first = outbox.next(contacts(0, 3), now);
    ASSERT_TRUE(first);
    EXPECT_THAT(first->added, ElementsAre(contact(0), contact(1), contact(2)));
    EXPECT_THAT(first->dropped, IsEmpty());
    EXPECT_FALSE(outbox.next(contacts(1, 3), now));
    EXPECT_EQ(outbox.next_time(), now + minute);
    now += minute;
    const auto second = outbox.next(contacts(1, 3), now);
    ASSERT_TRUE(second);
    EXPECT_THAT(second->added, ElementsAre(contact(3)));
    EXPECT_THAT(second->dropped, ElementsAre(contact(0).endpoint));
    now += minute;
    EXPECT_FALSE(outbox.next(contacts(1, 3), now));
    EXPECT_FALSE(PexOutbox().next({}, now));
}

TEST(PexOutbox, WhoCameAndWentBetweenIsNotTold) {
    PexOutbox outbox;
    TimePoint now{};
    ASSERT_TRUE(outbox.next(contacts(0, 1), now));
    EXPECT_FALSE(outbox.next(contacts(0, 5), now + minute / 2));
    EXPECT_FALSE(outbox.next(contacts(0, 1), now + minute));
}

// Row 50.
TEST(PexOutbox, MessagesAreShort) {
    PexOutbox outbox;
    TimePoint now{};
    EXPECT_THAT(outbox.next(contacts(0, 120), now)->added, SizeIs(pex_contacts_max));
    EXPECT_THAT(outbox.next(contacts(0, 120), now += minute)->added, SizeIs(pex_contacts_max));
    EXPECT_THAT(outbox.next(contacts(0, 120), now += minute)->added, SizeIs(20));
    EXPECT_THAT(outbox.next({}, now += minute)->dropped, SizeIs(pex_contacts_max));
    EXPECT_THAT(outbox.next({}, now += minute)->dropped, SizeIs(pex_contacts_max));
    EXPECT_THAT(outbox.next({}, now += minute)->dropped, SizeIs(20));
    EXPECT_FALSE(outbox.next({}, now += minute));
}

// Row 50.
TEST(PexInbox, TakesAMessageAMinuteAndFewOfIt) {
    PexInbox inbox;
    TimePoint now{};
    EXPECT_THAT(inbox.take({contacts(0, 150), {}}, now), SizeIs(150));
    EXPECT_THAT(inbox.take({contacts(200, 10), {}}, now + std::chrono::seconds(44)), IsEmpty());
    EXPECT_THAT(inbox.take({contacts(200, 60), {}}, now += minute), SizeIs(pex_contacts_max));
    EXPECT_THAT(inbox.take({contacts(0, 50), {}}, now += minute), IsEmpty());
}

TEST(PexInbox, ManyPortsOfOneAddressAreOneContact) {
    PexInbox inbox;
    EXPECT_THAT(inbox.take({{contact(1, 80), contact(1, 443), contact(2)}, {}}, TimePoint{}),
                ElementsAre(contact(1, 80), contact(2)));
    PexInbox local;
    const PexContact one{{Address::loopback(), 1000}, 0}, two{{Address::loopback(), 1001}, 0};
    EXPECT_THAT(local.take({{one, two, one}, {}}, TimePoint{}), ElementsAre(one, two));
}

TEST(PexInbox, RemembersOnlySoMany) {
    PexInbox inbox;
    TimePoint now{};
    std::size_t taken = 0;
    for (unsigned i = 0; i < 30; ++i) taken += inbox.take({contacts(i * 50, 50), {}}, now += minute).size();
    EXPECT_EQ(taken, pex_told_max);
}

}  // namespace
}  // namespace spate::wire
