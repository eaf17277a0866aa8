// spate-sim: runs scenarios under seeds. A failing run prints one line that runs it again. Exit status: 0 all
// runs passed, 1 one failed, 2 wrong usage.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

#include "sim/scenario.h"

namespace {

using namespace spate;

// A crash or a failed assertion must name the run, too; a signal handler can reach nothing else.
char replay_line[256];
extern "C" void print_replay_line(int signal_number) {
    const auto length = std::strlen(replay_line);
    if (write(STDOUT_FILENO, replay_line, length) < 0) _exit(1);
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
}

struct Total {
    std::uint64_t runs = 0;
    std::uint64_t events = 0;
    Duration simulated{};
    std::map<std::string, std::uint64_t, std::less<>> marks;
};

std::string replay_command(const sim::Scenario& scenario, std::uint64_t seed, const sim::ScenarioSize& size) {
    auto command = "spate-sim --scenario " + std::string(scenario.name) + " --seed " + std::to_string(seed);
    if (size.peers != 0) command += " --peers " + std::to_string(size.peers);
    if (size.bytes != 0) command += " --bytes " + std::to_string(size.bytes);
    return command;
}

bool run_one(const sim::Scenario& scenario, std::uint64_t seed, const sim::ScenarioSize& size, bool with_log,
             Total& total) {
    const auto command = replay_command(scenario, seed, size);
    std::snprintf(replay_line, sizeof replay_line, "FAILED: %s: crashed\n", command.c_str());
    sim::EventLog::Sink sink;
    if (with_log) sink = [](std::string_view line) { std::cout << line << '\n'; };
    const auto outcome = sim::run_scenario(scenario, seed, sink, size);
    ++total.runs;
    total.events += outcome.events;
    total.simulated += outcome.simulated;
    for (const auto& [name, count] : outcome.marks) total.marks[name] += count;
    if (with_log) std::cout << "log hash " << std::hex << outcome.log_hash << std::dec << '\n';
    if (outcome.failure) std::cout << "FAILED: " << command << ": " << *outcome.failure << '\n';
    std::cout.flush();
    return !outcome.failure;
}

void print(const sim::Scenario& scenario, const Total& total, bool with_marks) {
    std::cout << scenario.name << ": " << total.runs << " runs, " << total.events << " events, "
              << std::chrono::duration_cast<std::chrono::minutes>(total.simulated).count()
              << " simulated minutes\n";
    if (!with_marks) return;
    for (const auto& [name, count] : total.marks) std::cout << "  " << count << " x " << name << '\n';
}

int list() {
    for (const auto& scenario : sim::scenarios())
        std::cout << scenario.name << ": " << scenario.about << '\n';
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Runs simulated worlds: one thread, virtual time, one seed.", "spate-sim");
    std::vector<std::string> names;
    std::uint64_t seed = 1;
    std::uint64_t count = 1;
    sim::ScenarioSize size;
    bool with_log = false;
    bool with_marks = false;
    bool only_list = false;
    app.add_option("--scenario", names, "Which ones; all of them if not given");
    app.add_option("--seed", seed, "The first seed")->capture_default_str();
    app.add_option("--seeds", count, "How many seeds of each, counting up")->capture_default_str();
    app.add_option("--peers", size.peers, "How many, where a scenario draws it (up to a few hundred)");
    app.add_option("--bytes", size.bytes, "Size of the content, likewise");
    app.add_flag("--log", with_log, "Print every event");
    app.add_flag("--marks", with_marks, "Print how often each named thing happened");
    app.add_flag("--list", only_list, "Print the scenarios and end");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (only_list) return list();
    for (const auto& name : names) {
        if (sim::find_scenario(name)) continue;
        std::cerr << "spate-sim: there is no scenario " << name << " (see --list)\n";
        return 2;
    }
    std::signal(SIGABRT, print_replay_line);
    std::signal(SIGSEGV, print_replay_line);
    for (const auto& scenario : sim::scenarios()) {
        if (!names.empty() && std::ranges::find(names, scenario.name) == names.end()) continue;
        Total total;
        for (std::uint64_t i = 0; i < count; ++i) {
            if (!run_one(scenario, seed + i, size, with_log, total)) return 1;
        }
        print(scenario, total, with_marks);
    }
    return 0;
}
