#include "classic/config_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/parse_number.h"
#include "base/printable.h"
#include "classic/classic_name.h"
#include "classic/fields.h"

namespace spate::classic {
namespace {

constexpr std::size_t config_bytes_max = 64 * 1024;

struct Value {
    std::string_view text;
    std::size_t line = 0;  // from 1
};

std::string_view without_comment(std::string_view line) {
    for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
        if (at == 0 || is_blank(line[at - 1])) return line.substr(0, at);
    }
    return line;
}

// One config file being read: its values in order, and errors that say where.
class ConfigReader {
  public:
    explicit ConfigReader(std::string_view file_name) : file_name_(file_name) {}

    // what: the meaning of each value in order.
    Result<std::vector<Value>> values(std::string_view text, std::span<const std::string_view> what) const {
        std::vector<Value> values;
        if (text.size() > config_bytes_max) return refuse(0, "longer than 64 KiB");
        std::size_t number = 0;
        while (!text.empty()) {
            ++number;
            const std::size_t end = std::min(text.find('\n'), text.size());
            const std::string_view value = trim(without_comment(text.substr(0, end)));
            text.remove_prefix(std::min(end + 1, text.size()));
            if (value.empty()) continue;
            if (has_control_byte(value)) return refuse(number, "control byte");
            if (values.size() == what.size())
                return refuse(number, "nothing more expected: " + printable(value, 80));
            values.push_back({value, number});
        }
        if (values.size() < what.size()) {
            return refuse(number + 1, "missing: " + std::string(what[values.size()]));
        }
        return values;
    }

    std::unexpected<Error> refuse(std::size_t line, std::string detail) const {
        std::string object(file_name_);
        if (line > 0) object += " line " + std::to_string(line);
        return fail(Error::invalid("read config", std::move(object), std::move(detail)));
    }
    std::unexpected<Error> refuse(const Value& value, std::string_view wanted) const {
        return refuse(value.line,
                      std::string(wanted) + " expected, not \"" + printable(value.text, 80) + '"');
    }

  private:
    std::string_view file_name_;
};

constexpr std::string_view port_wanted = "a port from 1 to 65535";

struct PortAndFolder {
    std::uint16_t port;
    std::string folder;
};

Result<PortAndFolder> parse_port_and_folder(std::string_view text, std::string_view file_name,
                                            std::array<std::string_view, 2> what) {
    const ConfigReader reader(file_name);
    const auto values = reader.values(text, what);
    if (!values) return fail(values.error());
    const auto port = parse_port((*values)[0].text);
    if (!port) return reader.refuse((*values)[0], port_wanted);
    return PortAndFolder{*port, std::string((*values)[1].text)};
}

}  // namespace

Result<TrackerConfig> parse_tracker_config(std::string_view text, std::string_view file_name) {
    auto read = parse_port_and_folder(text, file_name, {"the tracker's port", "the folder of tracker files"});
    if (!read) return fail(std::move(read.error()));
    return TrackerConfig{read->port, std::move(read->folder)};
}

Result<ServerConfig> parse_server_config(std::string_view text, std::string_view file_name) {
    auto read = parse_port_and_folder(text, file_name, {"the listen port", "the shared folder"});
    if (!read) return fail(std::move(read.error()));
    return ServerConfig{read->port, std::move(read->folder)};
}

Result<ClientConfig> parse_client_config(std::string_view text, std::string_view file_name) {
    constexpr std::array<std::string_view, 3> what{"the tracker's port", "the tracker's address",
                                                   "the update interval in seconds"};
    constexpr std::uint32_t interval_max = 24 * 60 * 60;
    const ConfigReader reader(file_name);
    const auto values = reader.values(text, what);
    if (!values) return fail(values.error());
    const auto port = parse_port((*values)[0].text);
    const std::string_view host = without_square_brackets((*values)[1].text);
    const auto seconds = parse_number<std::uint32_t>((*values)[2].text);
    if (!port) return reader.refuse((*values)[0], port_wanted);
    if (!is_host_text(host)) return reader.refuse((*values)[1], "an address or a host name");
    if (!seconds || *seconds == 0 || *seconds > interval_max) {
        return reader.refuse((*values)[2], "an interval from 1 to 86400 seconds");
    }
    return ClientConfig{*port, std::string(host), std::chrono::seconds{*seconds}};
}

}  // namespace spate::classic
