#include "creation/create.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/assert.h"
#include "creation/file_tree.h"
#include "creation/hash_run.h"
#include "hash/kernel_ladder.h"
#include "hash/merkle.h"
#include "metainfo/geometry.h"
#include "metainfo/torrent_reader.h"

namespace spate::creation {
namespace {

using metainfo::TorrentVersion;

struct Plan {  // what looking through the tree gives
    FileTree tree;
    metainfo::NewTorrent torrent;
    std::shared_ptr<const Content> content;
};

metainfo::NewTorrent describe(const CreateRequest& request, const FileTree& tree) {
    metainfo::NewTorrent torrent;
    torrent.version = request.version;
    torrent.name = request.name;
    torrent.single_file = tree.single_file;
    torrent.private_torrent = request.private_torrent;
    torrent.source = request.source;
    torrent.trackers = request.trackers;
    torrent.web_seeds = request.web_seeds;
    torrent.creation_date = request.creation_date;
    torrent.comment = request.comment;
    torrent.created_by = request.created_by;
    std::uint64_t total = 0;
    for (const auto& file : tree.files) {
        torrent.files.push_back(
            {tree.single_file ? std::vector{request.name} : file.path, file.size, {}, {}});
        total += file.size;
    }
    torrent.piece_length =
        request.piece_length != 0 ? request.piece_length : metainfo::default_piece_length(total);
    return torrent;
}

std::string joined(const std::vector<std::string>& components) {
    return FoundFile{components, 0, {}, 0}.joined();
}

// Where on the disk each file of the layout is. torrent.files: as plan_layout() left them.
std::vector<Content::Place> places(const metainfo::FileLayout& layout, const metainfo::NewTorrent& torrent,
                                   const FileTree& tree) {
    std::vector<Content::Place> all;
    auto next = torrent.files.begin();
    for (const auto& file : layout.files()) {
        if (file.attributes.pad) {
            all.push_back({});
            continue;
        }
        all.push_back({joined(tree.single_file ? tree.files.front().path : next->path), file.size});
        ++next;
    }
    return all;
}

Result<Plan> look(io::Files& files, const CreateRequest& request, const std::atomic<bool>& stop) {
    auto tree = walk(files, request.path, stop);
    if (!tree) return fail(tree.error());
    if (std::ranges::all_of(tree->files, [](const FoundFile& file) { return file.size == 0; }))
        return fail(Error::invalid("create a torrent of", request.path,
                                   "there are no bytes in it, and a torrent needs one"));
    auto torrent = describe(request, *tree);
    auto layout = metainfo::plan_layout(torrent);
    if (!layout) return fail(layout.error());
    Content content;
    content.folder = tree->folder;
    content.places = places(*layout, torrent, *tree);
    content.layout = std::move(*layout);
    return Plan{std::move(*tree), std::move(torrent), std::make_shared<const Content>(std::move(content))};
}

// Root and piece layer of each file from its pieces' hashes.
std::vector<metainfo::TorrentHashes::FileTree> file_trees(const metainfo::FileLayout& layout,
                                                          const std::vector<hash::Sha256>& pieces) {
    std::vector<metainfo::TorrentHashes::FileTree> trees;
    for (std::uint32_t index = 0; index < layout.files().size(); ++index) {
        const metainfo::FileIndex file(index);
        if (layout.file(file).attributes.pad) continue;
        auto& tree = trees.emplace_back();
        const auto range = layout.pieces_of(file);
        if (range.empty()) continue;
        const auto layer = std::span(pieces).subspan(range.first.value, range.end.value - range.first.value);
        tree.root = layer.front();
        if (layer.size() == 1) continue;
        tree.piece_layer.assign(layer.begin(), layer.end());
        tree.root = hash::root_of_layer(layer, metainfo::piece_layer_height(layout.piece_length()));
    }
    return trees;
}

}  // namespace

// Shared with the jobs; `stop` says that the Creation is gone.
struct Creation::State : std::enable_shared_from_this<State> {
    State(io::Files& f, io::WorkPool& p, CreateRequest r, OnDone d)
        : files(f), pool(p), request(std::move(r)), on_done(std::move(d)) {}

