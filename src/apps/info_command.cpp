#include "apps/info_command.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/chrono.h>
#include <fmt/core.h>
#include <memory>

#include "apps/complaint.h"
#include "apps/json_line.h"
#include "apps/size_text.h"
#include "apps/source_text.h"
#include "apps/torrent_file.h"
#include "base/hex.h"
#include "base/printable.h"
#include "io/linux/loop.h"
#include "metainfo/magnet.h"

namespace spate::apps {
namespace {

constexpr std::size_t files_shown_max = 100;
constexpr const char* program = "spate info";

struct Flags {
    std::string source;
    bool json = false;
    bool magnet = false;
    bool all_files = false;
};

std::string shown(std::string_view text) {
    return printable(text, 4096);
}

void row(const char* name, const std::string& text) {
    if (!text.empty()) fmt::print("{:<14}{}\n", name, text);
}

void print_hashes(const metainfo::InfoHash& hash) {
    if (hash.v1) row("Info-hash v1", to_hex(*hash.v1));
    if (hash.v2) row("Info-hash v2", to_hex(*hash.v2));
}

std::string date_text(std::int64_t unix_seconds) {
    constexpr std::int64_t year_9999 = 253'402'300'799;
    if (unix_seconds < 0 || unix_seconds > year_9999) return std::to_string(unix_seconds);
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

void print_files(const metainfo::FileLayout& layout, bool all) {
    fmt::print("Files\n");
    std::size_t listed = 0, left_out = 0;
    for (const auto& file : layout.files()) {
        if (file.attributes.pad) continue;
        if (!all && listed == files_shown_max) {
            ++left_out;
            continue;
        }
        ++listed;
        fmt::print("  {:>10}  {}{}\n", size_text(file.size), shown(file.path),
                   file.attributes.symlink ? " (a link)" : "");
    }
    if (left_out > 0) fmt::print("  and {} more (--files lists all)\n", left_out);
}

void print_plain(const metainfo::Metainfo& torrent, bool all_files) {
    const auto& info = torrent.info;
    const auto& layout = info.layout;
    std::size_t files = 0;
    for (const auto& file : layout.files()) files += file.attributes.pad ? 0U : 1U;
    row("Name", shown(info.name));
    if (info.original_name != info.name) row("In the file", shown(info.original_name));
    print_hashes(info.hash);
    row("Size", fmt::format("{} ({} bytes) in {} {}", size_text(layout.total_size()), layout.total_size(),
                            files, files == 1 ? "file" : "files"));
    row("Pieces",
        fmt::format("{} of {} KiB", layout.piece_count(), static_cast<double>(layout.piece_length()) / 1024));
    row("Private", info.private_torrent ? "yes" : "no");
    row("Source", shown(info.source));
    for (std::size_t tier = 0; tier < torrent.trackers.size(); ++tier)
        for (const auto& url : torrent.trackers[tier])
            row(tier == 0 ? "Tracker" : "Then tracker", shown(url));
    for (const auto& url : torrent.web_seeds) row("Web seed", shown(url));
    for (const auto& node : torrent.nodes) row("DHT node", shown(node.text()));
    if (torrent.creation_date) row("Created", date_text(*torrent.creation_date));
    row("Created by", shown(torrent.created_by));
    row("Comment", shown(torrent.comment));
    for (const auto& warning : torrent.warnings) row("Warning", shown(warning));
    print_files(layout, all_files);
}

void print_plain(const metainfo::Magnet& magnet) {
    row("Name", shown(magnet.name));
    print_hashes(magnet.hash);
    for (const auto& url : magnet.trackers) row("Tracker", shown(url));
    for (const auto& url : magnet.web_seeds) row("Web seed", shown(url));
    for (const auto& peer : magnet.peers) row("Peer", shown(peer.text()));
    std::string files;
    for (const auto& range : magnet.select_only)
        files += (files.empty() ? "" : ", ") + (range.first == range.last
                                                    ? std::to_string(range.first)
                                                    : fmt::format("{}-{}", range.first, range.last));
    row("Only files", files);
}

boost::json::array texts(const std::vector<std::string>& all) {
    boost::json::array array;
    for (const auto& text : all) array.push_back(json_text(text));
    return array;
}

void add_hashes(boost::json::object& object, const metainfo::InfoHash& hash) {
    object["info_hash_v1"] = nullptr;
    object["info_hash_v2"] = nullptr;
    if (hash.v1) object["info_hash_v1"] = to_hex(*hash.v1);
    if (hash.v2) object["info_hash_v2"] = to_hex(*hash.v2);
}

boost::json::array files_of(const metainfo::FileLayout& layout) {
    boost::json::array files;
    for (const auto& file : layout.files()) {
        if (file.attributes.pad) continue;
        boost::json::object entry;
        entry["path"] = json_text(file.path);
        entry["size"] = file.size;
        if (file.attributes.executable) entry["executable"] = true;
        if (file.attributes.hidden) entry["hidden"] = true;
        if (file.attributes.symlink) entry["symlink"] = true;
        files.push_back(std::move(entry));
    }
    return files;
}

void print_json(const metainfo::Metainfo& torrent) {
    const auto& info = torrent.info;
    boost::json::object object;
    object["name"] = json_text(info.name);
    add_hashes(object, info.hash);
    object["piece_length"] = info.layout.piece_length();
    object["pieces"] = info.layout.piece_count();
    object["total_size"] = info.layout.total_size();
    object["private"] = info.private_torrent;
    object["files"] = files_of(info.layout);
    std::vector<std::string> trackers;
    boost::json::array tiers;
    for (const auto& tier : torrent.trackers) {
        trackers.insert(trackers.end(), tier.begin(), tier.end());
        tiers.push_back(texts(tier));
    }
    object["trackers"] = texts(trackers);
    object["tracker_tiers"] = std::move(tiers);
    object["web_seeds"] = texts(torrent.web_seeds);
    object["source"] = json_text(info.source);
    object["comment"] = json_text(torrent.comment);
    object["created_by"] = json_text(torrent.created_by);
    object["creation_date"] = nullptr;
    if (torrent.creation_date) object["creation_date"] = *torrent.creation_date;
    object["magnet"] = json_text(metainfo::write_magnet(metainfo::magnet_of(torrent)));
    object["warnings"] = texts(torrent.warnings);
    print_json_line(object);
}

// What only the torrent knows is null, and its files are none.
void print_json(const metainfo::Magnet& magnet) {
    boost::json::object object;
    object["name"] = json_text(magnet.name);
    add_hashes(object, magnet.hash);
    for (const char* unknown : {"piece_length", "pieces", "total_size", "private"}) object[unknown] = nullptr;
    object["files"] = boost::json::array{};
    object["trackers"] = texts(magnet.trackers);
    object["web_seeds"] = texts(magnet.web_seeds);
    std::vector<std::string> peers;
    for (const auto& peer : magnet.peers) peers.push_back(peer.text());
    object["peers"] = texts(peers);
    auto& only = object["select_only"].emplace_array();
    for (const auto& range : magnet.select_only) only.push_back(boost::json::array{range.first, range.last});
    object["magnet"] = json_text(metainfo::write_magnet(magnet));
    print_json_line(object);
}

std::string check_magnet(const std::string& text) {
    if (!text.starts_with("magnet:")) return {};
    const auto magnet = parse_magnet_link(text);
    return magnet ? "" : magnet.error().message();
}

int run_magnet(const Flags& flags) {
    const auto magnet = parse_magnet_link(flags.source);
    if (!magnet) return complain({program, flags.json}, magnet.error());
    if (flags.magnet)
        fmt::print("{}\n", shown(metainfo::write_magnet(*magnet)));
    else if (flags.json)
        print_json(*magnet);
    else
        print_plain(*magnet);
    return exit_ok;
}

int run(const Flags& flags) {
    if (flags.source.starts_with("magnet:")) return run_magnet(flags);
    io_linux::Loop loop(1);
    const auto torrent = load_torrent(loop.world().files, flags.source);
    if (!torrent) return complain({program, flags.json}, torrent.error());
    if (flags.magnet)
        fmt::print("{}\n", metainfo::write_magnet(metainfo::magnet_of(*torrent)));
    else if (flags.json)
        print_json(*torrent);
    else
        print_plain(*torrent, flags.all_files);
    return exit_ok;
}

}  // namespace

void add_info_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
    auto* command = app.add_subcommand("info", "Show what a .torrent file or a magnet link says");
    command->footer(
        "Examples:\n"
        "  spate info image.iso.torrent\n"
        "  spate info image.iso.torrent --magnet           the magnet link to pass on\n"
        "  spate info 'magnet:?xt=urn:btih:...' --json\n");
    command->add_option("FILE|MAGNET", flags->source, ".torrent file, or a link in quotes")
        ->required()
        ->check(check_path)
        ->check(check_magnet);
    auto* json = command->add_flag("--json", flags->json, "Print one JSON object");
    command->add_flag("--magnet", flags->magnet, "Print a magnet link only")->excludes(json);
    command->add_flag("--files", flags->all_files, "List all files, however many")->excludes(json);
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
