#include "bencode/writer.h"

#include <utility>

#include "base/assert.h"

namespace spate::bencode {

void Writer::before_value() {
    if (open_.empty()) {
        SPATE_ASSERT(text_.empty());  // one root
        return;
    }
    Container& top = open_.back();
    SPATE_ASSERT(!top.dictionary || top.key_given);
    top.key_given = false;
}

void Writer::append_string(std::string_view text) {
    text_ += std::to_string(text.size());
    text_ += ':';
    text_ += text;
}

Writer& Writer::integer(std::int64_t value) {
    before_value();
    text_ += 'i' + std::to_string(value) + 'e';
    return *this;
}

Writer& Writer::string(std::string_view text) {
    before_value();
    append_string(text);
    return *this;
}

Writer& Writer::raw(Bytes encoded) {
    SPATE_ASSERT(!encoded.empty());
    before_value();
    text_ += as_text(encoded);
    return *this;
}

Writer& Writer::open(char kind) {
    before_value();
    text_ += kind;
    open_.emplace_back().dictionary = kind == 'd';
    return *this;
}

Writer& Writer::key(std::string_view key) {
    SPATE_ASSERT(!open_.empty() && open_.back().dictionary && !open_.back().key_given);
    Container& top = open_.back();
    SPATE_ASSERT(!top.has_key || std::string_view(top.last_key) < key);
    top.last_key = key;
    top.has_key = top.key_given = true;
    append_string(key);
    return *this;
}

Writer& Writer::end() {
    SPATE_ASSERT(!open_.empty() && !open_.back().key_given);
    text_ += 'e';
    open_.pop_back();
    return *this;
}

std::string Writer::take() {
    SPATE_ASSERT(open_.empty() && !text_.empty());
    return std::exchange(text_, {});
}

}  // namespace spate::bencode
