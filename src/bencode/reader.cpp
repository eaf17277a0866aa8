#include "bencode/reader.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "base/parse_number.h"

namespace spate::bencode {

namespace {

constexpr std::size_t number_digits_max = 20;  // more than any int64 or length needs; leading zeros included

bool is_digit(std::uint8_t c) {
    return c >= '0' && c <= '9';
}

std::string_view string_of(Bytes buffer, const Node& node) {
    return as_text(buffer.subspan(node.extra, node.end - node.extra));
}

class Parser {
  public:
    Parser(Bytes buffer, const Limits& limits, std::vector<Node>& nodes, Oddities& oddities)
        : buffer_(buffer), limits_(limits), nodes_(nodes), oddities_(oddities) {}

    Result<void> run() {
        if (buffer_.size() > limits_.bytes_max)
            return refuse("too long: " + std::to_string(buffer_.size()) + " bytes");
        do {
            if (auto step = one_step(); !step) return step;
        } while (!open_.empty());
        return check_unsorted();
    }

  private:
    struct Container {
        std::uint32_t node;
        bool dictionary;
        bool value_next = false;     // dictionary: a key was read
        std::uint32_t last_key = 0;  // node of it; 0 is the root, so none
        bool unsorted = false;
    };

    std::unexpected<Error> refuse(std::string reason) const {
        return fail(Error::invalid("", "byte " + std::to_string(at_), std::move(reason)));
    }

    Result<void> one_step() {
        if (at_ == buffer_.size()) return refuse("ends too early");
        const std::uint8_t c = buffer_[at_];
        if (c == 'e' && !open_.empty()) return close();
        if (nodes_.size() >= limits_.nodes_max)
            return refuse("more than " + std::to_string(limits_.nodes_max) + " values");
        const bool key = !open_.empty() && open_.back().dictionary && !open_.back().value_next;
        if (is_digit(c)) return key ? read_key() : read_string();
        if (key) return refuse("a key must be a string");
        if (c == 'l' || c == 'd') return open(c == 'd');
        if (c == 'i') return read_integer();
        return refuse("no value starts like this");
    }

    Result<void> open(bool dictionary) {
        if (open_.size() >= limits_.depth_max)
            return refuse("nested deeper than " + std::to_string(limits_.depth_max));
        open_.push_back({static_cast<std::uint32_t>(nodes_.size()), dictionary});
        nodes_.push_back({position(), 0, 0});
        ++at_;
        return {};
    }

    Result<void> close() {
        const Container& top = open_.back();
        if (top.dictionary && top.value_next) return refuse("a key without a value");
        ++at_;
        nodes_[top.node].end = position();
        nodes_[top.node].extra = static_cast<std::uint32_t>(nodes_.size()) - top.node;
        if (top.unsorted) unsorted_.push_back(top.node);
        open_.pop_back();
        value_done();
        return {};
    }

    void value_done() {
        if (!open_.empty()) open_.back().value_next = false;
    }

    Result<void> read_integer() {
        const auto begin = position();
        const auto rest =
            as_text(buffer_.subspan(at_ + 1, std::min(buffer_.size() - at_ - 1, number_digits_max + 1)));
        const auto end = rest.find('e');
        if (end == rest.npos) return refuse("an integer without an end, or longer than any 64-bit one");
        const auto digits = rest.substr(0, end);
        if (!parse_number<std::int64_t>(digits)) return refuse("no integer of 64 bits");
        if ((digits.size() > 1 && digits[0] == '0') || (digits[0] == '-' && digits[1] == '0'))
            note_zeros(begin);
        at_ += end + 2;
        nodes_.push_back({begin, position(), 0});
        value_done();
        return {};
    }

