#include "apps/list_command.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <fmt/core.h>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "apps/classic_fallback.h"
#include "apps/complaint.h"
#include "apps/list_table.h"
#include "apps/name_check.h"
#include "apps/torrent_flags.h"
#include "apps/tracker_wait.h"
#include "apps/word_choice.h"
#include "base/folded_text.h"
#include "base/printable.h"
#include "catalogue_client/catalogue_client.h"
#include "io/linux/loop.h"
#include "io/linux/terminal.h"

namespace spate::apps {
namespace {

using catalogue_protocol::ListedEntry;
using catalogue_protocol::ListOrder;
using Entries = Result<std::vector<ListedEntry>>;
struct Listed {
    bool answered = false;  // else interrupted
    std::vector<ListedEntry> entries;
    std::optional<Error> error;
    bool classic = false;  // from a tracker that tells no more than names, sizes and MD5s
};

constexpr const char* program = "spate list";

struct Flags {
    std::string tracker = "127.0.0.1:3456";
    std::string search;
    ListSort sort = ListSort::name;
    std::size_t limit = 100'000;
    double seconds = 10;
    bool json = false;
};

const std::map<std::string, ListSort> sort_words{
    {"name", ListSort::name},   {"size", ListSort::size},         {"age", ListSort::age},
    {"seeds", ListSort::seeds}, {"leechers", ListSort::leechers}, {"coverage", ListSort::coverage},
};

// By peers only the whole list can be sorted.
bool is_sorted_here(ListSort sort) {
    return sort == ListSort::seeds || sort == ListSort::leechers || sort == ListSort::coverage;
}

// What a tracker of the classic protocol alone tells.
std::vector<ListedEntry> listed_of(const ClassicFallback::Entries& entries, const std::string& search) {
    std::vector<ListedEntry> listed;
    const auto wanted = folded(search);
    for (const auto& classic : entries) {
        if (folded(classic.name).find(wanted) == std::string::npos) continue;
        ListedEntry entry;
        entry.name = classic.name;
        entry.size = classic.size;
        entry.md5 = classic.md5;
        listed.push_back(std::move(entry));
    }
    return listed;
}

Listed ask(const Flags& flags, const HostPort& tracker) {
    io_linux::Loop loop(1);
    auto world = loop.world();
    if (auto watched = loop.on_signal({SIGINT, SIGTERM}, [&](int) { loop.stop(); }); !watched)
        return {.answered = true, .entries = {}, .error = std::move(watched.error()), .classic = false};
    catalogue_client::CatalogueClient client(world, tracker);
    const TrackerWait wait(world.reactor, tracker, [](const std::string& text) { remark(program, text); });
    client.time_limit = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(flags.seconds));
    catalogue_protocol::ListQuery query;
    query.search = flags.search;
    query.limit = catalogue_protocol::page_entries_max;
    if (flags.sort == ListSort::size) query.order = ListOrder::size;
    if (flags.sort == ListSort::age) query.order = ListOrder::age;
    constexpr std::size_t all = 1'000'000;
    Listed listed;
    std::optional<Error> refusal;  // of the catalogue; there may be a classic LIST
    const auto answered = [&](bool by_classic) {
        listed.answered = true;
        listed.classic = by_classic;
        loop.stop();
    };
    const auto fail_with = [&](Error error) {
        listed.error = std::move(error);
        answered(false);
    };
    std::optional<Result<ClassicFallback::Entries>> classic;
    // The catalogue may only be long.
    const auto end_if_both = [&] {
        if (!refusal || !classic) return;
        if (!*classic) return fail_with(std::move(*refusal));
        listed.entries = listed_of(**classic, flags.search);
        answered(true);
    };
    ClassicFallback fallback(world, tracker, client.time_limit,
                             [&](Result<ClassicFallback::Entries> entries) {
                                 classic = std::move(entries);
                                 end_if_both();
                             });
    const auto work = client.list(query, is_sorted_here(flags.sort) ? all : flags.limit, [&](Entries result) {
        if (result) {
            // Entry by entry: GCC 12 sees a vector without a beginning when it is moved out of a Result here.
            listed.entries.assign(std::make_move_iterator(result->begin()),
                                  std::make_move_iterator(result->end()));
            return answered(false);
        }
        refusal = std::move(result.error());
        if (!classic) return fallback.begin();
        end_if_both();
    });
    loop.run();
    return listed;
}

int complain_of(const Error& error, const HostPort& tracker, const Flags& flags) {
    complain({program, flags.json}, error);
    if (is_silence(error)) {
        fmt::print(stderr,
                   "  no tracker answers at {}; start one there with 'spate tracker', or name another with "
                   "--tracker HOST[:PORT] or the variable SPATE_TRACKER\n",
                   printable(tracker.text()));
    }
    return exit_failed;
}

void print_table(const std::vector<ListedEntry>& entries, Counts counts, const HostPort& tracker,
                 const Flags& flags) {
    if (entries.empty()) {
        const std::string where = printable(tracker.text());
        if (flags.search.empty())
            fmt::print(stderr,
                       "Nothing is listed at {0} yet. Share something: spate share PATH --tracker {0}\n",
                       where);
        else
            fmt::print(stderr, "Nothing at {} has that in its name or description.\n", where);
        return;
    }
    const bool is_terminal = io_linux::stdout_is_terminal();
    const bool is_bold = is_terminal && std::getenv("NO_COLOR") == nullptr;
    const auto lines = list_table(entries, counts, is_terminal ? io_linux::stdout_width() : 0);
    for (std::size_t i = 0; i < lines.size(); ++i)
        fmt::print("{}{}{}\n", i == 0 && is_bold ? "\x1b[1m" : "", lines[i],
                   i == 0 && is_bold ? "\x1b[0m" : "");
    if (!is_terminal) return;
    for (const auto& line : closing_lines(entries, io_linux::stdout_width())) fmt::print("{}\n", line);
}

int run(const Flags& flags) {
    const auto tracker = *HostPort::parse(flags.tracker, catalogue_client::default_port);
    auto listed = ask(flags, tracker);
    if (!listed.answered) return exit_interrupted;
    if (listed.error) return complain_of(*listed.error, tracker, flags);
    auto& entries = listed.entries;
    sort_entries(entries, flags.sort);
    if (entries.size() > flags.limit) entries.resize(flags.limit);
    if (flags.json) {
        for (const auto& entry : entries)
            fmt::print("{}", catalogue_protocol::write_entry(entry));  // a line each
    } else {
        print_table(entries, listed.classic ? Counts::unknown : Counts::known, tracker, flags);
    }
    return exit_ok;
}

}  // namespace

