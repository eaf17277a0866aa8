# Programs, man pages and completions. Pages and scripts come out of the programs themselves (apps/manual.h).
include(GNUInstallDirs)
install(TARGETS spate server client RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

set(texts ${CMAKE_BINARY_DIR}/texts)
file(MAKE_DIRECTORY ${texts})
foreach(program spate server client)
  add_custom_command(
    OUTPUT ${texts}/${program}.1 ${texts}/${program}.bash ${texts}/_${program} ${texts}/${program}.fish
    COMMAND ${program} --man-page > ${texts}/${program}.1
    COMMAND ${program} --completion bash > ${texts}/${program}.bash
    COMMAND ${program} --completion zsh > ${texts}/_${program}
    COMMAND ${program} --completion fish > ${texts}/${program}.fish
    DEPENDS ${program} VERBATIM)
  list(APPEND all_texts ${texts}/${program}.1)
  install(FILES ${texts}/${program}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${texts}/${program}.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${program})
  install(FILES ${texts}/_${program} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${texts}/${program}.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endforeach()
add_custom_target(texts ALL DEPENDS ${all_texts})
