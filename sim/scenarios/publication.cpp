// Publishing while the tracker dies at any disk call, between the commit and the reply among them, and
// publishers die and try again: in the end there is one entry of that name, with the content whose
// publication was answered first, ever the same; who brought that content was told so, who brought another
// was not.
#include <algorithm>
#include <optional>
#include <utility>

#include "catalogue_client/catalogue_client.h"
#include "catalogue_client/publisher_key.h"
#include "piece_store/test_torrent.h"
#include "sim/fault_plan.h"
#include "sim/scenarios/classic_tracker.h"
#include "sim/scenarios/deaths.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

using catalogue_client::CatalogueClient;
using catalogue_protocol::ListedEntry;
using catalogue_protocol::PublishResult;

const HostPort tracker_address{"tracker", 3456};
const std::string entry_name = "the-entry";
constexpr Duration again_pause = std::chrono::seconds(3);

// What the scenario looks at; outlives the processes.
struct PublicationBoard {
    std::vector<std::string> torrents;  // contents that compete for the name
    std::optional<std::size_t> winner;  // the content whose publication was answered first
    std::vector<bool> told;             // by publisher: that its content is there
    std::optional<std::string> complaint;
    std::optional<std::vector<ListedEntry>> seen;

    void took(std::size_t content) {
        if (!winner) winner = content;
        if (*winner != content) complaint = "two contents were published under one name";
    }
};

// Publishes until it is told that its content is there; asks again all the same, as programs are started
// again.
class Publisher {
  public:
    Publisher(const ProgramStart& start, std::shared_ptr<PublicationBoard> board, std::size_t number,
              std::size_t content)
        : world_(start.world),
          board_(std::move(board)),
          number_(number),
          content_(content),
          catalogue_(world_, tracker_address),
          again_(world_.reactor.make_timer([this] { load_key(); })) {
        load_key();
    }

  private:
    using Key = Result<hash::SigningKey>;

    void load_key() {
        const auto key = std::make_shared<std::optional<Key>>();
        world_.pool.submit(
            [&world = world_, key] {
                auto folder = world.files.open_folder("/state", io::IfMissing::make);
                *key = folder ? catalogue_client::load_or_make_key(**folder, world.random)
                              : Key(fail(folder.error()));
            },
            [this, key] {
                if (**key) return publish(***key);
                again_->arm(world_.reactor.now() + again_pause);
            });
    }
    void publish(const hash::SigningKey& key) {
        catalogue_client::Publication publication;
        publication.name = entry_name;
        publication.metainfo = board_->torrents[content_];
        work_ = catalogue_.publish(std::move(publication), key,
                                   [this](const Result<catalogue_client::Published>& result) {
                                       if (result) {
                                           board_->took(content_);
                                           board_->told[number_] = true;
                                       }
                                       again_->arm(world_.reactor.now() + again_pause);
                                   });
    }

    io::World& world_;
    std::shared_ptr<PublicationBoard> board_;
    std::size_t number_;
    std::size_t content_;
    CatalogueClient catalogue_;
    CatalogueClient::Work work_;
    std::unique_ptr<io::Timer> again_;
};

// Lists the catalogue now and then.
class Reader {
  public:
    Reader(const ProgramStart& start, std::shared_ptr<PublicationBoard> board)
        : world_(start.world),
          board_(std::move(board)),
          catalogue_(world_, tracker_address),
          again_(world_.reactor.make_timer([this] { read(); })) {
        read();
    }

  private:
    void read() {
        work_ = catalogue_.list({}, 100, [this](Result<std::vector<ListedEntry>> entries) {
            if (entries) board_->seen = std::move(*entries);
            again_->arm(world_.reactor.now() + again_pause);
        });
    }

    io::World& world_;
    std::shared_ptr<PublicationBoard> board_;
    CatalogueClient catalogue_;
    CatalogueClient::Work work_;
    std::unique_ptr<io::Timer> again_;
};

std::string written(const piece_store::TestTorrent& torrent) {
    const auto& info = torrent.metainfo->info.raw;
    return "d4:info" + std::string(info.begin(), info.end()) + "e";
}

metainfo::InfoHash hash_of(const std::string& torrent) {
    return metainfo::read_torrent(as_bytes(torrent))->info.hash;
}

void run_tracker(Testbed& testbed, Host& host) {
    tracker::Options options;
    options.listen = {{Address::v4(0, 0, 0, 0), tracker_address.port}};
    const auto ledger = TrackerLedger::open(host, [](const std::string&, ByteRange) {});
    host.run("tracker", [options, ledger, &simulation = testbed.simulation()](auto& start) {
        return std::make_shared<TrackerProgram>(start, simulation, options, ledger);
    });
}

std::optional<std::string> wrong_catalogue(const PublicationBoard& board) {
    if (!board.winner) return "nothing was published";
    if (!board.seen) return "nobody could list the catalogue";
    if (board.seen->size() != 1) return "there are " + std::to_string(board.seen->size()) + " entries";
    if (!(board.seen->front().hash == hash_of(board.torrents[*board.winner])))
        return "the entry has another content than was answered for";
    return std::nullopt;
}

}  // namespace

void run_publication(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    const auto board = std::make_shared<PublicationBoard>();
    simulation.check_always([board] { return board->complaint; });
    auto& tracker = testbed.add_host("tracker");
    run_tracker(testbed, tracker);
    for (auto contents = 1 + rng.below(2); contents > 0; --contents)
        board->torrents.push_back(written(piece_store::make_torrent(
            metainfo::TorrentVersion::v1, {1000 + rng.below(100'000)}, 16384, rng.next())));
    FaultLimits limits;
    limits.until = std::chrono::seconds(40);
    limits.groups = {FaultGroup::network, FaultGroup::process, FaultGroup::power, FaultGroup::disk,
                     FaultGroup::clock};
    limits.hosts = {&tracker};
    std::vector<std::size_t> contents;
    for (std::size_t i = 0, count = 1 + rng.below(4); i < count; ++i) {
        auto& host = testbed.add_host("publisher" + std::to_string(i + 1));
        limits.hosts.push_back(&host);
        contents.push_back(rng.below(board->torrents.size()));
        board->told.push_back(false);
        host.run("share", [board, i, content = contents.back()](auto& start) {
            return std::make_shared<Publisher>(start, board, i, content);
        });
    }
    testbed.add_host("reader").run("list",
                                   [board](auto& start) { return std::make_shared<Reader>(start, board); });
    plan_deaths(tracker, rng, {.count = 8, .calls = 300, .pause = std::chrono::seconds(1)});
    FaultPlan::draw(testbed, limits).apply(testbed);
    simulation.run_for(limits.until + std::chrono::seconds(1));
    // Everybody asks once more.
    board->told.assign(contents.size(), false);
    bool all_told = false;
    const auto settled = [&] {
        for (std::size_t i = 0; i < contents.size(); ++i)
            if (!board->winner || (contents[i] == *board->winner && !board->told[i])) return false;
        // What was listed before is of before.
        if (!std::exchange(all_told, true)) board->seen.reset();
        return board->seen.has_value();
    };
    if (!simulation.run_until(settled, std::chrono::minutes(10)) && !simulation.failure())
        return simulation.fail("a publisher was not told that its content is there");
    if (const auto wrong = wrong_catalogue(*board)) simulation.fail(*wrong);
}

}  // namespace spate::sim
