#include "engine/content_wait.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace spate::engine {
namespace {

struct Advice {
    std::errc kind;
    const char* text;
    bool at_opening;  // it may pass then too
};
constexpr std::array advices{
    Advice{std::errc::no_space_on_device, "free some space on that disk", true},
    Advice{std::errc::file_too_large, "that disk, or a limit, does not allow files of that size", true},
    Advice{std::errc::io_error, "see whether that disk is well", true},
    Advice{std::errc::read_only_file_system, "make that disk writable", false},
    Advice{std::errc::permission_denied, "allow writing there", false},
    Advice{std::errc::operation_not_permitted, "allow writing there", false},
    Advice{std::errc::no_such_file_or_directory, "see whether that disk is still there", false},
    Advice{std::errc::no_such_device, "see whether that disk is still there", false},
    Advice{std::errc::too_many_files_open, "allow more open files", true},
    Advice{std::errc::too_many_files_open_in_system, "allow more open files", true},
};

const Advice* find(const Error& error) {
    const auto found = std::ranges::find_if(advices, [&](const Advice& one) { return error.is(one.kind); });
    return found == advices.end() ? nullptr : &*found;
}

Error with_advice(const Error& error) {
    if (!error.detail.empty()) return error;  // it says what it is about
    Error told = error;
    told.detail = told.code.message();
    if (error.code == std::error_code(EDQUOT, std::generic_category()))
        told.detail += "; your share of that disk is used up";
    else if (const Advice* advice = find(error))
        told.detail += std::string("; ") + advice->text;
    return told;
}

}  // namespace

bool may_pass(const Error& error) {
    const Advice* advice = find(error);
    return (advice != nullptr && advice->at_opening) ||
           error.code == std::error_code(EDQUOT, std::generic_category());
}

bool is_forbidden(const Error& error) {
    return error.is(std::errc::permission_denied) || error.is(std::errc::operation_not_permitted) ||
           error.is(std::errc::read_only_file_system);
}

void ContentWait::on_trouble(const Error& error, TimePoint now) {
    if (!why_ || std::exchange(trying_, false)) {
        delay_ = delay_ == Duration{} ? first : std::min(2 * delay_, longest);
        retry_at_ = now + delay_;
    }
    why_ = with_advice(error);
}

void ContentWait::on_well() {
    why_.reset();
    delay_ = {};
    trying_ = false;
}

void ContentWait::go_on() {
    why_.reset();
    trying_ = false;
}

bool ContentWait::begin_try(TimePoint now) {
    if (!why_ || trying_ || now < retry_at_) return false;
    trying_ = true;
    retry_at_ = now + delay_;
    return true;
}

}  // namespace spate::engine
