# Warnings, sanitizers, hardening and the build's speed: one place for all flags.
option(SPATE_WERROR "Treat warnings as errors" ON)
option(SPATE_FUZZ "Build the libFuzzer targets (Clang)" OFF)
set(SPATE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-align)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")  # libstdc++ 12's stable_partition uses what it calls deprecated itself
  add_compile_options(-Wno-deprecated-declarations)
endif()
if(SPATE_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_options(-fno-omit-frame-pointer -fstack-protector-strong)
add_compile_definitions(_GLIBCXX_ASSERTIONS SPATE_VERSION="${PROJECT_VERSION}")

if(SPATE_SANITIZE)
  add_compile_options(-fsanitize=${SPATE_SANITIZE} -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # it warns of optionals that the same code without sanitizers is right about
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  add_link_options(-fsanitize=${SPATE_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Release keeps assertions: SPATE_ASSERT does not look at NDEBUG.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
if(SPATE_SANITIZE)  # unoptimised, a simulated swarm takes many times longer
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
endif()

# A test that takes longer hangs.
set(SPATE_TEST_SECONDS 300)
if(SPATE_SANITIZE)
  set(SPATE_TEST_SECONDS 1800)
endif()
