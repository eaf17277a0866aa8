#include "apps/classic_get.h"

#include "apps/json_line.h"
#include "apps/size_text.h"
#include "apps/torrent_run.h"
#include "base/printable.h"

namespace spate::apps {

using classic_peer::ReceiverOutcome;
using engine::TorrentState;

namespace {

classic_peer::ReceiverOptions options_of(const ClassicOnly& what, const std::string& folder, bool overwrite) {
    classic_peer::ReceiverOptions options;
    options.label = "spate";
    options.tracker = what.entry.tracker;
    options.file = what.entry.name;
    options.folder = folder;
    options.replace = overwrite;
    return options;
}

std::string explanation(ReceiverOutcome outcome, const std::string& name, const Error& error) {
    switch (outcome) {
        case ReceiverOutcome::unverified:
            return "the tracker has no usable MD5 of it: it is kept as " + name +
                   ".unverified, check it yourself";
        case ReceiverOutcome::wrong_md5:
            return "the MD5 of what came is wrong, and no other source has better bytes";
        case ReceiverOutcome::timed_out:
            return "not whole in time; what came is kept, the same command goes on with it";
        default:
            return error.message() + what_to_do(error);
    }
}

}  // namespace

ClassicGet::ClassicGet(io::World& world, const ClassicOnly& what, const std::string& folder, bool overwrite,
                       TorrentTeller& teller, std::function<void(bool)> done)
    : world_(world),
      teller_(teller),
      done_(std::move(done)),
      started_(world.reactor.now()),
      receiver_(world, options_of(what, folder, overwrite), *this) {
    status_.name = printable(what.entry.name);
    status_.bytes_total = what.size;
    receiver_.start();
}

ClassicGet::~ClassicGet() {
    *alive_ = false;
}

void ClassicGet::on_warning(const std::string& text) {
    teller_.warn(status_.name + ": " + text);
}

void ClassicGet::on_file_found(const classic_peer::FileIdentity& file, std::uint64_t there) {
    status_.state = TorrentState::downloading;
    status_.bytes_total = file.size;
    status_.bytes_have = there;
    teller_.say(status_.name + ": " + size_text(file.size) + ", from classic peers");
}

void ClassicGet::on_received(const HostPort& peer, std::uint64_t bytes, std::uint64_t have,
                             std::uint64_t size) {
    status_.bytes_total = size;
    status_.bytes_have = have;
    status_.downloaded += bytes;
    if (givers_.size() < givers_max) givers_.insert(peer.text());
    status_.peers = static_cast<std::uint32_t>(givers_.size());
    const std::chrono::duration<double> spent = world_.reactor.now() - started_;
    if (spent.count() > 0)
        status_.rate_down =
            static_cast<std::uint64_t>(static_cast<double>(status_.downloaded) / spent.count());
    const auto there = size == 0 ? 255 : static_cast<std::uint8_t>(have * 255 / size);
    status_.bar.assign(1, static_cast<std::uint8_t>(there));
}

void ClassicGet::on_checking(std::uint64_t size) {
    status_.state = TorrentState::checking;
    status_.bytes_checked = size;
}

void ClassicGet::on_peer_shown_wrong(const HostPort& peer) {
    on_warning("wrong bytes came from " + printable(peer.text()) + "; it is not asked again");
}

void ClassicGet::on_receiver_finished(ReceiverOutcome outcome, const Error& error) {
    const bool good = outcome == ReceiverOutcome::received || outcome == ReceiverOutcome::already_there;
    status_.state = good ? TorrentState::seeding : TorrentState::failed;
    const std::chrono::duration<double> spent = world_.reactor.now() - started_;
    if (good) {
        teller_.tell({{"event", "finished"},
                      {"name", json_text(status_.name)},
                      {"size", status_.bytes_total},
                      {"downloaded", status_.downloaded},
                      {"wasted", 0},
                      {"seconds", spent.count()}});
        teller_.say(status_.name + (outcome == ReceiverOutcome::received
                                        ? ": all there, its MD5 is right"
                                        : ": is there already, its MD5 is right"));
    } else {
        teller_.error(status_.name + ": " + explanation(outcome, status_.name, error));
    }
    world_.reactor.post([this, good, alive = alive_] {
        if (*alive) done_(good);
    });
}

}  // namespace spate::apps
