#include "apps/demo_state.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "apps/live_lines.h"
#include "apps/size_text.h"

namespace spate::apps {

namespace {

std::string text_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::uint64_t number_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) return 0;
    if (value->is_uint64()) return value->get_uint64();
    return value->is_int64() && value->get_int64() > 0 ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

double part_of(std::uint64_t count, std::uint64_t all) {
    return all == 0 ? 1.0 : static_cast<double>(count) / static_cast<double>(all);
}

std::string sender_line(const DemoState& state, const DemoClient& client) {
    const double part = part_of(client.announced.total(), state.file_size);
    return fmt::format("{:<10} sends {} {:3.0f} %   served {}", client.label, bar(part, 30), part * 100,
                       size_text(client.served));
}

std::string receiver_line(const DemoState& state, const DemoClient& client) {
    const double part = part_of(client.have, state.file_size);
    std::string line = fmt::format("{:<10} gets  {} {:3.0f} %   ", client.label, bar(part, 30), part * 100);
    if (client.took) return line + fmt::format("{} after {}", client.outcome, time_text(*client.took));
    if (client.from.empty()) return line + "waits";
    return line + fmt::format("from {} peer{}", client.from.size(), client.from.size() == 1 ? "" : "s");
}

std::string pad(const std::string& text, std::size_t width) {
    return fmt::format("{:>{}}", text, width);
}

}  // namespace

std::optional<DemoEvent> parse_demo_event(std::string_view line) {
    boost::system::error_code error;
    const auto value = boost::json::parse({line.data(), line.size()}, error);
    if (error || !value.is_object()) return std::nullopt;
    const auto& object = value.get_object();
    DemoEvent event;
    event.event = text_of(object, "event");
    if (event.event.empty()) return std::nullopt;
    event.text = text_of(object, "text");
    event.endpoint = text_of(object, "endpoint");
    event.peer = text_of(object, "peer");
    event.outcome = text_of(object, "outcome");
    event.bytes = number_of(object, "bytes");
    event.have = number_of(object, "have");
    event.size = number_of(object, "size");
    event.start = number_of(object, "start");
    event.end = number_of(object, "end");
    return event;
}

void DemoState::take(DemoClient& client, const DemoEvent& event, Duration since_start) {
    if (event.event == "listening") client.endpoint = event.endpoint;
    if (event.event == "announced") client.announced.add({event.start, event.end});
    if (event.event == "served") client.served += event.bytes;
    if (event.event == "received") {
        client.from[event.peer] += event.bytes;
        client.have = event.have;
    }
    if (event.event == "finished") {
        client.outcome = event.outcome;
        client.took = since_start;
        if (event.outcome == "received") client.have = file_size;
    }
}

bool DemoState::all_received() const {
    return std::all_of(clients.begin(), clients.end(), [](const DemoClient& client) {
        return client.sender || client.outcome == "received";
    });
}

std::vector<std::string> progress_lines(const DemoState& state) {
    std::vector<std::string> lines;
    for (const auto& client : state.clients)
        lines.push_back(client.sender ? sender_line(state, client) : receiver_line(state, client));
    return lines;
}

std::vector<std::string> result_table(const DemoState& state) {
    constexpr std::size_t columns_max = 8;  // more senders than that share a column
    std::vector<const DemoClient*> senders;
    for (const auto& client : state.clients)
        if (client.sender && senders.size() < columns_max) senders.push_back(&client);
    std::string head = fmt::format("{:<10}", "bytes from");
    for (const auto* sender : senders) head += pad(sender->label, 11);
    head += pad("others", 11) + pad("time", 9) + "  MD5";
    std::vector<std::string> lines{head};
    for (const auto& client : state.clients) {
        if (client.sender) continue;
        std::string line = fmt::format("{:<10}", client.label);
        std::uint64_t rest = 0;
        for (const auto& [peer, bytes] : client.from) rest += bytes;
        for (const auto* sender : senders) {
            const auto found = client.from.find(sender->endpoint);
            const std::uint64_t bytes = found == client.from.end() ? 0 : found->second;
            rest -= bytes;
            line += pad(std::to_string(bytes), 11);
        }
        line += pad(std::to_string(rest), 11) + pad(client.took ? time_text(*client.took) : "-", 9) + "  " +
                (client.md5.empty() ? "no file" : client.md5 + (client.right ? " right" : " WRONG"));
        lines.push_back(line);
    }
    return lines;
}

}  // namespace spate::apps
