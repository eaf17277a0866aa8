// Bencode reader (BEP 3): one pass over a buffer gives a flat index of nodes; every Value is a view into that
// buffer. Not recursive, no copies, no allocation by a claimed length: the index grows with nodes seen (12
// bytes each). Limits: nesting, nodes and bytes, see Limits; integers must fit int64; string lengths are
// compared with the bytes left. Bad form that has one plain meaning is read and reported in Oddities, so that
// the caller decides; the rest is an Error whose object is "byte N". Owner: the caller keeps the buffer alive
// as long as the Document and its Values. Any thread.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace spate::bencode {

struct Limits {
    std::uint32_t depth_max = 100;         // containers open at once
    std::uint32_t nodes_max = 8'000'000;   // strings (keys too), integers, lists, dictionaries
    std::size_t bytes_max = 0xffff'fffeU;  // offsets are 32 bits wide
};

// What is wrong by BEP 3 but was read all the same; each the offset of the first place, or nothing.
struct Oddities {
    std::optional<std::uint32_t> unsorted_keys;
    std::optional<std::uint32_t> duplicate_keys;
    std::optional<std::uint32_t> leading_zeros;  // "i03e", "i-0e", "03:abc"
};

enum class Kind : std::uint8_t { integer, string, list, dictionary };

struct Node {
    std::uint32_t begin = 0;  // offset of the first byte of the encoding
    std::uint32_t end = 0;    // one past its last byte
    std::uint32_t extra = 0;  // string: offset of its first octet; container: nodes in it, itself included
};

class Value;

// The elements of a list, or the keys and values of a dictionary in turn, in the order of the buffer.
class Elements {
  public:
    class Iterator;
    Elements(const std::uint8_t* buffer, const Node* first, const Node* last)
        : buffer_(buffer), first_(first), last_(last) {}
    Iterator begin() const;
    Iterator end() const;
    bool empty() const { return first_ == last_; }

  private:
    const std::uint8_t* buffer_;
    const Node* first_;
    const Node* last_;
};

// One value in the buffer. Two pointers: pass it by value. Valid as long as its Document (which may move) and
// the buffer.
class Value {
  public:
    Value(const std::uint8_t* buffer, const Node* node) : buffer_(buffer), node_(node) {}

    Kind kind() const;
    bool is(Kind wanted) const { return kind() == wanted; }
    Bytes raw() const { return {buffer_ + node_->begin, node_->end - node_->begin}; }
    std::uint32_t offset() const { return node_->begin; }

    // Nothing when the value is of another kind.
    std::optional<std::int64_t> integer() const;
    std::optional<std::string_view> string() const;
    std::optional<Elements> list() const;
    std::optional<Elements> entries() const;  // of a dictionary: key, value, key, value

    // The value of the first such key, or nothing; nothing for other kinds. Walks the keys: linear.
    std::optional<Value> find(std::string_view key) const;

    // Calls visit(key, value) for each entry in the buffer's order until it returns false; other kinds have
    // none.
    template <class Visit>
    bool each_entry(Visit visit) const;

    // How many nodes a value and all inside it take in the index.
    std::uint32_t node_count() const { return is_container() ? node_->extra : 1; }

  private:
    friend class Elements;
    bool is_container() const { return buffer_[node_->begin] == 'l' || buffer_[node_->begin] == 'd'; }
    Elements children() const { return {buffer_, node_ + 1, node_ + node_count()}; }

    const std::uint8_t* buffer_;
    const Node* node_;
};

class Elements::Iterator {
  public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    Iterator() : Iterator(nullptr, nullptr) {}
    Iterator(const std::uint8_t* buffer, const Node* node) : buffer_(buffer), node_(node) {}
    Value operator*() const { return {buffer_, node_}; }
    Iterator& operator++() {
        node_ += Value(buffer_, node_).node_count();
        return *this;
    }
    Iterator operator++(int) {
        auto before = *this;
        ++*this;
        return before;
    }
    bool operator==(const Iterator& other) const { return node_ == other.node_; }

  private:
    const std::uint8_t* buffer_;
    const Node* node_;
};

inline Elements::Iterator Elements::begin() const {
    return {buffer_, first_};
}
inline Elements::Iterator Elements::end() const {
    return {buffer_, last_};
}

template <class Visit>
bool Value::each_entry(Visit visit) const {
    if (kind() != Kind::dictionary) return true;
    const auto all = children();
    for (auto i = all.begin(); i != all.end(); ++i) {
        const std::string_view key = *(*i).string();
        if (!visit(key, *++i)) return false;
    }
    return true;
}

class Document {
  public:
    // Reads the one value at the start of the buffer; what follows it is left alone (see size()).
    static Result<Document> parse(Bytes buffer, const Limits& limits = {});

    Value root() const { return {buffer_, nodes_.data()}; }
    const Oddities& oddities() const { return oddities_; }
    // Bytes the root takes; fewer than the buffer has when something trails it.
    std::size_t size() const { return nodes_.front().end; }
    std::size_t node_count() const { return nodes_.size(); }

  private:
    Document() = default;
    const std::uint8_t* buffer_ = nullptr;
    std::vector<Node> nodes_;
    Oddities oddities_;
};

}  // namespace spate::bencode
