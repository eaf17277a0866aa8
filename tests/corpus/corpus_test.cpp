#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>

#include "base/hex.h"
#include "bencode/reader.h"
#include "metainfo/torrent_reader.h"

namespace spate::metainfo {
namespace {

const std::string folder = CORPUS_FOLDER;

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.is_open()) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

struct Row {
    std::string file, verdict, key, v1, v2, paths;
};

std::vector<Row> expected() {
    std::vector<Row> rows;
    const auto lines = split(contents(folder + "/expected.tsv"), '\n');
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        const auto c = split(lines[i], '\t');
        EXPECT_EQ(c.size(), 6U) << lines[i];
        rows.push_back({c[0], c[1], c[2], c[3], c[4], c[5]});
    }
    return rows;
}

// "byte" stands for any offset.
std::string key_of(const Error& error) {
    return error.object.starts_with("byte ") ? "byte" : error.object;
}

std::string joined_paths(const FileLayout& layout) {
    std::string all;
    for (const auto& file : layout.files()) all += (all.empty() ? "" : "|") + file.path;
    return all;
}

TEST(Corpus, EveryTorrentIsJudgedAsTheTableSays) {
    const auto rows = expected();
    ASSERT_GE(rows.size(), 150U);
    for (const auto& row : rows) {
        SCOPED_TRACE(row.file);
        const auto bytes = contents(folder + "/torrents/" + row.file + ".torrent");
        const auto torrent = read_torrent(as_bytes(bytes));
        if (row.verdict == "refused") {
            EXPECT_FALSE(torrent);
            if (torrent) continue;
            EXPECT_EQ(key_of(torrent.error()), row.key) << torrent.error().message();
            EXPECT_NE(torrent.error().detail, "");
            continue;
        }
        EXPECT_TRUE(torrent) << torrent.error().message();
        if (!torrent) continue;
        const auto& hash = torrent->info.hash;
        EXPECT_EQ(hash.v1 ? to_hex(*hash.v1) : "-", row.v1);
        EXPECT_EQ(hash.v2 ? to_hex(*hash.v2) : "-", row.v2);
        if (row.paths != "-") {
            EXPECT_EQ(joined_paths(torrent->info.layout), row.paths);
        }
    }
}

TEST(Corpus, TheTableAndTheFolderNameTheSameFiles) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder + "/torrents"))
        files += entry.path().extension() == ".torrent";
    EXPECT_EQ(files, expected().size());
}

// Whatever a name was, what it became is safe to create, unique, and left alone by the cleaner.
TEST(Corpus, AllPathsAreSafeAndUnique) {
    for (const auto& row : expected()) {
        if (row.verdict != "good") continue;
        SCOPED_TRACE(row.file);
        const auto torrent = read_torrent(as_bytes(contents(folder + "/torrents/" + row.file + ".torrent")));
        ASSERT_TRUE(torrent);
        std::map<std::string, int> seen;
        for (const auto& file : torrent->info.layout.files()) {
            EXPECT_LE(file.path.size(), 4095U);
            for (const auto& part : split(file.path, '/')) {
                EXPECT_EQ(clean_component(part), part);
                EXPECT_TRUE(!part.empty() && part != "." && part != ".." && part.size() <= 255) << part;
            }
            if (!file.attributes.pad) {
                EXPECT_EQ(seen[folded(file.path)]++, 0) << file.path;
            }
        }
    }
}

// The info dictionary alone gives the same torrent; every good file's proper prefix gives none.
TEST(Corpus, InfoAloneAndPrefixes) {
    for (const auto& row : expected()) {
        if (row.verdict != "good") continue;
        SCOPED_TRACE(row.file);
        const auto bytes = contents(folder + "/torrents/" + row.file + ".torrent");
        const auto torrent = read_torrent(as_bytes(bytes));
        ASSERT_TRUE(torrent);
        const auto info = read_info(torrent->info.raw);
        ASSERT_TRUE(info);
        EXPECT_EQ(info->hash, torrent->info.hash);
        EXPECT_EQ(joined_paths(info->layout), joined_paths(torrent->info.layout));
        const auto end = bencode::Document::parse(as_bytes(bytes))->size();
        for (std::size_t cut = 0; cut < end; cut += 1 + cut / 16)
            EXPECT_FALSE(read_torrent(as_bytes(bytes).first(cut))) << cut;
    }
}

TEST(Corpus, LinksLeadInsideOrNowhere) {
    const std::map<std::string, std::vector<LinkTarget>> wanted{
        {"link_file", {LinkTarget::inside}},
        {"link_folder", {LinkTarget::inside}},
        {"link_missing", {LinkTarget::missing}},
        {"link_absolute", {LinkTarget::missing}},
        {"link_slashes", {LinkTarget::missing}},
        {"link_loop", {LinkTarget::endless, LinkTarget::endless}},
        {"link_self", {LinkTarget::endless}},
        {"link_chain", {LinkTarget::inside, LinkTarget::inside, LinkTarget::inside}},
        {"link_around_itself", {LinkTarget::endless}},
        {"link_v2", {LinkTarget::inside}},
    };
    for (const auto& [name, states] : wanted) {
        SCOPED_TRACE(name);
        const auto torrent = read_torrent(as_bytes(contents(folder + "/torrents/" + name + ".torrent")));
        ASSERT_TRUE(torrent);
        std::vector<LinkTarget> found;
        for (const auto& link : torrent->info.layout.symlinks()) found.push_back(link.state);
        EXPECT_EQ(found, states);
    }
    const auto chain = read_torrent(as_bytes(contents(folder + "/torrents/link_chain_40.torrent")));
    const auto links = chain->info.layout.symlinks();
    EXPECT_EQ(links[16].state, LinkTarget::inside);
    EXPECT_EQ(links[17].state, LinkTarget::endless);
}

}  // namespace
}  // namespace spate::metainfo
