// An option that takes one of a few words: CLI11's own transformer shows its numbers to people.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace spate::apps {

// For transform(): the word's value, in any case of letters. Complaints name the words.
template <class Value>
CLI::Validator one_of(std::map<std::string, Value> words) {
    const auto take = [words = std::move(words)](std::string& text) -> std::string {
        std::string all;
        for (const auto& [word, value] : words) {
            const auto number = std::to_string(static_cast<unsigned>(value));
            if (CLI::detail::to_lower(text) == word || text == number) {
                text = number;
                return {};
            }
            all += (all.empty() ? "" : ", ") + word;
        }
        return "'" + text + "' is none of " + all;
    };
    return {take, "", ""};
}

}  // namespace spate::apps
