# GCC's ThreadSanitizer knows no atomic_thread_fence. Asio's fences only add to the scheduler's mutex, which it does
# know, so its builds go without them.
if(SPATE_SANITIZE MATCHES "thread")
  target_compile_definitions(io_linux PRIVATE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