    // Pushes the node of a string.
    Result<void> scan_string() {
        const auto begin = position();
        const auto rest =
            as_text(buffer_.subspan(at_, std::min(buffer_.size() - at_, number_digits_max + 1)));
        const auto colon = rest.find(':');
        const auto length =
            colon == rest.npos ? std::nullopt : parse_number<std::uint64_t>(rest.substr(0, colon));
        if (!length) return refuse("a string without a usable length");
        const std::size_t left = buffer_.size() - at_ - colon - 1;
        if (*length > left)
            return refuse("a string of " + std::to_string(*length) + " bytes where " + std::to_string(left) +
                          " are left");
        if (rest[0] == '0' && colon > 1) note_zeros(begin);
        at_ += colon + 1;
        const auto first = position();
        at_ += static_cast<std::size_t>(*length);
        nodes_.push_back({begin, position(), first});
        return {};
    }

    Result<void> read_string() {
        if (auto scanned = scan_string(); !scanned) return scanned;
        value_done();
        return {};
    }

    Result<void> read_key() {
        if (auto scanned = scan_string(); !scanned) return scanned;
        Container& top = open_.back();
        const Node& node = nodes_.back();
        if (top.last_key != 0) {
            const auto before = string_of(buffer_, nodes_[top.last_key]);
            const auto now = string_of(buffer_, node);
            if (now < before) {
                if (!oddities_.unsorted_keys) oddities_.unsorted_keys = node.begin;
                top.unsorted = true;
            } else if (now == before && !oddities_.duplicate_keys) {
                oddities_.duplicate_keys = node.begin;
            }
        }
        top.last_key = static_cast<std::uint32_t>(nodes_.size()) - 1;
        top.value_next = true;
        return {};
    }

    // In an unsorted dictionary equal keys need not be neighbours: sort each such one's keys.
    Result<void> check_unsorted() {
        std::vector<std::string_view> keys;
        for (const auto index : unsorted_) {
            if (oddities_.duplicate_keys) break;
            keys.clear();
            Value(buffer_.data(), &nodes_[index]).each_entry([&](std::string_view key, Value) {
                keys.push_back(key);
                return true;
            });
            std::ranges::sort(keys);
            if (std::ranges::adjacent_find(keys) != keys.end())
                oddities_.duplicate_keys = nodes_[index].begin;
        }
        return {};
    }

    void note_zeros(std::uint32_t where) {
        if (!oddities_.leading_zeros) oddities_.leading_zeros = where;
    }
    std::uint32_t position() const { return static_cast<std::uint32_t>(at_); }

    Bytes buffer_;
    const Limits& limits_;
    std::vector<Node>& nodes_;
    Oddities& oddities_;
    std::size_t at_ = 0;
    std::vector<Container> open_;
    std::vector<std::uint32_t> unsorted_;
};

}  // namespace

Kind Value::kind() const {
    switch (buffer_[node_->begin]) {
        case 'i':
            return Kind::integer;
        case 'l':
            return Kind::list;
        case 'd':
            return Kind::dictionary;
        default:
            return Kind::string;
    }
}

std::optional<std::int64_t> Value::integer() const {
    if (kind() != Kind::integer) return std::nullopt;
    const auto text = as_text(raw());
    return parse_number<std::int64_t>(text.substr(1, text.size() - 2));
}

std::optional<std::string_view> Value::string() const {
    if (kind() != Kind::string) return std::nullopt;
    return as_text({buffer_ + node_->extra, node_->end - node_->extra});
}

std::optional<Elements> Value::list() const {
    if (kind() != Kind::list) return std::nullopt;
    return children();
}

std::optional<Elements> Value::entries() const {
    if (kind() != Kind::dictionary) return std::nullopt;
    return children();
}

std::optional<Value> Value::find(std::string_view wanted) const {
    std::optional<Value> found;
    each_entry([&](std::string_view key, Value value) {
        if (key == wanted) found = value;
        return !found;
    });
    return found;
}

Result<Document> Document::parse(Bytes buffer, const Limits& limits) {
    SPATE_ASSERT(limits.bytes_max <= Limits{}.bytes_max);
    Document document;
    document.buffer_ = buffer.data();
    if (auto parsed = Parser(buffer, limits, document.nodes_, document.oddities_).run(); !parsed)
        return fail(std::move(parsed.error()));
    return document;
}

}  // namespace spate::bencode
