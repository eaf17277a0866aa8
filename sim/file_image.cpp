#include "sim/file_image.h"

#include <algorithm>

namespace spate::sim {

std::size_t FileImage::read(std::uint64_t offset, MutableBytes into) const {
    if (offset >= size) return 0;
    into = into.first(std::min<std::uint64_t>(into.size(), size - offset));
    for (std::size_t done = 0; done < into.size();) {
        const auto at = offset + done;
        const auto in_page = at % page_size;
        const auto part = into.subspan(done, std::min<std::size_t>(into.size() - done, page_size - in_page));
        const auto found = pages.find(at / page_size);
        if (found == pages.end()) {
            std::ranges::fill(part, std::uint8_t{0});
        } else {
            std::copy_n(found->second->begin() + static_cast<std::ptrdiff_t>(in_page), part.size(),
                        part.begin());
        }
        done += part.size();
    }
    return into.size();
}

bool FileImage::holds(std::uint64_t offset, Bytes bytes) const {
    if (offset > size || bytes.size() > size - offset) return false;
    while (!bytes.empty()) {
        const auto in_page = offset % page_size;
        const auto part = bytes.first(std::min<std::size_t>(bytes.size(), page_size - in_page));
        const auto found = pages.find(offset / page_size);
        const bool same = found == pages.end()
                              ? std::ranges::all_of(part, [](std::uint8_t octet) { return octet == 0; })
                              : std::equal(part.begin(), part.end(),
                                           found->second->begin() + static_cast<std::ptrdiff_t>(in_page));
        if (!same) return false;
        offset += part.size();
        bytes = bytes.subspan(part.size());
    }
    return true;
}

FileImage::Page& FileImage::own_page(std::uint64_t number) {
    auto& page = pages[number];
    if (!page) {
        page = std::make_shared<Page>();
    } else if (page.use_count() > 1) {
        page = std::make_shared<Page>(*page);
    }
    return *page;
}

void FileImage::write_in_page(std::uint64_t offset, Bytes data) {
    auto& page = own_page(offset / page_size);
    std::ranges::copy(data, page.begin() + static_cast<std::ptrdiff_t>(offset % page_size));
}

void FileImage::resize(std::uint64_t new_size) {
    if (new_size < size) {
        pages.erase(pages.lower_bound((new_size + page_size - 1) / page_size), pages.end());
        if (new_size % page_size != 0 && pages.contains(new_size / page_size)) {
            auto& page = own_page(new_size / page_size);
            std::fill(page.begin() + static_cast<std::ptrdiff_t>(new_size % page_size), page.end(),
                      std::uint8_t{0});
        }
    }
    size = new_size;
}

}  // namespace spate::sim
