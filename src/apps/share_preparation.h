// SharePreparation: what `spate share` does before it shares: first what can be refused in a moment (is the
// path there, would the tracker take its name), then the hashing. What is refused is told, and keeps nothing
// else from being shared; but a tracker that does not answer keeps all. Blocking, with loops of its own: the
// program's start.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/command.h"
#include "apps/complaint.h"
#include "apps/name_check.h"
#include "apps/share.h"

namespace spate::apps {

class SharePreparation {
  public:
    // Both outlive it.
    SharePreparation(const ShareFlags& flags, const Complainer& who) : flags_(flags), who_(who) {}

    // Nothing: interrupted.
    std::optional<std::vector<HashedShare>> prepare(const hash::PublicKey& publisher);
    // exit_ok if nothing was refused.
    int exit_code() const { return exit_code_; }

  private:
    struct Planned {
        std::filesystem::path path;  // absolute, without links
        PlannedEntry entry;
        NameCheck::Found there;  // under its name at the tracker
    };
    std::optional<std::vector<Planned>> plan_all(const hash::PublicKey& publisher);
    Result<Planned> plan(const std::string& path) const;
    std::optional<Result<NameCheck::Found>> check_name(const Planned& planned) const;
    std::optional<Result<HashedShare>> hash_planned(const Planned& planned) const;
    void refuse(const Error& error);

    const ShareFlags& flags_;
    const Complainer& who_;
    int exit_code_ = exit_ok;
};

}  // namespace spate::apps
