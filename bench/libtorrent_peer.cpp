// libtorrent as one peer of bench/transfer and bench/swarm: a process of its own, with the settings that suit
// a fast local network, and its choice of disk I/O.
//   libtorrent_peer TORRENT FOLDER ADDRESS:PORT mmap|posix
// Prints "done" once everything is there (checked, for a seed), then serves until it is ended.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/load_torrent.hpp>
#include <libtorrent/mmap_disk_io.hpp>
#include <libtorrent/posix_disk_io.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <libtorrent/torrent_info.hpp>

namespace {

lt::settings_pack settings(const char* listen) {
    auto pack = lt::high_performance_seed();
    pack.set_str(lt::settings_pack::listen_interfaces, listen);
    for (const int off : {lt::settings_pack::enable_dht, lt::settings_pack::enable_lsd,
                          lt::settings_pack::enable_upnp, lt::settings_pack::enable_natpmp,
                          lt::settings_pack::enable_incoming_utp, lt::settings_pack::enable_outgoing_utp})
        pack.set_bool(off, false);
    pack.set_int(lt::settings_pack::alert_mask, lt::alert_category::status | lt::alert_category::error);
    pack.set_int(lt::settings_pack::hashing_threads, 2);
    for (const int policy : {lt::settings_pack::in_enc_policy, lt::settings_pack::out_enc_policy})
        pack.set_int(policy, lt::settings_pack::pe_disabled);
    return pack;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: libtorrent_peer TORRENT FOLDER ADDRESS:PORT mmap|posix\n");
        return 2;
    }
    lt::session_params params(settings(argv[3]));
    if (std::strcmp(argv[4], "posix") == 0) params.disk_io_constructor = lt::posix_disk_io_constructor;
    lt::session session(std::move(params));
    auto torrent = lt::load_torrent_file(argv[1]);
    torrent.save_path = argv[2];
    torrent.flags &= ~(lt::torrent_flags::paused | lt::torrent_flags::auto_managed);
    const auto handle = session.add_torrent(std::move(torrent));
    bool told = false;
    for (;;) {
        session.wait_for_alert(std::chrono::milliseconds(told ? 1000 : 5));
        std::vector<lt::alert*> alerts;
        session.pop_alerts(&alerts);
        if (told || !handle.status({}).is_seeding) continue;
        std::puts("done");
        std::fflush(stdout);
        told = true;
    }
}
