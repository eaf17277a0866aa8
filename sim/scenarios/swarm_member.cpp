#include "sim/scenarios/swarm_member.h"

#include <utility>

#include "base/printable.h"
#include "piece_store/resources.h"

namespace spate::sim {
namespace {
// One read and what a piece's buffers round up to.
constexpr std::uint64_t budget_slack = 2 << 20;
// Where reading of a peer that does not read stops (4 MiB), and what one read may still ask for.
constexpr std::uint64_t output_max = 6 << 20;
// Of a budget a quarter may be kept beyond what is in use.
constexpr std::uint64_t with_kept(std::uint64_t budget) {
    return budget + budget / 4;
}
}  // namespace

MemberProgram::MemberProgram(const ProgramStart& start, MemberSettings settings,
                             std::shared_ptr<MemberTruth> truth, std::shared_ptr<MemberBoard> board)
    : board_(std::move(board)),
      log_(start.log, board_),
      settings_(std::move(settings)),
      truth_(std::move(truth)),
      network_(start.world.network, watched(truth_)),
      world_{start.world.reactor, network_,         start.world.resolver,
             start.world.files,   start.world.pool, start.world.random},
      begin_timer_(world_.reactor.make_timer([this] { begin(); })),
      look_timer_(world_.reactor.make_timer([this] { look(); })) {
    board_->finished = false;
    begin();
    look();
}

MemberProgram::~MemberProgram() = default;

void MemberProgram::MemberLog::write(LogLevel level, std::string_view text) {
    if (level == LogLevel::warning && text.find("resume state") != text.npos) board_->unsaved = true;
    log_.write(level, text);
}

void MemberProgram::begin() {
    torrent_.reset();
    session_ = std::make_unique<engine::Session>(world_, settings_.session,
                                                 static_cast<engine::SessionEvents&>(*this), log_);
    if (auto listening = session_->start(); !listening) {
        log_.error(listening.error().message());
        return try_again();
    }
    auto id = session_->add(settings_.torrent);
    if (!id) return truth_->complain("cannot add its torrent: " + id.error().message());
    torrent_ = *id;
}

void MemberProgram::try_again() {
    begin_timer_->arm(world_.reactor.now() + settings_.retry_pause);
}

void MemberProgram::look() {
    if (torrent_) board_->status = session_->status(*torrent_);
    board_->looked_at = world_.reactor.now();
    look_timer_->arm(world_.reactor.now() + settings_.look_pause);
}

void MemberProgram::set_deadline(std::uint32_t piece, TimePoint deadline) {
    if (torrent_) session_->set_deadline(*torrent_, metainfo::PieceIndex(piece), deadline);
}

void MemberProgram::stop() {
    begin_timer_->disarm();
    session_->stop([this] { board_->stopped = true; });
}

std::optional<std::string> MemberProgram::excess() const {
    if (!torrent_) return std::nullopt;
    const engine::SessionLoad load = session_->load();
    const auto& options = settings_.session;
    if (load.connected > options.connections_max || load.connected > options.torrent_connections_max)
        return truth_->who() + " has " + std::to_string(load.connected) + " peers";
    if (load.half_open > options.half_open_max)
        return truth_->who() + " has " + std::to_string(load.half_open) + " half-open connections";
    if (load.write_buffers > with_kept(options.write_budget) + budget_slack)
        return truth_->who() + " holds " + std::to_string(load.write_buffers) + " bytes of blocks";
    if (load.read_windows > with_kept(piece_store::ResourceLimits{}.window_bytes))
        return truth_->who() + " holds " + std::to_string(load.read_windows) + " bytes of windows";
    if (load.largest_output > output_max)
        return truth_->who() + " holds " + std::to_string(load.largest_output) + " bytes for one peer";
    return std::nullopt;
}

void MemberProgram::on_metainfo(engine::TorrentId, const metainfo::Metainfo& metainfo) {
    truth_->simulation().mark("swarm: metadata fetched");
    if (metainfo.info.raw != truth_->torrent().metainfo->info.raw) truth_->complain("took false metadata");
}

void MemberProgram::on_state(engine::TorrentId, engine::TorrentState state) {
    log_.info(engine::name_of(state));
    if (state == engine::TorrentState::waiting)
        truth_->simulation().mark("swarm: a torrent waited for its disk");
    if (state == engine::TorrentState::checking) truth_->simulation().mark("swarm: checked at a start");
}

void MemberProgram::on_finished(engine::TorrentId) {
    log_.info("finished");
    board_->finished = true;
    ++board_->finishes;
    if (const auto wrong = truth_->wrong_file(false))
        return truth_->complain("says it is finished, but " + *wrong + " is not right");
    if (const auto wrong = truth_->wrong_file(true))
        truth_->complain("says it is finished, but a power cut would take " + *wrong + " back");
}

void MemberProgram::on_error(engine::TorrentId, const Error& error) {
    log_.error(printable(error.message()));
    truth_->simulation().mark("swarm: a torrent failed by its disk");
    board_->finished = false;
    ++board_->failures;
    if (error.is(std::errc::file_exists)) {
        truth_->simulation().mark("swarm: a file that no state knows");
        if (!board_->unsaved) truth_->complain("its own file passes for somebody else's: " + error.message());
        settings_.torrent.overwrite = true;
    }
    try_again();
}

void MemberProgram::on_warning(engine::TorrentId, const std::string& text) {
    log_.warning(text);
}

void MemberProgram::on_peer_banned(engine::TorrentId, const Endpoint& peer) {
    log_.info("banned " + peer.text());
    board_->banned.push_back(peer);
}

}  // namespace spate::sim
