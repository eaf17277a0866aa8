#include "classic_peer/tracker_client.h"

#include "base/hex.h"
#include "base/printable.h"
#include "classic/get_reply_reader.h"
#include "classic/request_framer.h"
#include "classic/tracker_reply_reader.h"
#include "classic/tracker_request.h"
#include "classic_peer/tracker_question.h"
#include "hash/digest.h"

namespace spate::classic_peer {
namespace {

Error bad_reply(const std::string& tracker, std::string detail) {
    return Error::invalid("read reply of tracker", tracker, std::move(detail), std::errc::bad_message);
}

class ListReader final : public TrackerReplyReader {
  public:
    using Answer = TrackerClient::Answer<std::vector<classic::ListEntry>>;
    ListReader(std::string tracker, Answer answer)
        : tracker_(std::move(tracker)), answer_(std::move(answer)) {}
    bool feed(Bytes bytes, TimePoint) override { return reader_.feed(bytes) != classic::ReadState::reading; }
    void end_of_input() override { reader_.end_of_input(); }
    void answer(const Error* error) override {
        if (error != nullptr) return answer_(fail(*error));
        if (reader_.state() == classic::ReadState::complete) return answer_(reader_.entries());
        answer_(fail(bad_reply(tracker_, reader_.detail())));
    }

  private:
    std::string tracker_;
    classic::ListReplyReader reader_;
    Answer answer_;
};

class GetReader final : public TrackerReplyReader {
  public:
    using Answer = TrackerClient::Answer<ReceivedTrackerFile>;
    GetReader(std::string tracker, std::string name, Answer answer)
        : tracker_(std::move(tracker)), name_(std::move(name)), answer_(std::move(answer)) {}
    bool feed(Bytes bytes, TimePoint) override { return reader_.feed(bytes) != classic::ReadState::reading; }
    void end_of_input() override { reader_.end_of_input(); }
    void answer(const Error* error) override {
        if (error != nullptr) return answer_(fail(*error));
        answer_(result());
    }

  private:
    Result<ReceivedTrackerFile> result() {
        if (reader_.state() == classic::ReadState::refused)
            return fail(Error::invalid("get tracker file of", name_, reader_.detail(),
                                       std::errc::no_such_file_or_directory));
        if (reader_.state() != classic::ReadState::complete)
            return fail(bad_reply(tracker_, reader_.detail()));
        if (reader_.claimed_md5().empty()) return ReceivedTrackerFile{std::string(reader_.file()), false};
        for (const std::string_view reading : reader_.readings())
            if (to_hex(hash::md5(as_bytes(reading))) == reader_.claimed_md5())
                return ReceivedTrackerFile{std::string(reading), true};
        return fail(bad_reply(tracker_, "the MD5 of the tracker file of " + printable(name_) + " is wrong"));
    }

    std::string tracker_;
    std::string name_;
    classic::GetReplyReader reader_;
    Answer answer_;
};

class StatusReader final : public TrackerReplyReader {
  public:
    using Answer = TrackerClient::Answer<classic::Outcome>;
    StatusReader(std::string tracker, Answer answer)
        : tracker_(std::move(tracker)), answer_(std::move(answer)) {}
    bool feed(Bytes bytes, TimePoint now) override {
        framer_.feed(bytes, now, lines_);
        return !lines_.empty() || framer_.dead();
    }
    void end_of_input() override { framer_.end_of_input(lines_); }
    void answer(const Error* error) override {
        if (error != nullptr) return answer_(fail(*error));
        if (lines_.empty()) return answer_(fail(bad_reply(tracker_, "it is empty")));
        const auto reply = classic::parse_status_reply(lines_.front().line);
        if (!reply) return answer_(fail(reply.error()));
        answer_(reply->outcome);
    }

  private:
    std::string tracker_;
    classic::RequestFramer framer_;
    std::vector<classic::FramedRequest> lines_;
    Answer answer_;
};

}  // namespace

std::unique_ptr<Question> TrackerClient::list(Answer<std::vector<classic::ListEntry>> answer) {
    return std::make_unique<TrackerQuestion>(
        world_, tracker_, time_limit_, [](const Address&) { return classic::write_list_request(); },
        std::make_unique<ListReader>(tracker_.text(), std::move(answer)));
}

std::unique_ptr<Question> TrackerClient::get(const std::string& name, Answer<ReceivedTrackerFile> answer) {
    return std::make_unique<TrackerQuestion>(
        world_, tracker_, time_limit_,
        [name](const Address&) { return classic::write_get_tracker_file(name); },
        std::make_unique<GetReader>(tracker_.text(), name, std::move(answer)));
}

std::unique_ptr<Question> TrackerClient::tell(Message message, Answer<classic::Outcome> answer) {
    return std::make_unique<TrackerQuestion>(
        world_, tracker_, time_limit_, std::move(message),
        std::make_unique<StatusReader>(tracker_.text(), std::move(answer)));
}

}  // namespace spate::classic_peer