    void start();
    void hash();
    bool take(metainfo::PieceRange pieces, BatchResult result);
    void close();
    Result<Created> write();
    void end(Result<Created> result) { std::exchange(on_done, {})(std::move(result)); }

    io::Files& files;
    io::WorkPool& pool;
    const CreateRequest request;
    OnDone on_done;
    std::atomic<bool> stop = false;
    Phase phase = Phase::looking;
    Result<Plan> plan = fail(Error{});
    Result<Created> made = fail(Error{});
    std::unique_ptr<HashRun> run;
    std::vector<hash::Sha1> v1;
    std::vector<hash::Sha256> v2;
};

void Creation::State::start() {
    auto self = shared_from_this();
    pool.submit([self] { self->plan = look(self->files, self->request, self->stop); },
                [self] {
                    if (self->stop) return;
                    if (!self->plan) return self->end(fail(self->plan.error()));
                    self->hash();
                });
}

void Creation::State::hash() {
    phase = Phase::hashing;
    const bool with_v1 = request.version != TorrentVersion::v2;
    const bool with_v2 = request.version != TorrentVersion::v1;
    const auto& layout = plan->content->layout;
    v1.resize(with_v1 ? layout.piece_count() : 0);
    v2.resize(with_v2 ? layout.piece_count() : 0);
    const auto hash_plan =
        plan_hashing(with_v1, with_v2, layout.piece_length(), request.jobs, hash::fastest_sha1().lanes());
    run = std::make_unique<HashRun>(pool, plan->content, hash_plan,
                                    HashRun::Handler{[this](metainfo::PieceRange pieces, BatchResult result) {
                                                         return take(pieces, std::move(result));
                                                     },
                                                     [this] { close(); }});
    run->start();
}

bool Creation::State::take(metainfo::PieceRange pieces, BatchResult result) {
    if (!result.faults.empty()) {
        auto error = std::move(result.faults.front().error);
        if (error.is(std::errc::no_message_available)) error.detail = "it changed while it was read";
        end(fail(std::move(error)));
        return false;
    }
    for (std::size_t i = 0; i < result.pieces.size(); ++i) {
        const auto piece = pieces.first.value + i;
        if (!v1.empty()) v1[piece] = result.pieces[i].v1;
        if (!v2.empty()) v2[piece] = result.pieces[i].v2;
    }
    return true;
}

void Creation::State::close() {
    phase = Phase::closing;
    auto self = shared_from_this();
    pool.submit([self] { self->made = self->write(); },
                [self] {
                    if (!self->stop) self->end(std::move(self->made));
                });
}

// On the pool.
Result<Created> Creation::State::write() {
    if (auto same = check_unchanged(*plan->tree.folder, plan->tree.files, stop); !same)
        return fail(same.error());
    const auto& layout = plan->content->layout;
    metainfo::TorrentHashes hashes;
    if (!v2.empty()) hashes.v2_files = file_trees(layout, v2);
    hashes.v1_pieces = std::move(v1);
    auto written = metainfo::write_torrent(plan->torrent, layout, hashes);
    // One beyond a limit of the reader (its size, say) would be of no use to anybody.
    const auto read = metainfo::read_torrent(as_bytes(written.torrent), metainfo::CaseRule::keep);
    if (!read) return fail(read.error());
    SPATE_ASSERT(read->info.hash == written.hash);
    return Created{std::move(written.torrent),  written.hash,
                   layout.total_size(),         layout.piece_length(),
                   layout.piece_count(),        plan->torrent.files.size(),
                   std::move(plan->tree.notes), std::move(plan->tree.files)};
}

Creation::Creation(io::Files& files, io::WorkPool& pool, CreateRequest request, OnDone on_done)
    : state_(std::make_shared<State>(files, pool, std::move(request), std::move(on_done))) {
    state_->start();
}

Creation::~Creation() {
    state_->stop = true;
    state_->run.reset();
}

Progress Creation::progress() const {
    Progress progress{state_->phase, 0, 0};
    if (!state_->run) return progress;
    progress.bytes_total = state_->plan->content->layout.end();
    progress.bytes_done = std::min(state_->run->bytes_done(), progress.bytes_total);
    return progress;
}

}  // namespace spate::creation
