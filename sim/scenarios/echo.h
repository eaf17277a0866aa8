// Two programs for scenarios: a client that sends a long stream and checks what comes back, from where it was
// after each lost connection; a server that sends back what it gets, but for the eight octets that begin a
// connection (the offset, big endian).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/world.h"

namespace spate::sim {

// What the scenario looks at; outlives the processes.
struct EchoBoard {
    std::uint64_t size = 262'144;
    std::uint64_t returned = 0;  // right octets, in a row
    std::uint64_t connections = 0;
    std::optional<std::string> complaint;
};

// The octet of the stream at `offset`.
std::uint8_t echo_octet(std::uint64_t offset);

// `whole` is a planted bug for the canary: it takes for granted that one read gives the eight octets.
enum class HeaderReading { any_split, whole };

class EchoServer final : public io::ListenerHandler {
  public:
    EchoServer(io::World& world, std::uint16_t port, HeaderReading header_reading);
    ~EchoServer() override;
    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error&) override {}

  private:
    class Session;
    io::World& world_;
    HeaderReading header_reading_;
    std::unique_ptr<io::Listener> listener_;
    std::map<std::uint64_t, std::unique_ptr<Session>> sessions_;
    std::uint64_t next_session_ = 0;
};

class EchoClient final : private io::StreamHandler {
  public:
    EchoClient(io::World& world, std::string server, std::uint16_t port, std::shared_ptr<EchoBoard> board);

  private:
    void connect();
    void connect_to(const Address& address);
    void begin(std::unique_ptr<io::Stream> stream);
    void start_over();
    void on_readable() override;
    void on_writable() override;
    bool check(Bytes bytes);

    io::World& world_;
    std::string server_;
    std::uint16_t port_;
    std::shared_ptr<EchoBoard> board_;
    std::unique_ptr<io::Timer> retry_;
    std::unique_ptr<io::Timer> silence_;
    std::unique_ptr<io::Pending> pending_;
    std::unique_ptr<io::Stream> stream_;
    std::vector<std::uint8_t> header_left_;
    std::uint64_t sent_ = 0;
};

}  // namespace spate::sim
