#include "sim/scenarios/classic_swarm.h"

#include <algorithm>

#include "base/hex.h"
#include "hash/digest.h"
#include "sim/scenarios/classic_checks.h"

namespace spate::sim {
namespace {

const HostPort tracker_address{"tracker", 3456};
const Address any_address = Address::v4(0, 0, 0, 0);

std::string random_file(Rng& rng, std::uint64_t size) {
    std::string file(size, '\0');
    for (char& byte : file) byte = static_cast<char>(rng.below(256));
    return file;
}

std::string path() {
    return std::string(ClassicSwarm::folder) + "/" + ClassicSwarm::file_name;
}

}  // namespace

ClassicSwarm::ClassicSwarm(Testbed& testbed, const SwarmSettings& settings)
    : testbed_(testbed),
      settings_(settings),
      file_(random_file(testbed.simulation().rng(), settings.size)),
      md5_(to_hex(hash::md5(as_bytes(file_)))) {
    add_hosts();
    run_tracker();
    for (int k = 1; k <= settings_.senders; ++k) run_sender(k);
    for (int k = 1; k <= settings_.receivers; ++k) run_receiver(k);
    for (std::size_t i = 0; i < settings_.evil.size(); ++i) run_evil(i);
    run_auditor();
    testbed_.simulation().check_every(std::chrono::milliseconds(250), [this] { return check_disks(); });
}

void ClassicSwarm::add_hosts() {
    tracker_ = &testbed_.add_host("tracker");
    for (int k = 1; k <= settings_.senders; ++k)
        senders_.push_back(&testbed_.add_host("sender" + std::to_string(k)));
    for (int k = 1; k <= settings_.receivers; ++k)
        receivers_.push_back(&testbed_.add_host("receiver" + std::to_string(k)));
    for (std::size_t i = 0; i < settings_.evil.size(); ++i)
        evil_.push_back(&testbed_.add_host("evil" + std::to_string(i + 1)));
    auditor_ = &testbed_.add_host("auditor");
}

std::optional<std::string> ClassicSwarm::check_disks() {
    const bool only_right_bytes = settings_.evil.empty() && !settings_.bytes_come_wrong;
    for (Host* host : receivers_) {
        if (auto wrong = wrong_file_in_place(*host, folder, file_name, file_)) return wrong;
        if (!only_right_bytes) continue;
        if (auto wrong = false_resume_claim(*host, folder, {file_name, file_.size(), md5_}, file_))
            return wrong;
    }
    return std::nullopt;
}

void ClassicSwarm::run_tracker() {
    tracker::Options options;
    options.listen = {{any_address, tracker_address.port}};
    options.possession.mode = settings_.possession;
    const auto ledger = TrackerLedger::open(
        *tracker_, [this](const std::string& host, ByteRange range) { check_claim(host, range); });
    tracker_->run("tracker", [options, ledger, &simulation = testbed_.simulation()](auto& start) {
        return std::make_shared<TrackerProgram>(start, simulation, options, ledger);
    });
}

void ClassicSwarm::check_claim(const std::string& host, ByteRange range) {
    const auto it =
        std::ranges::find_if(receivers_, [&](Host* one) { return one->address().text() == host; });
    if (it == receivers_.end() || range.empty()) return;
    const auto bytes = (*it)->disk().get(path());
    if (!bytes || as_text(*bytes) != file_)
        testbed_.simulation().fail((*it)->name() + " claims what it does not have");
}

void ClassicSwarm::run_sender(int k) {
    Host& host = *senders_[static_cast<std::size_t>(k - 1)];
    host.disk().put(path(), as_bytes(file_));
    classic_peer::SenderOptions options;
    options.tracker = tracker_address;
    options.folder = folder;
    options.file = file_name;
    options.sender = settings_.whole_senders ? 1 : k;
    options.senders = settings_.whole_senders ? 1 : settings_.senders;
    options.serving.listen = {any_address, static_cast<std::uint16_t>(6360 + k)};
    host.run("sender", [options, address = host.address(), announced = announced_](auto& start) {
        return std::make_shared<SenderProgram>(start, options, address, announced);
    });
}

void ClassicSwarm::run_receiver(int k) {
    Host& host = *receivers_[static_cast<std::size_t>(k - 1)];
    progress_.push_back(std::make_shared<ReceiverProgress>());
    classic_peer::ReceiverOptions options;
    options.tracker = tracker_address;
    options.folder = folder;
    options.label = "client_" + std::to_string(5 + k);
    options.timeout = settings_.receiver_timeout;
    options.seed = settings_.seed;
    options.serving.listen = {any_address, static_cast<std::uint16_t>(6365 + k)};
    host.run("receiver", [options, pause = settings_.retry_pause, progress = progress_.back(),
                          address = host.address(), announced = announced_](auto& start) {
        return std::make_shared<ReceiverProgram>(start, options, pause, progress, address, announced);
    });
}

void ClassicSwarm::run_evil(std::size_t i) {
    EvilOptions options{settings_.evil[i], tracker_address, file_name, file_, md5_, false};
    options.creates = testbed_.simulation().rng().chance(1, 3);
    evil_[i]->run("evil", [options](auto& start) { return std::make_shared<EvilProgram>(start, options); });
}

void ClassicSwarm::run_auditor() {
    Simulation& simulation = testbed_.simulation();
    const Auditor::Findings findings{[&simulation] { simulation.mark("auditor: right"); },
                                     [&simulation](const std::string& lie) { simulation.fail(lie); }};
    auditor_->run("auditor", [announced = announced_, file = file_, findings](auto& start) {
        return std::make_shared<Auditor>(start.world, announced, file_name, file, findings);
    });
}

bool ClassicSwarm::all_done() const {
    for (std::size_t i = 0; i < receivers_.size(); ++i) {
        if (progress_[i]->done == 0) return false;
        if (!receivers_[i]->disk().get(path())) return false;
    }
    return true;
}

}  // namespace spate::sim
