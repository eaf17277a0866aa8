#include "catalogue_client/publisher_key.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/hex.h"

namespace spate::catalogue_client {

namespace {

constexpr std::string_view first_line =
    "# The key that publishes your entries. Keep it to yourself, and keep a copy.\n";
constexpr std::string_view lock_name = "publisher.key.lock";
constexpr std::string_view new_name = "publisher.key.new~";
constexpr std::size_t bytes_max = 4096;

// With its public key, which shows whether the rest is as it was written.
std::string key_text(const hash::KeySeed& seed) {
    return std::string(first_line) + "ed25519 " + to_hex(seed) + " " +
           to_hex(hash::SigningKey(seed).public_key()) + "\n";
}

std::optional<hash::KeySeed> parse_key(std::string_view text) {
    static constexpr std::string_view word = "ed25519 ";
    while (text.starts_with('#')) {
        const auto line_end = text.find('\n');
        if (line_end == text.npos) return std::nullopt;
        text.remove_prefix(line_end + 1);
    }
    if (!text.starts_with(word)) return std::nullopt;
    text.remove_prefix(word.size());
    while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.remove_suffix(1);
    const auto blank = std::min(text.find(' '), text.size());
    const auto octets = from_hex(text.substr(0, blank));
    hash::KeySeed seed{};
    if (!octets || octets->size() != seed.size()) return std::nullopt;
    std::ranges::copy(*octets, seed.begin());
    const auto public_key = text.substr(blank);  // older files have none
    if (!public_key.empty() && public_key.substr(1) != to_hex(hash::SigningKey(seed).public_key()))
        return std::nullopt;
    return seed;
}

Result<hash::SigningKey> load(io::Folder& state) {
    auto file = state.open(key_file_name, io::OpenMode::read);
    if (!file) return fail(std::move(file.error()));
    std::string text(bytes_max, '\0');
    const auto count = (*file)->read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!count) return fail(count.error());
    text.resize(*count);
    const auto seed = parse_key(text);
    if (!seed) {
        return fail(
            Error::invalid("read the publisher's key", state.path() + "/" + std::string(key_file_name),
                           "it is damaged; put your copy of it there, or move it away to have a new one "
                           "made (entries published with the old one then stay as they are)",
                           std::errc::bad_message));
    }
    // Every time: whoever put it there may have ended before its name was on the disk.
    if (auto synced = state.sync({}); !synced) return fail(std::move(synced.error()));
    return hash::SigningKey(*seed);
}

// Whole or not at all, and never readable by others: written under another name, then renamed.
Result<void> make(io::Folder& state, io::SecureRandom& random) {
    static_cast<void>(state.remove(new_name).has_value());  // of somebody who ended in the middle
    auto file = state.open(new_name, io::OpenMode::create_secret);
    if (!file) return fail(std::move(file.error()));
    hash::KeySeed seed{};
    random.fill(seed);
    const auto text = key_text(seed);
    if (auto written = (*file)->write_at(0, as_bytes(text)); !written) return written;
    if (auto synced = (*file)->sync(); !synced) return synced;
    return state.rename(new_name, key_file_name);
}

}  // namespace

Result<hash::SigningKey> load_or_make_key(io::Folder& state, io::SecureRandom& random) {
    auto key = load(state);
    if (key || !key.error().is(std::errc::no_such_file_or_directory)) return key;
    const auto lock = state.lock(lock_name);  // two first uses at once must not make two keys
    if (!lock) {
        key = load(state);
        return key ? std::move(key) : Result<hash::SigningKey>(fail(lock.error()));
    }
    key = load(state);
    if (key || !key.error().is(std::errc::no_such_file_or_directory)) return key;
    if (auto made = make(state, random); !made) return fail(std::move(made.error()));
    return load(state);
}

}  // namespace spate::catalogue_client
