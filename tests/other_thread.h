// on_another_thread: for tests of what a thread does while another holds a lock. Waits until it is done.
#pragma once

#include <thread>
#include <utility>

namespace spate::testing {

template <class Call>
void on_another_thread(Call call) {
    std::jthread(std::move(call)).join();
}

}  // namespace spate::testing
