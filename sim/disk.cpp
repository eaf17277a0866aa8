#include "sim/disk.h"

#include <algorithm>
#include <set>

#include "base/assert.h"

namespace spate::sim {

namespace {

std::vector<std::string> components(const std::string& path) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start < path.size();) {
        const auto slash = std::min(path.find('/', start), path.size());
        if (slash > start) parts.push_back(path.substr(start, slash - start));
        start = slash + 1;
    }
    return parts;
}

std::vector<std::uint8_t> content(const FileImage& image) {
    std::vector<std::uint8_t> bytes(image.size);
    image.read(0, bytes);
    return bytes;
}

}  // namespace

Disk::Disk(Simulation& simulation, std::string name, Clock clock, DiskAbilities abilities)
    : simulation_(simulation),
      name_(std::move(name)),
      clock_(std::move(clock)),
      abilities_(abilities),
      calls_(simulation),
      root_(make_inode(InodeKind::folder)) {}

Disk::~Disk() {
    // The two images together may hold a circle of folders.
    std::set<std::shared_ptr<Inode>> folders{root_};
    for (std::vector<std::shared_ptr<Inode>> open{root_}; !open.empty();) {
        const auto folder = open.back();
        open.pop_back();
        for (const auto* entries : {&folder->entries, &folder->durable_entries}) {
            for (const auto& [name, node] : *entries) {
                if (node->kind == InodeKind::folder && folders.insert(node).second) open.push_back(node);
            }
        }
    }
    for (const auto& folder : folders) {
        folder->entries.clear();
        folder->durable_entries.clear();
    }
}

std::shared_ptr<Inode> Disk::make_inode(InodeKind kind) {
    auto inode = std::make_shared<Inode>(kind, next_inode_++, pages_used_);
    touch(*inode);
    return inode;
}

// The wall clock jumps by whole seconds.
void Disk::touch(Inode& inode) {
    inode.change = ++last_change_;
    inode.modified = clock_();
    const auto second = simulation_.now().time_since_epoch() % std::chrono::seconds(1);
    inode.modified_ns = static_cast<std::uint32_t>(second.count());
}

std::uint64_t Disk::pages_free() const {
    const auto pages = calls_.faults().capacity / page_size;
    return pages > *pages_used_ ? pages - *pages_used_ : 0;
}

void Disk::set_entry(const std::shared_ptr<Inode>& folder, const std::string& name,
                     std::shared_ptr<Inode> node) {
    if (node) {
        folder->entries[name] = node;
        name_changes_.add({nullptr, {}, folder, name, std::move(node)});
    } else {
        const auto removed = folder->entries.extract(name);
        removed.mapped()->removed = true;
        name_changes_.add({folder, name, nullptr, {}, nullptr});
    }
    touch(*folder);
}

void Disk::move_entry(const std::shared_ptr<Inode>& from, const std::string& name,
                      const std::shared_ptr<Inode>& to, const std::string& new_name) {
    const auto node = from->entries.at(name);
    from->entries.erase(name);
    to->entries[new_name] = node;
    node->change = ++last_change_;
    touch(*from);
    touch(*to);
    name_changes_.add({from, name, to, new_name, node});
}

void Disk::each_file(Inode& folder, const std::function<void(Inode&)>& visit) {
    for (const auto& [name, node] : folder.entries) {
        if (node->kind == InodeKind::folder) each_file(*node, visit);
        if (node->kind == InodeKind::file) visit(*node);
    }
}

void Disk::sync_all() {
    each_file(*root_, [](Inode& file) { file.sync(); });
    name_changes_.sync_all();
}

void Disk::lose_all_unsynced() {
    ++losses_;
    each_file(*root_, [this](Inode& file) {
        if (file.dirty.empty()) return;
        file.lose_unsynced(simulation_.rng());
        file.lost_untold = true;
    });
}

