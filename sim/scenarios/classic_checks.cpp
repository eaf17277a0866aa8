#include "sim/scenarios/classic_checks.h"

namespace spate::sim {
namespace {

using Content = std::optional<std::vector<std::uint8_t>>;
using Image = Content (Disk::*)(const std::string&) const;

bool is_there(const Content& part, const RangeSet& claimed, const std::string& right) {
    const auto text = part ? as_text(*part) : std::string_view();
    for (const auto& range : claimed.ranges()) {
        if (range.end > text.size()) return false;
        if (text.substr(range.start, range.size()) !=
            std::string_view(right).substr(range.start, range.size()))
            return false;
    }
    return true;
}

}  // namespace

std::optional<std::string> wrong_file_in_place(Host& host, const std::string& folder, const std::string& name,
                                               const std::string& right) {
    const auto bytes = host.disk().get(folder + "/" + name);
    if (!bytes || as_text(*bytes) == right) return std::nullopt;
    return "a wrong file is in place at " + host.name();
}

std::optional<std::string> false_resume_claim(Host& host, const std::string& folder,
                                              const classic_peer::FileIdentity& file,
                                              const std::string& right) {
    const Disk& disk = host.disk();
    const auto hidden = folder + "/." + file.name;
    for (const Image image : {Image(&Disk::get), Image(&Disk::get_durable)}) {
        const auto state = (disk.*image)(hidden + ".state");
        if (!state) continue;
        const auto claimed = classic_peer::read_resume_state(as_text(*state), file);
        if (!claimed || claimed->empty()) continue;
        if (is_there((disk.*image)(hidden + ".part"), *claimed, right)) continue;
        // Once it is in its place, what is left of the state means nothing.
        if (disk.get(folder + "/" + file.name)) return std::nullopt;
        return host.name() + " notes bytes as had that are not " +
               (image == Image(&Disk::get) ? "there" : "safe from a power cut");
    }
    return std::nullopt;
}

}  // namespace spate::sim
