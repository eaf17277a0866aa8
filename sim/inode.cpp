#include "sim/inode.h"

#include <algorithm>

namespace spate::sim {

namespace {

void copy_page(const FileImage& from, FileImage& to, std::uint64_t number) {
    const auto found = from.pages.find(number);
    if (found == from.pages.end()) {
        to.pages.erase(number);
    } else {
        to.pages[number] = found->second;
    }
}

void copy_sector(const FileImage& from, FileImage& to, std::uint64_t page, std::uint64_t sector) {
    const auto first = static_cast<std::ptrdiff_t>(sector * sector_size);
    auto& target = to.own_page(page);
    const auto found = from.pages.find(page);
    if (found == from.pages.end()) {
        std::fill_n(target.begin() + first, sector_size, std::uint8_t{0});
    } else {
        std::copy_n(found->second->begin() + first, sector_size, target.begin() + first);
    }
}

}  // namespace

void Inode::resize(std::uint64_t size) {
    const auto pages_before = written.pages.size();
    if (size < written.size) {
        for (auto page = written.pages.lower_bound(size / page_size); page != written.pages.end(); ++page) {
            dirty.insert(page->first);
        }
    }
    written.resize(size);
    *pages_used -= pages_before - written.pages.size();
}

std::size_t Inode::write(std::uint64_t offset, Bytes data, std::uint64_t pages_free) {
    std::size_t done = 0;
    while (done < data.size()) {
        const auto at = offset + done;
        const auto number = at / page_size;
        if (!written.pages.contains(number)) {
            if (pages_free == 0) break;
            --pages_free;
            ++*pages_used;
        }
        const auto part =
            data.subspan(done, std::min<std::size_t>(data.size() - done, page_size - at % page_size));
        written.write_in_page(at, part);
        dirty.insert(number);
        done += part.size();
        written.size = std::max(written.size, at + part.size());
    }
    return done;
}

void Inode::sync() {
    for (const auto page : dirty) copy_page(written, durable, page);
    dirty.clear();
    durable.size = written.size;
}

void Inode::replace_written(FileImage image) {
    *pages_used += image.pages.size();
    *pages_used -= written.pages.size();
    written = std::move(image);
}

void Inode::lose_unsynced(Rng& rng) {
    auto image = written;
    for (const auto page : dirty) {
        if (rng.chance(1, 2)) copy_page(durable, image, page);
    }
    image.pages.erase(image.pages.lower_bound((image.size + page_size - 1) / page_size), image.pages.end());
    dirty.clear();
    replace_written(std::move(image));
}

void Inode::write_back_some(Rng& rng) {
    for (const auto page : dirty) {
        if (rng.chance(1, 2)) continue;
        copy_page(written, durable, page);
        if (written.pages.contains(page))
            durable.size = std::max(durable.size, std::min(written.size, (page + 1) * page_size));
    }
}

bool Inode::crash(Rng& rng) {
    bool kept = false;
    bool lost = false;
    auto image = durable;
    // 0: all lost, 1: all kept, 2: pages at random, 3: sectors at random.
    const auto mode = rng.below(4);
    for (const auto page : dirty) {
        for (std::uint64_t sector = 0; sector < page_size / sector_size; ++sector) {
            const bool keep = mode == 1 || (mode >= 2 && rng.chance(1, 2));
            (keep ? kept : lost) = true;
            if (mode <= 2 && keep) copy_page(written, image, page);
            if (mode <= 2) break;
            if (keep) copy_sector(written, image, page, sector);
        }
    }
    // The size travels apart from the data: old, new, or as far as pages went.
    if (mode == 1 || (mode >= 2 && rng.chance(1, 2))) image.size = written.size;
    const auto size = image.size;
    image.size = std::max(durable.size, written.size);
    image.resize(size);
    dirty.clear();
    lost_untold = false;
    durable = image;
    replace_written(std::move(image));
    return kept && lost;
}

}  // namespace spate::sim