void Disk::crash_tree(Inode& folder, bool& torn) {
    folder.entries = folder.durable_entries;
    for (const auto& [name, node] : folder.entries) {
        if (node->kind == InodeKind::folder) crash_tree(*node, torn);
        if (node->kind != InodeKind::file) continue;
        if (!node->dirty.empty() || node->written.size != node->durable.size)
            simulation_.mark("unsynced file in a power cut");
        torn = node->crash(simulation_.rng()) || torn;
    }
}

void Disk::crash() {
    simulation_.record(name_, "disk crash", {calls_.count()});
    if (name_changes_.crash(simulation_.rng())) simulation_.mark("names lost in a power cut");
    bool torn = false;
    crash_tree(*root_, torn);
    if (torn) simulation_.mark("torn writes in a power cut");
    locks_.clear();
}

bool Disk::lock(const Inode& file, const Life& life) {
    return locks_.emplace(file.id, &life).second;
}

void Disk::release_locks(const Life& life) {
    std::erase_if(locks_, [&](const auto& lock) { return lock.second == &life; });
}

std::shared_ptr<Inode> Disk::find(const std::string& path) const {
    auto node = root_;
    for (const auto& name : components(path)) {
        const auto found = node->entries.find(name);
        if (found == node->entries.end()) return nullptr;
        node = found->second;
    }
    return node;
}

void Disk::put_inode(const std::string& path, std::shared_ptr<Inode> node) {
    const auto parts = components(path);
    SPATE_ASSERT(!parts.empty());
    auto folder = root_;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        if (!folder->entries.contains(parts[i])) set_entry(folder, parts[i], make_inode(InodeKind::folder));
        folder = folder->entries.at(parts[i]);
    }
    set_entry(folder, parts.back(), std::move(node));
    name_changes_.sync_all();
}

void Disk::put(const std::string& path, Bytes bytes) {
    auto file = make_inode(InodeKind::file);
    file->write(0, bytes, UINT64_MAX);
    file->sync();
    put_inode(path, std::move(file));
}

void Disk::put_pipe(const std::string& path) {
    put_inode(path, make_inode(InodeKind::pipe));
}

void Disk::move(const std::string& from, const std::string& to) {
    const auto split = [this](const std::string& path) {
        const auto slash = path.rfind('/');
        return std::pair(find(path.substr(0, slash)), path.substr(slash + 1));
    };
    const auto [from_folder, old_name] = split(from);
    const auto [to_folder, new_name] = split(to);
    SPATE_ASSERT(from_folder && to_folder);
    move_entry(from_folder, old_name, to_folder, new_name);
    name_changes_.sync_all();
}

void Disk::put_link(const std::string& path, std::string target) {
    auto link = make_inode(InodeKind::link);
    link->target = std::move(target);
    put_inode(path, std::move(link));
}

std::optional<std::vector<std::uint8_t>> Disk::get(const std::string& path) const {
    const auto node = find(path);
    if (!node || node->kind != InodeKind::file) return std::nullopt;
    return content(node->written);
}

std::optional<std::vector<std::uint8_t>> Disk::get_durable(const std::string& path) const {
    const auto node = find(path);
    if (!node || node->kind != InodeKind::file) return std::nullopt;
    return content(node->durable);
}

bool Disk::holds(const std::string& path, std::uint64_t offset, Bytes bytes) const {
    const auto node = find(path);
    return node && node->kind == InodeKind::file && node->written.holds(offset, bytes);
}

void Disk::flip_bit(const std::string& path, std::uint64_t bit) {
    const auto node = find(path);
    SPATE_ASSERT(node && bit / 8 < node->written.size);
    const auto offset = bit / 8;
    for (auto* image : {&node->written, &node->durable}) {
        auto& octet = image->own_page(offset / page_size)[offset % page_size];
        octet = static_cast<std::uint8_t>(octet ^ (1U << (bit % 8)));
    }
}

}  // namespace spate::sim
