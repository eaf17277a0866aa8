// ClassicPort: classic peers that connect to the listen port: each asks for chunks of a file by its name at
// the tracker, and gets them out of the torrent that shares it (ClassicShare). Limits: connections_max of all
// sessions of the process, per_source_max of one source (an IPv4 address, the /64 of an IPv6 one), which has
// one at each port however many it has at others; idle_time. Beyond that one that asks for nothing is closed
// (classic_peer/giving_way.h), or the newcomer.
// Owner: SessionShare. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ledger.h"
#include "classic_peer/serve_connection.h"
#include "engine/source_counts.h"
#include "io/world.h"

namespace spate::engine {

class ClassicShare;

class ClassicPort final : private classic_peer::ServeConnectionOwner {
  public:
    static constexpr std::size_t connections_max = 256;
    static constexpr std::size_t per_source_max = 64;
    static constexpr Duration idle_time = std::chrono::seconds(60);

    ClassicPort(io::World& world, Ledger& connections, SourceCounts& sources)
        : world_(world), places_(connections), sources_(sources) {}

    // early: what was read of it.
    void adopt(std::unique_ptr<io::Stream> stream, Bytes early);
    // False: another torrent of ours is shared under that name.
    bool add(ClassicShare& share);
    // Its connections end.
    void remove(ClassicShare& share);
    // More of it can be served.
    void offer_changed(const ClassicShare& share);
    std::size_t connections() const { return connections_.size(); }

  private:
    struct Connection {
        Place place;
        CountedSource source;
        std::unique_ptr<classic_peer::ServeConnection> serves;
    };
    classic_peer::Served* find_served(const std::optional<std::string>& name) override;
    void on_sent(classic_peer::ServeConnection& connection, const std::vector<ByteRange>& ranges) override;
    void on_transferring(const std::string&) override {}
    void on_file_broken(const Error&) override {}
    void on_over(classic_peer::ServeConnection& connection) override;
    bool has_some(const Address& source) const;
    bool make_way(const std::optional<Address>& only);
    ClassicShare* share_of(const classic_peer::ServeConnection& connection) const;

    io::World& world_;
    std::map<std::string, ClassicShare*, std::less<>> shares_;
    Slots places_;
    SourceCounts& sources_;
    std::map<classic_peer::ServeConnection*, Connection> connections_;
};

}  // namespace spate::engine
