// libtorrent as the session of bench/scale: all torrents of a folder as seeds, in a process of its own.
//   libtorrent_scale FOLDER COUNT SECONDS
// Torrents are FOLDER/torrents/N.torrent, files in FOLDER/data; in seed mode, so that nothing is hashed.
// Prints one JSON object, with the measures of scale_torrents.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/load_torrent.hpp>
#include <libtorrent/posix_disk_io.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <malloc.h>
#include <string>
#include <thread>
#include <vector>

#include "own_usage.h"

namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: libtorrent_scale FOLDER COUNT SECONDS\n");
        return 2;
    }
    const std::string folder = argv[1];
    const int count = std::atoi(argv[2]);
    const double idle_seconds = std::atof(argv[3]);
    auto pack = lt::high_performance_seed();
    pack.set_str(lt::settings_pack::listen_interfaces, "127.0.0.1:0");
    for (const int off : {lt::settings_pack::enable_dht, lt::settings_pack::enable_lsd,
                          lt::settings_pack::enable_upnp, lt::settings_pack::enable_natpmp})
        pack.set_bool(off, false);
    for (const int all : {lt::settings_pack::active_seeds, lt::settings_pack::active_limit,
                          lt::settings_pack::active_tracker_limit})
        pack.set_int(all, count + 1);
    pack.set_int(lt::settings_pack::alert_mask, lt::alert_category::status | lt::alert_category::tracker);
    pack.set_int(lt::settings_pack::alert_queue_size, 100 * count);
    lt::session_params params(std::move(pack));
    params.disk_io_constructor = lt::posix_disk_io_constructor;
    auto session = std::make_unique<lt::session>(std::move(params));
    malloc_trim(0);
    const auto resident = static_cast<double>(spate::resident_bytes());
    const double cpu = spate::cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
        auto torrent = lt::load_torrent_file(folder + "/torrents/" + std::to_string(i) + ".torrent");
        torrent.save_path = folder + "/data";
        torrent.flags &= ~(lt::torrent_flags::paused | lt::torrent_flags::auto_managed);
        torrent.flags |= lt::torrent_flags::seed_mode;
        session->async_add_torrent(std::move(torrent));
    }
    int seeding = 0;
    int announced = 0;
    double all_seeding = 0;
    std::vector<lt::alert*> alerts;
    while (announced < count && seconds_since(begin) < 300) {
        session->wait_for_alert(std::chrono::milliseconds(20));
        session->pop_alerts(&alerts);
        for (lt::alert* alert : alerts) {
            if (lt::alert_cast<lt::add_torrent_alert>(alert) != nullptr && ++seeding == count)
                all_seeding = seconds_since(begin);
            if (lt::alert_cast<lt::tracker_reply_alert>(alert) != nullptr) ++announced;
        }
    }
    const double all_announced = seconds_since(begin);
    const double seeding_cpu = spate::cpu_seconds() - cpu;
    const double before = spate::cpu_seconds();
    std::this_thread::sleep_for(std::chrono::duration<double>(idle_seconds));
    const double idle = (spate::cpu_seconds() - before) / idle_seconds;
    malloc_trim(0);
    const double per_torrent = (static_cast<double>(spate::resident_bytes()) - resident) / count;
    const auto stopping = std::chrono::steady_clock::now();
    session.reset();
    std::printf(
        "{\"seeding\": %.2f, \"seeding_cpu\": %.2f, \"announced\": %.2f, \"told\": %d, \"resident\": %.0f, "
        "\"idle_cpu\": %.4f, \"stop\": %.2f}\n",
        all_seeding, seeding_cpu, all_announced, announced, per_torrent, idle, seconds_since(stopping));
}
