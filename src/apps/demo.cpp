#include "apps/demo.h"

#include <csignal>
#include <fmt/format.h>
#include <functional>

#include "apps/command.h"
#include "apps/complaint.h"
#include "apps/size_text.h"

namespace spate::apps {

namespace {
constexpr Duration drawing_pause = std::chrono::milliseconds(100);
}

class Demo::Child final : public io_linux::ProcessHandler {
  public:
    std::function<void(const DemoEvent&)> on_event;
    std::function<void(std::string_view)> on_error_line;
    std::function<void(io_linux::ExitStatus)> on_end;

    Result<void> start(io_linux::Loop& loop, std::vector<std::string> argv) {
        auto process = io_linux::Process::start(loop, {std::move(argv), {}}, *this);
        if (!process) return fail(std::move(process.error()));
        process_ = std::move(*process);
        return {};
    }
    void on_line(io_linux::OutputKind kind, std::string_view line) override {
        if (kind == io_linux::OutputKind::errors) return on_error_line(line);
        if (const auto event = parse_demo_event(line)) on_event(*event);
    }
    void on_exit(io_linux::ExitStatus status) override { on_end(status); }

  private:
    std::unique_ptr<io_linux::Process> process_;
};

Demo::Demo(io_linux::Loop& loop, const DemoSettings& settings, LiveLines& lines)
    : loop_(loop),
      settings_(settings),
      lines_(lines),
      world_(loop.world()),
      started_(world_.reactor.now()),
      drawing_(world_.reactor.make_timer([this] { draw(); })),
      time_limit_(world_.reactor.make_timer([this] {
          lines_.say("the demo took longer than " + time_text(settings_.time_limit) + ", and was ended");
          stop(exit_failed);
      })),
      receivers_left_(settings.receivers) {
    state_.file_name = settings.file_name;
    state_.file_size = settings.file_size;
    for (int number = 1; number <= settings.senders + settings.receivers; ++number) {
        DemoClient client;
        client.label = fmt::format("client_{}", number);
        client.sender = number <= settings.senders;
        state_.clients.push_back(std::move(client));
    }
}

Demo::~Demo() = default;

int Demo::run() {
    if (auto started = start_tracker(); !started) {
        complain({"spate demo"}, started.error());
        return exit_failed;
    }
    time_limit_->arm(world_.reactor.now() + settings_.time_limit);
    if (!stopped_) loop_.run();
    lines_.draw({});
    children_.clear();  // senders and tracker run until they are ended
    return exit_code_;
}

void Demo::stop(int exit_code) {
    stopped_ = true;
    exit_code_ = exit_code;
    loop_.stop();
}

Result<void> Demo::start_tracker() {
    auto child = std::make_unique<Child>();
    child->on_event = [this](const DemoEvent& event) { on_tracker_event(event); };
    child->on_error_line = [this](std::string_view line) { on_child_error("tracker", std::string(line)); };
    child->on_end = [this](io_linux::ExitStatus status) { on_child_exit("tracker", false, status); };
    children_.push_back(std::move(child));
    return children_.back()->start(loop_, {settings_.program, "tracker", "--json", "--listen", "127.0.0.1:0",
                                           "--state", settings_.folder + "/test_server"});
}

void Demo::on_tracker_event(const DemoEvent& event) {
    if (event.event != "listening" || !state_.tracker.empty()) return;
    state_.tracker = event.endpoint;
    lines_.say(fmt::format("tracker: listening on {}", state_.tracker));
    if (auto started = start_clients(); !started) {
        complain({"spate demo"}, started.error());
        stop(exit_failed);
    }
}

Result<void> Demo::start_clients() {
    started_ = world_.reactor.now();
    // Receivers first, as the running guide does: they wait until a file shows up.
    for (const bool senders : {false, true}) {
        int number = 0;
        for (auto& client : state_.clients) {
            ++number;
            if (client.sender != senders) continue;
            if (auto started = start_client(senders ? "TRACKER" : "LIST", number, client); !started)
                return started;
        }
    }
    draw();
    return {};
}

Result<void> Demo::start_client(const char* mode, int number, DemoClient& client) {
    const auto index = static_cast<std::size_t>(number - 1);
    auto child = std::make_unique<Child>();
    child->on_event = [this, index](const DemoEvent& event) { on_client_event(index, event); };
    child->on_error_line = [this, label = client.label](std::string_view line) {
        on_child_error(label, std::string(line));
    };
    child->on_end = [this, label = client.label, receiver = !client.sender](io_linux::ExitStatus status) {
        on_child_exit(label, receiver, status);
    };
    children_.push_back(std::move(child));
    const auto seconds = std::chrono::duration<double>(settings_.interval).count();
    return children_.back()->start(
        loop_, {settings_.program, "client", mode, fmt::format("C{}", number), "--json", "--tracker",
                state_.tracker, "--file", settings_.file_name, "--folder",
                fmt::format("{}/test_clients/{}", settings_.folder, client.label), "--interval",
                fmt::format("{:.3f}", seconds), "--senders", std::to_string(settings_.senders)});
}

void Demo::on_client_event(std::size_t index, const DemoEvent& event) {
    auto& client = state_.clients[index];
    state_.take(client, event, world_.reactor.now() - started_);
    if (event.event == "sentence") lines_.say(event.text);
    if (event.event == "warning") lines_.say(client.label + ": " + event.text);
}

void Demo::on_child_error(const std::string& label, const std::string& line) {
    lines_.say(line.starts_with(label) ? line : label + ": " + line);
}

void Demo::on_child_exit(const std::string& label, bool receiver, io_linux::ExitStatus status) {
    if (receiver && status.good()) {
        if (--receivers_left_ == 0) stop(exit_ok);
        return;
    }
    const auto how = status.signal != 0 ? fmt::format("ended by signal {}", status.signal)
                                        : fmt::format("ended with exit code {}", status.code);
    lines_.say(fmt::format("{} {}", label, how));
    if (!stopped_) stop(exit_failed);
}

void Demo::draw() {
    lines_.draw(progress_lines(state_));
    drawing_->arm(world_.reactor.now() + drawing_pause);
}

}  // namespace spate::apps
