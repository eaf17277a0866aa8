#include "apps/source_text.h"

#include "catalogue_client/catalogue_client.h"

namespace spate::apps {
namespace {

bool looks_like_path(std::string_view text) {
    return text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
}

Error unusable(std::string_view text, std::string why) {
    return Error::invalid("get", std::string(text), std::move(why));
}

}  // namespace

Result<SourceText> parse_source(std::string_view text, const HostPort& tracker, bool is_file) {
    if (text.starts_with("magnet:")) {
        auto magnet = metainfo::parse_magnet(text);
        if (!magnet) return fail(std::move(magnet.error()));
        return std::move(*magnet);
    }
    if (text.find("://") != text.npos) {
        auto url = http::Url::parse(text);
        if (!url) return fail(std::move(url.error()));
        if (url->scheme == "https")
            return fail(unusable(text, "https is not supported yet; fetch the .torrent and name the file"));
        if (url->scheme != "http") return fail(unusable(text, "no http URL"));
        return std::move(*url);
    }
    if (looks_like_path(text) || (is_file && text.ends_with(".torrent")))
        return FileSource{std::string(text)};
    const auto slash = text.find('/');
    if (slash == text.npos) {
        if (text.empty()) return fail(unusable(text, "no name"));
        return EntrySource{tracker, std::string(text)};
    }
    const auto host = HostPort::parse(text.substr(0, slash), catalogue_client::default_port);
    const auto name = text.substr(slash + 1);
    if (!host || host->port == 0 || name.empty() || name.find('/') != name.npos)
        return fail(unusable(text, "neither a file that is there nor HOST[:PORT]/NAME"));
    return EntrySource{*host, std::string(name)};
}

}  // namespace spate::apps
