#include "catalogue_protocol/listed_entry.h"

#include <boost/json/array.hpp>
#include <cmath>

#include "base/hex.h"
#include "catalogue_protocol/json_text.h"
#include "catalogue_protocol/limits.h"
#include "catalogue_protocol/signed_request.h"
#include "http/url.h"

namespace spate::catalogue_protocol {

namespace {

constexpr std::string_view what = "catalogue's answer";
constexpr std::string_view path_start = "/entry/";

std::unexpected<Error> broken(std::string_view key) {
    return fail(Error::invalid("read", std::string(what), "no good \"" + std::string(key) + "\"",
                               std::errc::bad_message));
}

template <class Octets>
boost::json::value hex_or_null(const std::optional<Octets>& octets) {
    if (!octets) return nullptr;
    return boost::json::string(to_hex(*octets));
}

// Null and missing leave it empty; false: something else than such a hash.
template <class Octets>
bool read_hex(const boost::json::object& object, std::string_view key, std::optional<Octets>& out) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return true;
    const auto text = text_at(object, key);
    const auto octets = text ? from_hex(*text) : std::nullopt;
    if (!octets || octets->size() != Octets{}.size()) return false;
    std::copy(octets->begin(), octets->end(), out.emplace().begin());
    return true;
}

boost::json::object to_json(const ListedEntry& entry) {
    boost::json::object object;
    object["name"] = json_text(entry.name);
    object["path"] = entry_path(entry.name);
    object["size"] = entry.size;
    object["description"] = json_text(entry.description);
    object["files"] = entry.files;
    object["info_hash_v1"] = hex_or_null(entry.hash.v1);
    object["info_hash_v2"] = hex_or_null(entry.hash.v2);
    object["md5"] = nullptr;
    if (!entry.md5.empty()) object["md5"] = json_text(entry.md5);
    object["seeds"] = entry.seeds;
    object["leechers"] = entry.leechers;
    object["coverage"] = nullptr;
    if (entry.coverage) object["coverage"] = *entry.coverage;
    object["verified"] = entry.verified;
    object["age_seconds"] = entry.age_seconds;
    object["publisher"] = hex_or_null(entry.publisher);
    return object;
}

// The name's own octets: `path` has them all, `name` only what is UTF-8.
std::optional<std::string> name_of(const boost::json::object& object) {
    const auto path = text_at(object, "path");
    if (!path || !path->starts_with(path_start)) return std::nullopt;
    return http::percent_decoded(path->substr(path_start.size()));
}

// Null leaves it empty; false: something else than a share.
bool read_share(const boost::json::object& object, std::string_view key, std::optional<double>& out) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return value != nullptr;
    if (!value->is_number()) return false;
    out = value->to_number<double>();
    return std::isfinite(*out) && *out >= 0 && *out <= 1;
}

Result<ListedEntry> from_json(const boost::json::object& object) {
    ListedEntry entry;
    auto name = name_of(object);
    if (!name || name->empty()) return broken("path");
    entry.name = std::move(*name);
    for (const auto& [key, number] :
         {std::pair{"size", &entry.size}, std::pair{"seeds", &entry.seeds},
          std::pair{"leechers", &entry.leechers}, std::pair{"age_seconds", &entry.age_seconds}}) {
        const auto found = number_at(object, key);
        if (!found || *found > INT64_MAX) return broken(key);
        *number = *found;
    }
    const auto files = number_at(object, "files");
    if (!files || *files > UINT32_MAX) return broken("files");
    entry.files = static_cast<std::uint32_t>(*files);
    entry.description = text_at(object, "description").value_or("");
    entry.md5 = text_at(object, "md5").value_or("");
    if (!read_hex(object, "info_hash_v1", entry.hash.v1)) return broken("info_hash_v1");
    if (!read_hex(object, "info_hash_v2", entry.hash.v2)) return broken("info_hash_v2");
    if (!read_hex(object, "publisher", entry.publisher)) return broken("publisher");
    if (!read_share(object, "coverage", entry.coverage)) return broken("coverage");
    const auto* verified = object.if_contains("verified");
    entry.verified = verified != nullptr && verified->is_bool() && verified->get_bool();
    return entry;
}

}  // namespace

std::string write_entry(const ListedEntry& entry) {
    return write_json(to_json(entry)) + "\n";
}

std::string write_page(const ListPage& page) {
    boost::json::array entries;
    entries.reserve(page.entries.size());
    for (const auto& entry : page.entries) entries.push_back(to_json(entry));
    boost::json::object object;
    object["entries"] = std::move(entries);
    object["next"] = nullptr;
    if (!page.next.empty()) object["next"] = json_text(page.next);
    return write_json(object) + "\n";
}

Result<ListedEntry> read_entry(std::string_view json) {
    const auto object = parse_object(json, page_bytes_max, what);
    if (!object) return fail(object.error());
    return from_json(*object);
}

Result<ListPage> read_page(std::string_view json) {
    const auto object = parse_object(json, page_bytes_max, what);
    if (!object) return fail(object.error());
    const auto* entries = object->if_contains("entries");
    if (entries == nullptr || !entries->is_array() || entries->get_array().size() > page_entries_max) {
        return broken("entries");
    }
    ListPage page;
    for (const auto& item : entries->get_array()) {
        if (!item.is_object()) return broken("entries");
        auto entry = from_json(item.get_object());
        if (!entry) return fail(std::move(entry.error()));
        page.entries.push_back(std::move(*entry));
    }
    page.next = text_at(*object, "next").value_or("");
    return page;
}

}  // namespace spate::catalogue_protocol
