#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace spate {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

class StderrLog final : public Log {
  public:
    explicit StderrLog(LogLevel lowest)
        : logger_("spate", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()) {
        logger_.set_level(spdlog_level(lowest));
        logger_.set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
    }
    void write(LogLevel level, std::string_view text) override { logger_.log(spdlog_level(level), text); }

  private:
    spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Log> make_stderr_log(LogLevel lowest) {
    return std::make_unique<StderrLog>(lowest);
}

}  // namespace spate
