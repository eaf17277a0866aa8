// What the network cases share: handlers that note what they are told, and two connected streams.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/io_conformance/world_under_test.h"

namespace spate::io {

struct NotingListener : ListenerHandler {
    void on_accept(std::unique_ptr<Stream> stream) override {
        accepted.push_back(std::move(stream));
        if (then) then();
    }
    void on_accept_error(const Error&) override { ++errors; }
    std::vector<std::unique_ptr<Stream>> accepted;
    std::function<void()> then;
    int errors = 0;
};

struct NotingStream : StreamHandler {
    void on_readable() override {
        ++readable;
        if (then) then();
    }
    void on_writable() override {
        ++writable;
        if (then) then();
    }
    int readable = 0;
    int writable = 0;
    std::function<void()> then;
};

class ConnectConformance : public Conformance {
  protected:
    std::unique_ptr<Listener> listen(ListenerHandler& handler);
    // Where nothing listens.
    Endpoint closed_endpoint();
};

class StreamConformance : public ConnectConformance {
  protected:
    void SetUp() override;
    // Reads from `stream` until `count` bytes are there; shorter when the end or an error came before.
    std::string read_exactly(Stream& stream, NotingStream& notes, std::size_t count);
    // Reads until the end or an error: the error, or nothing for the end. Bytes go to `text` where given.
    std::optional<Error> read_to_end(Stream& stream, NotingStream& notes, std::string* text = nullptr);
    // Writes until it would block.
    std::size_t fill(Stream& stream);
    void write_all(Stream& stream, std::string_view text);

    NotingStream near_notes_;
    NotingStream far_notes_;
    std::unique_ptr<Stream> near_;
    std::unique_ptr<Stream> far_;
};

class DatagramConformance : public Conformance {
  protected:
    void SetUp() override;

    struct Notes : DatagramHandler {
        void on_datagrams_readable() override {
            ++readable;
            if (then) then();
        }
        void on_datagrams_writable() override { ++writable; }
        int readable = 0;
        int writable = 0;
        std::function<void()> then;
    };
    Notes near_notes_;
    Notes far_notes_;
    std::unique_ptr<DatagramSocket> near_;
    std::unique_ptr<DatagramSocket> far_;
};

}  // namespace spate::io
