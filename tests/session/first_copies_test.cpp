// What a fresh share's only seed shows whom, as it is to be seen from outside.
#include "tests/session/session_fixture.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;

TEST_F(SessionTest, WhoWantsOneFileOfAFreshShareHardlyWaits) {
    std::vector<spate::testing::SampleFile> files;
    for (char name = 'a'; name <= 't'; ++name) files.push_back({std::string(1, name), 1'600'000});
    const SampleTorrent torrent =
        SampleTorrent::make("folder", files, 32 << 10, metainfo::TorrentVersion::v1, rng);
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    const TorrentId id = seeder.add(seed(torrent)).value();
    ASSERT_TRUE(run_until([&] { return seeder.finishes(id) == 1; }));
    const HostPort to{seeder.host.address().text(), seeder.session->port()};
    for (const char wanted : {'c', 'm'}) {
        SimNode& leecher = node(std::string("leecher-") + wanted);
        const auto wants = [wanted](const metainfo::File& file) { return file.path.back() == wanted; };
        const auto got = leecher.add({.what = torrent.metainfo, .wants = wants, .peers = {to}});
        EXPECT_TRUE(run_until([&] { return leecher.finishes(*got) == 1; }, 1900ms)) << wanted;
    }
    EXPECT_LT(seeder.session->status(id).uploaded, 4'000'000U);
}

}  // namespace
}  // namespace spate::engine
