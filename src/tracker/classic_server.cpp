#include "tracker/classic_server.h"

#include <utility>

namespace spate::tracker {

ClassicServer::ClassicServer(io::World world, const Options& options, catalogue::CatalogueService& catalogue,
                             Events& events)
    : world_(world),
      options_(options),
      events_(events),
      checker_(world, options.possession),
      requests_(catalogue, checker_, events),
      admission_(options.limits.connections_max, options.limits.connections_per_source_max),
      replies_(options.limits.reply_bytes_max),
      timer_(world.reactor.make_timer([this] { on_timer(); })) {}

ClassicServer::~ClassicServer() = default;

Result<std::unique_ptr<ClassicServer>> ClassicServer::open(io::World world, const Options& options,
                                                           catalogue::CatalogueService& catalogue,
                                                           Events& events) {
    std::unique_ptr<ClassicServer> server(new ClassicServer(world, options, catalogue, events));
    for (const auto& endpoint : options.listen) {
        auto listener = world.network.listen(endpoint, *server);
        if (!listener) return fail(std::move(listener.error()));
        server->listeners_.push_back(std::move(*listener));
    }
    return server;
}

std::vector<Endpoint> ClassicServer::endpoints() const {
    std::vector<Endpoint> endpoints;
    for (const auto& listener : listeners_) endpoints.push_back(listener->local());
    return endpoints;
}

void ClassicServer::on_accept(std::unique_ptr<io::Stream> stream) {
    const auto remote = stream->remote();
    if (!admission_.admit(remote.address.source())) {
        events_.on_turned_away(remote, "too many connections");
        return;
    }
    const auto id = next_id_++;
    auto connection = std::make_unique<ClassicConnection>(*this, id, std::move(stream));
    auto& started = *connections_.emplace(id, std::move(connection)).first->second;
    started.start();
}

void ClassicServer::on_accept_error(const Error& error) {
    events_.on_accept_error(error);
}

void ClassicServer::set_deadline(ConnectionId id, TimePoint due) {
    const auto before = deadlines_.next();
    deadlines_.set(id, due);
    if (deadlines_.next() < before || !timer_->armed()) timer_->arm(deadlines_.next());
}

void ClassicServer::on_timer() {
    for (const auto id : deadlines_.take_due(now())) {
        const auto connection = connections_.find(id);
        if (connection != connections_.end()) connection->second->on_deadline();
    }
    timer_->arm(deadlines_.next());
}

void ClassicServer::reply_waits(ConnectionId id, std::size_t bytes) {
    for (const auto slow : replies_.add(id, bytes)) connections_.at(slow)->drop();
}

void ClassicServer::answer(ClassicConnection& connection, const classic::TrackerRequest& request) {
    const Endpoint from = connection.remote();  // the connection may go while it is answered
    requests_.answer(from, request, [this, id = connection.id()](Answered answered) {
        const auto asker = connections_.find(id);
        if (asker != connections_.end()) asker->second->take_reply(std::move(answered));
    });
}

void ClassicServer::turned_away(const Endpoint& from, std::string_view why) {
    events_.on_turned_away(from, why);
}

void ClassicServer::finished(ConnectionId id) {
    const auto connection = connections_.find(id);
    const auto address = connection->second->remote().address.source();
    deadlines_.remove(id);
    replies_.remove(id);
    connections_.erase(connection);
    admission_.release(address);
}

}  // namespace spate::tracker
