// Error: what the world did to us, as a value. It names the operation and the object, so that the sentence a
// person reads says what was being done, to what, and why it failed: "open picture.jpg: No such file or
// directory".
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace spate {

struct Error {
    std::error_code code;   // what kind, for programs; generic category where it came from errno
    std::string operation;  // "open", "connect", "parse tracker file"
    std::string object;     // a path, an endpoint, a line number; may be empty
    std::string detail;     // replaces the code's own text when not empty

    // A system error from errno or the like.
    static Error system(int errno_value, std::string operation, std::string object);
    // A refusal of ours: bad input, a limit reached. Code: std::errc::invalid_argument unless given.
    static Error invalid(std::string operation, std::string object, std::string detail,
                         std::errc kind = std::errc::invalid_argument);

    bool is(std::errc kind) const { return code == kind; }
    // "operation object: reason", for people.
    std::string message() const;
};

}  // namespace spate
