// EventContext: Asio's event loop, the one object that descriptors, timers and signals share. Internal: only
// .cpp files of this folder that talk to Asio include it; everything else sees the forward declaration.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace spate::io_linux {

struct EventContext {
    // One thread runs it; others may post.
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running{
        context.get_executor()};
};

}  // namespace spate::io_linux
