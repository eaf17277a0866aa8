#include "apps/name_check.h"

#include <algorithm>

#include "apps/list_table.h"
#include "apps/size_text.h"
#include "base/hex.h"
#include "base/printable.h"
#include "catalogue_protocol/entry_name.h"
#include "catalogue_protocol/limits.h"
#include "classic/classic_name.h"
#include "creation/file_tree.h"
#include "metainfo/limits.h"

namespace spate::apps {

using catalogue_protocol::ListedEntry;
using metainfo::TorrentVersion;

namespace {

// The same for a tracker that says nothing; the one who waits is a person.
constexpr Duration time_limit = std::chrono::seconds(10);

std::string flag_of(const metainfo::InfoHash& hash) {
    return hash.v1 && hash.v2 ? "--hybrid" : hash.v2 ? "--v2" : "--v1";
}

Error ours_is_other(const ListedEntry& there, const PlannedEntry& planned) {
    return Error::invalid("publish", planned.name,
                          "you published other content of " + size_text(there.size) + " under this name (" +
                              age_text(there.age_seconds) +
                              "); --replace puts this in its place, --name gives it another",
                          std::errc::file_exists);
}

}  // namespace

std::string check_entry_name(const std::string& text) {
    std::string name = text;
    std::ranges::replace(name, ' ', '_');
    if (!classic::name_fault(name)) {
        const auto fault = catalogue_protocol::entry_name_fault(name);
        return fault ? "'" + printable(text) + "' cannot be the name of an entry: it " + std::string(*fault)
                     : "";
    }
    return "'" + printable(text) +
           "' cannot be the name of an entry: of 1 to 255 bytes, without / \\ < >, control characters and "
           "two "
           "dots in a row, and not a dot alone";
}

std::optional<Error> metainfo_refusal(const PlannedEntry& planned, std::uint64_t path_bytes) {
    const auto most = catalogue_protocol::metainfo_bytes_max;
    const std::uint64_t piece_bytes = (planned.version != TorrentVersion::v2 ? 20U : 0U) +
                                      (planned.version != TorrentVersion::v1 ? 32U : 0U);
    const auto least = [&](std::uint64_t piece_length) {
        return metainfo::units(planned.size, piece_length) * piece_bytes + path_bytes;
    };
    std::uint64_t enough =
        planned.piece_length != 0 ? planned.piece_length : metainfo::default_piece_length(planned.size);
    if (least(enough) <= most) return std::nullopt;
    if (least(metainfo::piece_length_max) > most)
        return Error::invalid("publish", planned.name,
                              "its .torrent would have more than the 8 MiB that a tracker takes; share it in "
                              "parts",
                              std::errc::file_too_large);
    while (least(enough) > most) enough *= 2;
    return Error::invalid("publish", planned.name,
                          "pieces so small make a .torrent of more than the 8 MiB that a tracker takes: "
                          "--piece-size " +
                              std::to_string(enough >> 10) + "k or more",
                          piece_size_refused);
}

std::optional<Error> name_refusal(const ListedEntry& there, const PlannedEntry& planned) {
    const auto taken = [&](const std::string& why) {
        return Error::invalid("publish", planned.name, why, std::errc::file_exists);
    };
    if (there.publisher == planned.publisher) {
        if (planned.replace || there.size == planned.size) return std::nullopt;
        return ours_is_other(there, planned);
    }
    const auto by = there.publisher ? ", published by " + to_hex(Bytes(*there.publisher).first(4)) : "";
    if (there.size != planned.size)
        return taken("the name is taken at the tracker, by content of another size" + by +
                     "; choose another with --name");
    if (!there.is_published()) return std::nullopt;
    const bool could_join = (there.hash.v1 && planned.version != TorrentVersion::v2) ||
                            (there.hash.v2 && planned.version != TorrentVersion::v1);
    if (could_join) return std::nullopt;
    return taken("the name is taken at the tracker, by a torrent of another version" + by + "; add " +
                 flag_of(there.hash) + " to share the same, or choose another name with --name");
}

std::optional<Error> hashed_refusal(const ListedEntry& there, const PlannedEntry& planned,
                                    const metainfo::InfoHash& hash) {
    if (planned.replace || there.publisher != planned.publisher || there.hash == hash) return std::nullopt;
    return ours_is_other(there, planned);
}

bool is_silence(const Error& error) {
    return error.is(std::errc::connection_refused) || error.is(std::errc::timed_out) ||
           error.is(std::errc::host_unreachable) || error.is(std::errc::network_unreachable);
}

Error share_advice(Error error, const HostPort& tracker) {
    const auto advise = [&](const std::string& what) {
        error.detail = (error.detail.empty() ? error.code.message() : error.detail) + " (" + what + ")";
    };
    if (is_silence(error))
        advise("start one with 'spate tracker', or name yours: --tracker HOST[:PORT] or SPATE_TRACKER");
    else if (error.is(std::errc::function_not_supported) || error.is(std::errc::bad_message) ||
             error.is(std::errc::connection_reset) || error.is(std::errc::broken_pipe))
        advise("is " + tracker.text() +
               " a tracker of Spate? One of the classic protocol keeps no torrents; " +
               "'spate client TRACKER' shares a file there");
    return error;
}

NameCheck::NameCheck(io::World& world, const HostPort& tracker, const std::string& path, PlannedEntry planned,
                     Done done)
    : planned_(std::move(planned)), done_(std::move(done)), catalogue_(world, tracker) {
    catalogue_.time_limit = time_limit;
    const auto measured = std::make_shared<Result<Measured>>();
    world.pool.submit(
        [&files = world.files, path, measured, stop = given_up_] { *measured = measure(files, path, *stop); },
        [this, measured, stop = given_up_] {
            if (!*stop) on_measured(std::move(*measured));
        });
}

NameCheck::~NameCheck() {
    *given_up_ = true;
}

Result<NameCheck::Measured> NameCheck::measure(io::Files& files, const std::string& path,
                                               const std::atomic<bool>& stop) {
    const auto tree = creation::walk(files, path, stop);
    if (!tree) return fail(tree.error());
    Measured measured;
    for (const auto& file : tree->files) {
        measured.size += file.size;
        measured.path_bytes += file.joined().size();
    }
    return measured;
}

void NameCheck::on_measured(Result<Measured> measured) {
    if (!measured) return finish(fail(std::move(measured.error())));
    planned_.size = measured->size;
    if (auto refusal = metainfo_refusal(planned_, measured->path_bytes))
        return finish(fail(std::move(*refusal)));
    asked_ = catalogue_.look(planned_.name, [this](const Result<ListedEntry>& entry) { on_looked(entry); });
}

void NameCheck::on_looked(const Result<ListedEntry>& entry) {
    if (entry) {
        auto refusal = name_refusal(*entry, planned_);
        return refusal ? finish(fail(std::move(*refusal))) : finish(Found(*entry));
    }
    if (entry.error().is(std::errc::no_such_file_or_directory)) return finish(Found());
    finish(fail(share_advice(entry.error(), catalogue_.tracker())));
}

void NameCheck::finish(Result<Found> result) {
    auto done = std::move(done_);  // it may destroy this
    done(std::move(result));
}

}  // namespace spate::apps
