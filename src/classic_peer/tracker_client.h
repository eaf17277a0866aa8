// TrackerClient: asks one classic tracker, a connection a question. Every question has a time limit over all
// of it (resolving, connecting to each address in turn, the reply) and its answer comes exactly once, unless
// the client or the Question is destroyed first. Answers are as the tracker sent them: what they claim is the
// caller's to check, except the MD5 of a tracker file, which was compared. Owner: a sender or receiver.
// Thread: the reactor's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "classic/tracker_reply.h"
#include "io/world.h"

namespace spate::classic_peer {

// One question under way; destroying it gives it up.
class Question {
  public:
    virtual ~Question() = default;
};

struct ReceivedTrackerFile {
    std::string text;
    bool checked = false;  // the reply named the MD5 of its bytes, and it was right; false: it named none
};

class TrackerClient {
  public:
    template <class T>
    using Answer = std::move_only_function<void(Result<T>)>;
    // Gives the message, for the address of ours that the tracker sees.
    using Message = std::move_only_function<std::string(const Address& ours)>;

    TrackerClient(io::World& world, HostPort tracker, Duration time_limit)
        : world_(world), tracker_(std::move(tracker)), time_limit_(time_limit) {}

    [[nodiscard]] std::unique_ptr<Question> list(Answer<std::vector<classic::ListEntry>> answer);
    // Errors of a tracker that has no such file: ENOENT; of a reply whose MD5 is wrong: EBADMSG.
    [[nodiscard]] std::unique_ptr<Question> get(const std::string& name, Answer<ReceivedTrackerFile> answer);
    // createtracker and updatetracker.
    [[nodiscard]] std::unique_ptr<Question> tell(Message message, Answer<classic::Outcome> answer);

    const HostPort& tracker() const { return tracker_; }

  private:
    io::World& world_;
    HostPort tracker_;
    Duration time_limit_;
};

}  // namespace spate::classic_peer
