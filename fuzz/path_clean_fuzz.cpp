// Any list of paths (files end in LF, components in '|'): all results are safe and apart, and no file is
// another's folder.
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "metainfo/clean_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace spate;
    std::string_view text = as_text({data, size});
    metainfo::UniquePaths paths("root", metainfo::CaseRule::fold);
    std::set<std::string> files, folders;
    while (!text.empty()) {
        const auto line_end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, line_end);
        text.remove_prefix(std::min(line_end + 1, text.size()));
        std::vector<std::string_view> components;
        for (bool more = true; more;) {
            const auto bar = line.find('|');
            components.push_back(line.substr(0, bar));
            more = bar != line.npos;
            if (more) line.remove_prefix(bar + 1);
        }
        const auto clean = metainfo::clean_component(components.back());
        if (metainfo::clean_component(clean) != clean) std::abort();
        const auto path = paths.add(components);
        if (!path) return 0;
        if (path->size() > 4095 || !path->starts_with("root/") || path->find("/../") != path->npos)
            std::abort();
        if (!paths.find(components) || !files.insert(metainfo::folded(*path)).second) std::abort();
        for (auto slash = path->find('/'); slash != path->npos; slash = path->find('/', slash + 1))
            folders.insert(metainfo::folded(path->substr(0, slash)));
    }
    for (const auto& folder : folders)
        if (files.contains(folder)) std::abort();
    return 0;
}
