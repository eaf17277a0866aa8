#include "apps/share_preparation.h"

#include <algorithm>
#include <csignal>
#include <set>
#include <utility>

#include "apps/entry_finder.h"
#include "apps/piece_size.h"
#include "apps/tracker_wait.h"
#include "base/printable.h"

namespace spate::apps {
namespace {

// 0: by size.
std::uint64_t piece_length(const ShareFlags& flags) {
    return flags.piece_size.empty() ? 0 : *parse_piece_size(flags.piece_size);
}

creation::CreateRequest request_of(const ShareFlags& flags, const std::filesystem::path& path) {
    creation::CreateRequest request;
    request.path = path.string();
    request.name = path.filename().string();
    request.version = flags.version();
    request.piece_length = piece_length(flags);
    request.trackers = {announce_urls(flags.torrent.tracker_place())};
    request.created_by = "spate " SPATE_VERSION;
    request.jobs = flags.jobs;
    return request;
}

}  // namespace

std::optional<std::vector<HashedShare>> SharePreparation::prepare(const hash::PublicKey& publisher) {
    const auto all = plan_all(publisher);
    if (!all) return std::nullopt;
    std::vector<HashedShare> shares;
    for (const auto& planned : *all) {
        auto hashed = hash_planned(planned);
        if (!hashed) return std::nullopt;
        *hashed ? shares.push_back(std::move(**hashed)) : refuse(hashed->error());
    }
    return shares;
}

void SharePreparation::refuse(const Error& error) {
    complain(who_, error);
    const bool is_usage = flags_.paths.size() == 1 && error.is(piece_size_refused);
    exit_code_ = is_usage ? exit_usage : exit_failed;
}

std::optional<std::vector<SharePreparation::Planned>> SharePreparation::plan_all(
    const hash::PublicKey& publisher) {
    std::vector<Planned> all;
    std::set<std::filesystem::path> seen;
    for (const auto& path : flags_.paths) {
        auto planned = plan(path);
        if (!planned) {
            refuse(planned.error());
            continue;
        }
        if (!seen.insert(planned->path).second) {
            remark(who_.program, printable(path, 1000) + ": another PATH is the same; it is taken once");
            continue;
        }
        if (std::ranges::any_of(all,
                                [&](const Planned& one) { return one.entry.name == planned->entry.name; })) {
            refuse(Error::invalid("share", path, "another PATH of this call has the same name",
                                  std::errc::file_exists));
            continue;
        }
        planned->entry.publisher = publisher;
        auto there = check_name(*planned);
        if (!there) return std::nullopt;
        if (*there) {
            planned->there = std::move(**there);
            all.push_back(std::move(*planned));
            continue;
        }
        refuse(there->error());
        if (is_silence(there->error())) return std::vector<Planned>();
    }
    return all;
}

Result<SharePreparation::Planned> SharePreparation::plan(const std::string& path) const {
    std::error_code error;
    Planned planned{.path = std::filesystem::canonical(path, error), .entry = {}, .there = {}};
    if (error) return fail(Error{error, "share", path, {}});
    auto& entry = planned.entry;
    entry.name = catalogue_client::catalogue_name(flags_.name.empty() ? planned.path.filename().string()
                                                                      : flags_.name);
    entry.version = flags_.version();
    entry.piece_length = piece_length(flags_);
    entry.replace = flags_.replace;
    if (entry.name.empty())
        return fail(Error::invalid("share", path,
                                   "no entry can have the name of this file; give it one with --name"));
    return planned;
}

std::optional<Result<NameCheck::Found>> SharePreparation::check_name(const Planned& planned) const {
    io_linux::Loop loop(1);
    if (!flags_.torrent.bind.empty()) loop.set_source(*Address::parse(flags_.torrent.bind));
    auto world = loop.world();
    if (auto watched = loop.on_signal({SIGINT, SIGTERM}, [&](int) { loop.stop(); }); !watched)
        return fail(std::move(watched.error()));
    std::optional<Result<NameCheck::Found>> checked;
    const TrackerWait wait(world.reactor, flags_.torrent.tracker_place(),
                           [this](const std::string& text) { remark(who_.program, text); });
    NameCheck check(world, flags_.torrent.tracker_place(), planned.path.string(), planned.entry,
                    [&](Result<NameCheck::Found> result) {
                        checked = std::move(result);
                        loop.stop();
                    });
    loop.run();
    return checked;
}

std::optional<Result<HashedShare>> SharePreparation::hash_planned(const Planned& planned) const {
    auto content = hash_content(request_of(flags_, planned.path), flags_.torrent.telling() != Telling::plain);
    if (!content) return std::nullopt;
    if (!*content) return fail(std::move(content->error()));
    HashedShare share{.content = std::move(**content),
                      .folder = planned.path.parent_path().string(),
                      .name = planned.entry.name,
                      .again = false};
    if (const auto& entry = planned.there) {
        const auto& found = share.content.metainfo.info.hash;
        share.again = entry->publisher == planned.entry.publisher && entry->hash == found;
        if (auto refusal = hashed_refusal(*entry, planned.entry, found)) return fail(std::move(*refusal));
    }
    return share;
}

}  // namespace spate::apps
