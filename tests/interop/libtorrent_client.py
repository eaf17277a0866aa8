#!/usr/bin/python3
"""libtorrent as a program: libtorrent_client.py ADDRESS PORT SOURCE FOLDER. Prints its alerts, and "done" when it has everything.

A process each, since libtorrent keeps the connection ids of UDP trackers for the process, not for the session.
"""
import sys

import libtorrent as lt


def main(address, port, source, folder):
    kinds = lt.alert.category_t
    session = lt.session({
        "listen_interfaces": f"{address}:{port}", "outgoing_interfaces": address, "enable_dht": False, "enable_lsd": False,
        "enable_upnp": False, "enable_natpmp": False, "enable_incoming_utp": False, "enable_outgoing_utp": False,
        "alert_mask": kinds.error_notification | kinds.tracker_notification | kinds.peer_notification
        | kinds.status_notification})
    if source.startswith("magnet:"):
        params = lt.parse_magnet_uri(source)
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(source)
    params.save_path = folder
    params.flags &= ~(lt.torrent_flags.paused | lt.torrent_flags.auto_managed)
    handle = session.add_torrent(params)
    told = False
    while True:
        session.wait_for_alert(100)
        for alert in session.pop_alerts():
            print(alert.message(), flush=True)
        if not told and handle.status().is_seeding:
            told = True
            print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
