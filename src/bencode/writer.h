// Bencode writer (BEP 3): canonical by construction. Keys must come strictly ascending as raw bytes, each
// with one value, and everything opened must be closed; a breach is a bug of ours (assert). Memory: the text
// built so far. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace spate::bencode {

class Writer {
  public:
    Writer& integer(std::int64_t value);
    Writer& string(std::string_view text);
    Writer& string(Bytes bytes) { return string(as_text(bytes)); }
    // One value that is encoded already, copied as it is.
    Writer& raw(Bytes encoded);

    Writer& begin_list() { return open('l'); }
    Writer& begin_dictionary() { return open('d'); }
    Writer& key(std::string_view key);
    Writer& end();

    // The whole encoding: exactly one value, closed. The writer is empty afterwards.
    std::string take();

  private:
    struct Container {
        bool dictionary = false;
        bool key_given = false;  // the next must be its value
        bool has_key = false;
        std::string last_key;
    };
    Writer& open(char kind);
    void before_value();
    void append_string(std::string_view text);

    std::string text_;
    std::vector<Container> open_;
};

}  // namespace spate::bencode
