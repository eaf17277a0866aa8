#include "wire/peer_id.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace spate::wire {
namespace {

// The digits of SPATE_VERSION and zeros: "-SP0100-" of "0.1.0".
std::string our_prefix() {
    std::string digits;
    for (const char c : std::string_view(SPATE_VERSION))
        if (c >= '0' && c <= '9') digits += c;
    digits.resize(4, '0');
    return "-SP" + digits + "-";
}

constexpr std::pair<std::string_view, std::string_view> clients[] = {
    {"SP", "Spate"},       {"TR", "Transmission"}, {"LT", "libtorrent"}, {"lt", "rtorrent"},
    {"qB", "qBittorrent"}, {"DE", "Deluge"},       {"UT", "uTorrent"},   {"UM", "uTorrent Mac"},
    {"AZ", "Vuze"},        {"BI", "BiglyBT"},      {"BC", "BitComet"},   {"KT", "KTorrent"},
    {"WW", "WebTorrent"},  {"GT", "anacrolix"},    {"rQ", "rqbit"},      {"RN", "rain"},
    {"FL", "Flud"},        {"TX", "Tixati"},       {"XL", "Xunlei"},
};

std::optional<unsigned> digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A' + 10);
    if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a' + 10);
    return std::nullopt;
}

// "2.0.8" of "2080": zeros at the end are left out, two numbers stay.
std::string version(std::string_view digits) {
    std::vector<unsigned> numbers;
    for (const char c : digits) numbers.push_back(digit(c).value_or(0));
    while (numbers.size() > 2 && numbers.back() == 0) numbers.pop_back();
    std::string text;
    for (const unsigned number : numbers) text += (text.empty() ? "" : ".") + std::to_string(number);
    return text;
}

}  // namespace

PeerId make_peer_id(Rng& rng) {
    const std::string prefix = our_prefix();
    PeerId id{};
    std::ranges::copy(as_bytes(prefix), id.begin());
    for (std::size_t i = prefix.size(); i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(rng.below(256));
    return id;
}

std::string client_name(const PeerId& id) {
    const std::string_view text = as_text(id);
    if (text.starts_with("A2-")) {  // "A2-1-36-0-"
        std::string name = "aria2 ";
        for (const char c : text.substr(3, 6)) {
            if (c != '-' && (c < '0' || c > '9')) break;
            name += c == '-' ? '.' : c;
        }
        return name.substr(0, name.find_last_not_of(". ") + 1);
    }
    const auto* client =
        std::ranges::find(clients, text.substr(1, 2), &std::pair<std::string_view, std::string_view>::first);
    if (text[0] != '-' || text[7] != '-' || client == std::end(clients)) return {};
    return std::string(client->second) + " " + version(text.substr(3, 4));
}

}  // namespace spate::wire
