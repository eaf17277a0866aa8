#include "engine/tracker_round.h"

namespace spate::engine {

using announce::IpFamily;

TrackerRound::TrackerRound(io::World& world, Rng& rng, UdpConnections& udp, RoundOwner& owner,
                           const http::Url& url, const std::vector<announce::AnnounceRequest>& requests,
                           std::array<bool, 2> families, Duration time_limit)
    : owner_(owner), begun_at_(world.reactor.now()) {
    for (const announce::AnnounceRequest& request : requests) {
        for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
            if (!families[static_cast<std::size_t>(family)]) continue;
            ++unanswered_;
            auto done = [this, family, question = questions_.size()](Result<AnnounceAnswer> answer) {
                on_answer(question, family, std::move(answer));
            };
            questions_.push_back(
                {family, ask_tracker(world, rng, udp, {url, family}, request, time_limit, std::move(done))});
        }
    }
}

std::array<bool, 2> TrackerRound::heard_over() const {
    std::array<bool, 2> heard{};
    for (const Asked& one : questions_)
        if (one.question->was_heard()) heard[static_cast<std::size_t>(one.family)] = true;
    return heard;
}

void TrackerRound::on_answer(std::size_t question, IpFamily family, Result<AnnounceAnswer> answer) {
    --unanswered_;
    const std::weak_ptr<bool> alive = alive_;
    if (!answer) {
        // A family the tracker does not have says less than anything else.
        if (!result_.error || result_.error->is(std::errc::address_family_not_supported))
            result_.error = std::move(answer.error());
    } else if (auto* failure = std::get_if<announce::Failure>(&*answer)) {
        result_.failure = std::move(*failure);
    } else {
        result_.answered = true;
        result_.families[static_cast<std::size_t>(family)] = true;
        owner_.on_round_reply(std::get<announce::AnnounceReply>(*answer),
                              questions_[question].question->asked());
    }
    if (alive.expired() || unanswered_ != 0) return;
    const RoundResult result = std::move(result_);
    owner_.on_round_end(result);
}

}  // namespace spate::engine
