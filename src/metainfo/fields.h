// Typed access to a dictionary's entries, with errors that name the key: "info.piece length: must be an
// integer".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bencode/reader.h"

namespace spate::metainfo {

// A refusal: object is the key, detail the reason.
inline std::unexpected<Error> refuse(std::string key, std::string reason) {
    return fail(Error::invalid("", std::move(key), std::move(reason)));
}

// A dictionary and the name its keys are reported under ("info.", "info.files[3].", "").
class Fields {
  public:
    Fields(bencode::Value dictionary, std::string where)
        : dictionary_(dictionary), where_(std::move(where)) {}

    std::string name(std::string_view key) const { return where_ + std::string(key); }
    std::optional<bencode::Value> find(std::string_view key) const { return dictionary_.find(key); }
    bool has(std::string_view key) const { return find(key).has_value(); }

    // Absent: nothing. Another type: refused.
    Result<std::optional<std::int64_t>> integer(std::string_view key) const;
    Result<std::optional<std::string_view>> string(std::string_view key) const;
    Result<std::optional<bencode::Elements>> list(std::string_view key) const;
    // Absent: refused too.
    Result<std::int64_t> required_integer(std::string_view key) const;
    Result<std::string_view> required_string(std::string_view key) const;

    std::unexpected<Error> refuse_key(std::string_view key, std::string reason) const {
        return refuse(name(key), std::move(reason));
    }

  private:
    bencode::Value dictionary_;
    std::string where_;
};

}  // namespace spate::metainfo
