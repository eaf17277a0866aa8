# Each kernel is compiled for its own instruction set, and always optimised: unoptimised it would slow every test.
foreach(kernel portable sha_ni avx2 avx512)
  set(flags -O3)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    if(kernel STREQUAL "sha_ni")
      list(APPEND flags -msha -msse4.1)
    elseif(kernel STREQUAL "avx2")
      list(APPEND flags -mavx2)
    elseif(kernel STREQUAL "avx512")
      list(APPEND flags -mavx512f -mavx512bw)
      if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # The warnings are false alarms inside GCC 12's own intrinsics header. The sums are best added in the order
        # written: GCC's own order lengthens the chain from round to round (6 % slower).
        list(APPEND flags -Wno-maybe-uninitialized -Wno-uninitialized -fno-tree-reassoc)
      endif()
    endif()
  endif()
  set_source_files_properties(${folder}/kernel_${kernel}.cpp PROPERTIES COMPILE_OPTIONS "${flags}")
endforeach()
