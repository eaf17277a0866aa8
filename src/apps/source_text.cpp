#include "apps/source_text.h"

#include "base/printable.h"
#include "catalogue_client/catalogue_client.h"
#include "classic/classic_name.h"

namespace spate::apps {
namespace {

constexpr std::string_view torrent_suffix = ".torrent";

bool looks_like_path(std::string_view text) {
    return text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
}

Error unusable(std::string_view text, std::string why) {
    return Error::invalid("get", std::string(text), std::move(why));
}

// No entry has a blank in its name: share made it an underscore.
Result<SourceText> entry_of(std::string_view text, const HostPort& tracker, std::string_view name) {
    auto clean = catalogue_client::catalogue_name(name);
    if (const auto fault = classic::name_fault(clean))
        return fail(unusable(text, "no entry has such a name: " + std::string(*fault)));
    return EntrySource{tracker, std::move(clean),
                       text.ends_with(torrent_suffix) ? std::string(text) : std::string()};
}

}  // namespace

Result<SourceText> parse_source(std::string_view text, const HostPort& tracker, bool is_file) {
    if (text.starts_with("magnet:")) {
        auto magnet = parse_magnet_link(text);
        if (!magnet) return fail(std::move(magnet.error()));
        return std::move(*magnet);
    }
    if (text.find("://") != text.npos) {
        auto url = http::Url::parse(text);
        if (!url) return fail(std::move(url.error()));
        if (url->scheme != "http" && url->scheme != "https")
            return fail(unusable(text, "neither an http nor an https URL"));
        return std::move(*url);
    }
    if (looks_like_path(text) || (is_file && text.ends_with(torrent_suffix)))
        return FileSource{std::string(text)};
    if (text.ends_with('/')) text.remove_suffix(1);  // as 'spate list' shows a folder
    const auto slash = text.find('/');
    if (slash == text.npos) {
        if (text.empty()) return fail(unusable(text, "no name"));
        return entry_of(text, tracker, text);
    }
    const auto host = HostPort::parse(text.substr(0, slash), catalogue_client::default_port);
    const auto name = text.substr(slash + 1);
    if (!host || host->port == 0 || name.empty() || name.find('/') != name.npos)
        return fail(Error::invalid("get", std::string(text),
                                   "neither a file that is there nor HOST[:PORT]/NAME",
                                   std::errc::no_such_file_or_directory));
    return entry_of(text, *host, name);
}

Result<metainfo::Magnet> parse_magnet_link(std::string_view text) {
    auto magnet = metainfo::parse_magnet(text);
    if (magnet) return magnet;
    const Error& error = magnet.error();
    const bool is_of_all = error.object == "magnet link";
    return fail(
        Error::invalid("read magnet link", printable(text, 100), is_of_all ? error.detail : error.message()));
}

}  // namespace spate::apps