void add_list_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
    auto* command = app.add_subcommand("list", "List what a tracker's catalogue has");
    command->footer(
        "SEEDS have all of it, LEECHERS a part; COVERAGE is the share of the file that can be had right "
        "now,\n"
        "? when nobody says which parts the leechers have; VERIFIED: the tracker asked the publisher for "
        "pieces\nand got them.\n"
        "Examples:\n"
        "  spate list\n"
        "  spate list --tracker files.example.org --search debian --sort seeds\n"
        "  spate list --json | jq -r 'select(.verified) | .name'\n");
    command->add_option("--tracker", flags->tracker, "The tracker whose catalogue is meant")
        ->type_name("HOST[:PORT]")
        ->envname("SPATE_TRACKER")
        ->capture_default_str()
        ->check(check_tracker);
    command->add_option("--search", flags->search, "Only what has all these words in its name or description")
        ->type_name("TEXT")
        ->check([](const std::string& text) {
            return text.size() <= catalogue_protocol::search_bytes_max ? std::string()
                                                                       : "it is longer than 200 bytes";
        });
    command->add_option("--sort", flags->sort, "The order: by name, or the largest or newest first")
        ->transform(one_of(sort_words))
        ->type_name("name|size|age|seeds|leechers|coverage")
        ->default_str("name");
    command->add_option("--limit", flags->limit, "Entries to show at most")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}).description(""));
    command->add_option("--time", flags->seconds, "Seconds the tracker has to answer")
        ->capture_default_str()
        ->check(CLI::Range(0.1, 3600.0).description(""));
    command->add_flag("--json", flags->json, "One JSON object a line, one line an entry");
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
