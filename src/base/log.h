// Log: where a module says what happened, for people. Given by reference, never global. The text may hold
// names from the network: pass them through printable() first. The real one (make_stderr_log) is spdlog; the
// simulator keeps its own.
#pragma once

#include <memory>
#include <string_view>

namespace spate {

enum class LogLevel { debug, info, warning, error };

class Log {
  public:
    virtual ~Log() = default;
    virtual void write(LogLevel level, std::string_view text) = 0;
    void debug(std::string_view text) { write(LogLevel::debug, text); }
    void info(std::string_view text) { write(LogLevel::info, text); }
    void warning(std::string_view text) { write(LogLevel::warning, text); }
    void error(std::string_view text) { write(LogLevel::error, text); }
};

// Lines with time and level on standard error, from any thread; below `lowest` nothing.
std::unique_ptr<Log> make_stderr_log(LogLevel lowest);

// Swallows everything.
class NoLog final : public Log {
  public:
    void write(LogLevel, std::string_view) override {}
};

}  // namespace spate
