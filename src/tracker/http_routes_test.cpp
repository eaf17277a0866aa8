#include "tracker/http_routes.h"

#include <gtest/gtest.h>

namespace spate::tracker {
namespace {

struct Nobody final : HttpHandler {
    void answer(const Endpoint&, http::Request, OnHttpReply) override {}
};

TEST(HttpRoutes, TheFirstRowThatFitsAnswers) {
    Nobody announce, stats, entry, torrent;
    HttpRoutes routes;
    routes.add("*/announce", announce);
    routes.add("/stats", stats);
    routes.add("/entry/", entry);
    routes.add("/torrent/", torrent);
    EXPECT_EQ(routes.find("/announce"), &announce);
    EXPECT_EQ(routes.find("/a/b/announce"), &announce);
    EXPECT_EQ(routes.find("/myannounce"), nullptr);
    EXPECT_EQ(routes.find("/announce/"), nullptr);
    EXPECT_EQ(routes.find("/stats"), &stats);
    EXPECT_EQ(routes.find("/stats/"), nullptr);
    EXPECT_EQ(routes.find("/entry/a.iso"), &entry);
    EXPECT_EQ(routes.find("/entry"), nullptr);
    EXPECT_EQ(routes.find(""), nullptr);
    EXPECT_EQ(routes.find("*"), nullptr);
}

}  // namespace
}  // namespace spate::tracker
