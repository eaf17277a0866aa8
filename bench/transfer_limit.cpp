// The limit bench/transfer compares with: a sender and a receiver process on loopback that do only what every
// download must: send (sendfile), receive, hash (SHA-1 of each piece, one piece at a time, OpenSSL), write.
//   transfer_limit SOURCE DESTINATION PIECE_BYTES
// Prints one line: CPU seconds of the sender, of the receiver.
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "hash/digest.h"

namespace {

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_seconds(int who) {
    rusage usage{};
    ::getrusage(who, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void send_file(const char* path, const sockaddr_in& to) {
    const int file = ::open(path, O_RDONLY);
    if (file < 0) fail(path);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
    while (::sendfile(socket, file, nullptr, 1 << 20) > 0) {
    }
}

void receive_file(int socket, const char* path, std::size_t piece_bytes) {
    const int file = ::open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
    if (file < 0) fail(path);
    std::vector<std::uint8_t> piece(piece_bytes);
    for (off_t at = 0;;) {
        std::size_t filled = 0;
        while (filled < piece.size()) {
            const auto count = ::read(socket, piece.data() + filled, piece.size() - filled);
            if (count < 0) fail("read");
            if (count == 0) break;
            filled += static_cast<std::size_t>(count);
        }
        if (filled == 0) break;
        // The digest goes nowhere, but is computed behind a library call that the compiler cannot see
        // through.
        (void)spate::hash::sha1({piece.data(), filled});
        if (::pwrite(file, piece.data(), filled, at) != static_cast<ssize_t>(filled)) fail("pwrite");
        at += static_cast<off_t>(filled);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: transfer_limit SOURCE DESTINATION PIECE_BYTES\n");
        return 2;
    }
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener, 1) != 0)
        fail("listen");
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);

    const pid_t sender = ::fork();
    if (sender == 0) {
        send_file(argv[1], address);
        return 0;
    }
    receive_file(::accept(listener, nullptr, nullptr), argv[2], std::strtoull(argv[3], nullptr, 10));
    ::waitpid(sender, nullptr, 0);
    std::printf("%.3f %.3f\n", cpu_seconds(RUSAGE_CHILDREN), cpu_seconds(RUSAGE_SELF));
    return 0;
}
