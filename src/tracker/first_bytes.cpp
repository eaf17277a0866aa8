#include "tracker/first_bytes.h"

#include <string_view>

namespace spate::tracker {

namespace {

constexpr std::string_view methods[] = {"GET ", "HEAD ", "PUT ", "POST ", "DELETE ", "OPTIONS ", "PATCH "};
constexpr std::string_view targets[] = {"/", "http://", "HTTP://"};

// Whether `text` begins with `wanted`, may still come to, or does not.
enum class Fit { no, maybe, yes };
Fit fit(std::string_view text, std::string_view wanted) {
    if (text.starts_with(wanted)) return Fit::yes;
    return wanted.starts_with(text) ? Fit::maybe : Fit::no;
}

Fit target_fit(std::string_view method, std::string_view rest) {
    if (method == "OPTIONS " && rest.starts_with('*')) return Fit::yes;
    Fit best = Fit::no;
    for (const auto target : targets) best = std::max(best, fit(rest, target));
    return best;
}

}  // namespace

Language language_of(Bytes bytes) {
    if (bytes.empty()) return Language::undecided;
    if (bytes.front() == 0x13) return Language::peer_wire;
    if (bytes.front() == 0x16) return Language::tls;
    const auto text = as_text(bytes);
    for (const auto method : methods) {
        const auto method_fits = fit(text, method);
        if (method_fits == Fit::no) continue;
        if (method_fits == Fit::maybe) return Language::undecided;
        const auto target_fits = target_fit(method, text.substr(method.size()));
        if (target_fits == Fit::maybe) return Language::undecided;
        return target_fits == Fit::yes ? Language::http : Language::classic;
    }
    return Language::classic;
}

}  // namespace spate::tracker
