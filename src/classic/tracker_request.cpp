#include "classic/tracker_request.h"

#include <algorithm>

#include "base/assert.h"
#include "base/printable.h"
#include "classic/classic_name.h"
#include "classic/fields.h"

namespace spate::classic {
namespace {

using Verb = BadRequest::Verb;

constexpr std::string_view track_suffix = ".track";

bool holds_bracket(std::string_view text) {
    return text.find_first_of("<>") != std::string_view::npos;
}

BadRequest bad(Verb verb, const MessageLine& line, std::string_view reason) {
    BadRequest request;
    request.verb = verb;
    if (verb != Verb::unknown && !holds_bracket(line.at(1))) {
        request.name = printable(line.at(1), name_length_max).substr(0, name_length_max);
    }
    request.reason = reason;
    return request;
}

// Blanks travel as `_`.
std::string decoded_description(std::string_view text) {
    std::string out(text);
    std::ranges::replace(out, '_', ' ');
    std::ranges::replace(out, '\t', ' ');
    return std::string(trim(out));
}

// What stands between size and md5, with the blanks it was sent with.
std::string_view description_of(const MessageLine& line) {
    const std::size_t last = line.fields.size() - 4;  // the field before md5, ip and port
    if (last < 3) return {};
    const char* begin = line.fields[3].data();
    return {begin, static_cast<std::size_t>(line.fields[last].data() + line.fields[last].size() - begin)};
}

TrackerRequest parse_create(const MessageLine& line) {
    const auto refuse = [&](std::string_view reason) { return bad(Verb::create, line, reason); };
    if (line.cut_short()) return refuse("no closing bracket");
    if (has_control_byte(line.body)) return refuse("control byte");
    const std::size_t count = line.fields.size();
    if (count < 6) return refuse("too few fields");
    const std::string_view md5 = line.at(count - 3);
    const std::string_view host = without_square_brackets(line.at(count - 2));
    const auto size = parse_position(line.at(2));
    const auto port = parse_port(line.at(count - 1));
    if (const auto fault = name_fault(line.at(1))) return refuse("name: " + std::string(*fault));
    if (!size) return refuse("size is no number of bytes");
    if (!port) return refuse("port is not 1 to 65535");
    if (!is_host_text(host)) return refuse("address is neither an address nor a host name");
    if (md5.size() > md5_text_max || holds_bracket(md5)) return refuse("md5 is too long or holds a bracket");
    if (!line.opened && !is_md5_text(md5)) return refuse("md5 is not 32 hexadecimal digits");
    if (holds_bracket(description_of(line))) return refuse("description holds a bracket");
    CreateTracker request;
    request.name = line.at(1);
    request.size = *size;
    request.description = decoded_description(description_of(line));
    request.md5 = lower_case(md5);
    request.usable_md5 = is_md5_text(md5);
    request.host = host;
    request.port = *port;
    return request;
}

TrackerRequest parse_update(const MessageLine& line) {
    const auto refuse = [&](std::string_view reason) { return bad(Verb::update, line, reason); };
    if (line.cut_short()) return refuse("no closing bracket");
    if (has_control_byte(line.body)) return refuse("control byte");
    if (line.fields.size() != 6) return refuse("not five fields");
    const std::string_view host = without_square_brackets(line.at(4));
    const auto start = parse_position(line.at(2));
    const auto end = parse_position(line.at(3));
    const auto port = parse_port(line.at(5));
    if (const auto fault = name_fault(line.at(1))) return refuse("name: " + std::string(*fault));
    if (!start || !end) return refuse("start or end is no byte position");
    if (*start > *end) return refuse("start is beyond end");
    if (!port) return refuse("port is not 1 to 65535");
    if (!is_host_text(host)) return refuse("address is neither an address nor a host name");
    return UpdateTracker{std::string(line.at(1)), *start, *end, std::string(host), *port};
}

TrackerRequest parse_get(const MessageLine& line) {
    if (line.fields.size() != 2) return bad(Verb::get, line, "not one name");
    const std::string_view raw = line.at(1);
    std::string_view name = raw;
    if (name.size() > track_suffix.size() && name.ends_with(track_suffix))
        name.remove_suffix(track_suffix.size());
    if (const auto fault = name_fault(name)) return bad(Verb::get, line, "name: " + std::string(*fault));
    return GetTrackerFile{std::string(name), std::string(raw)};
}

}  // namespace

TrackerRequest parse_tracker_request(std::string_view text) {
    const MessageLine line = split_message(text);
    const std::size_t count = line.fields.size();
    if (line.field_is(0, "createtracker")) return parse_create(line);
    if (line.field_is(0, "updatetracker")) return parse_update(line);
    if (line.field_is(0, "get")) return parse_get(line);
    if (line.field_is(0, "req") && line.field_is(1, "list") && count == 2) return ListRequest{};
    if (line.field_is(0, "list") && count == 1) {
        if (line.opened || line.closed) return ListRequest{};
        return BareList{};
    }
    if (line.field_is(0, "tracker") && count == 1 && !line.opened && !line.closed) return BareTracker{};
    return bad(Verb::unknown, line,
               count == 0 ? "empty request" : "unknown command: " + printable(line.body, 80));
}

std::string write_create_tracker(const CreateTracker& request) {
    SPATE_ASSERT(is_clean_name(request.name) && is_host_text(request.host));
    SPATE_ASSERT(!request.md5.empty() && !has_control_byte(request.md5) &&
                 split_fields(request.md5).size() == 1);
    std::string description(trim(request.description));
    std::ranges::replace_if(
        description,
        [](char c) {
            const auto octet = static_cast<unsigned char>(c);
            return octet <= 32 || octet == 127 || c == '<' || c == '>';
        },
        '_');
    if (description.empty()) description = "_";
    return "<createtracker " + request.name + ' ' + std::to_string(request.size) + ' ' + description + ' ' +
           request.md5 + ' ' + request.host + ' ' + std::to_string(request.port) + ">\n";
}

std::string write_update_tracker(const UpdateTracker& request) {
    SPATE_ASSERT(is_clean_name(request.name) && is_host_text(request.host));
    return "<updatetracker " + request.name + ' ' + std::to_string(request.start) + ' ' +
           std::to_string(request.end) + ' ' + request.host + ' ' + std::to_string(request.port) + ">\n";
}

std::string write_list_request() {
    return "<REQ LIST>\n";
}

std::string write_get_tracker_file(std::string_view name) {
    SPATE_ASSERT(is_clean_name(name));
    return "<GET " + std::string(name) + ".track>\n";
}

}  // namespace spate::classic
