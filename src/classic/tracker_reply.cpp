#include "classic/tracker_reply.h"

namespace spate::classic {
namespace {

std::string_view word(Outcome outcome) {
    switch (outcome) {
        case Outcome::succ:
            return "succ";
        case Outcome::ferr:
            return "ferr";
        case Outcome::fail:
            break;
    }
    return "fail";
}

}  // namespace

std::string write_create_reply(Outcome outcome) {
    return std::string("<createtracker ").append(word(outcome)).append(">\n");
}

std::string write_update_reply(std::string_view name, Outcome outcome) {
    std::string reply = "<updatetracker ";
    if (!name.empty()) reply.append(name).append(" ");
    return reply.append(word(outcome)).append(">\n");
}

std::string write_list_reply(std::span<const ListEntry> entries) {
    std::string reply = "<REP LIST " + std::to_string(entries.size()) + ">\n";
    std::size_t number = 0;
    for (const ListEntry& entry : entries) {
        reply += '<';
        reply += std::to_string(++number);
        reply += ' ';
        reply += entry.name;
        reply += ' ';
        reply += std::to_string(entry.size);
        reply += ' ';
        reply += entry.md5;
        reply += ">\n";
    }
    return reply + "<REP LIST END>\n";
}

std::string write_get_reply(std::string_view file, std::string_view md5) {
    std::string reply = "<REP GET BEGIN>\n";
    reply.append(file);
    return reply.append("<REP GET END ").append(md5).append(">\n");
}

std::string write_get_invalid() {
    return "<GET invalid>\n";
}
std::string write_unknown_command() {
    return "<ERROR unknown command>\n";
}
std::string write_line_too_long() {
    return "<ERROR request too long>\n";
}

std::string write_bad_request_reply(const BadRequest& request) {
    switch (request.verb) {
        case BadRequest::Verb::create:
            return write_create_reply(Outcome::fail);
        case BadRequest::Verb::update:
            return write_update_reply(request.name, Outcome::fail);
        case BadRequest::Verb::get:
            return write_get_invalid();
        case BadRequest::Verb::unknown:
            break;
    }
    return write_unknown_command();
}

}  // namespace spate::classic
