# The settled libraries, each as one imported target under third_party::, all static, all SYSTEM.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)

function(third_party name)
  cmake_parse_arguments(arg "" "" "LIBRARIES;INCLUDES;LINK;DEFINES" ${ARGN})
  add_library(third_party_${name} INTERFACE)
  add_library(third_party::${name} ALIAS third_party_${name})
  target_include_directories(third_party_${name} SYSTEM INTERFACE ${arg_INCLUDES})
  target_link_libraries(third_party_${name} INTERFACE ${arg_LIBRARIES} ${arg_LINK})
  target_compile_definitions(third_party_${name} INTERFACE ${arg_DEFINES})
endfunction()

# find_static(<variable> <archive> [<directory>...])
function(find_static variable archive)
  find_library(${variable} NAMES ${archive} HINTS ${ARGN} REQUIRED)
endfunction()

find_program(PG_CONFIG NAMES pg_config HINTS /usr/lib/postgresql/15/bin REQUIRED)
execute_process(COMMAND /usr/lib/postgresql/15/bin/pg_config --pkglibdir OUTPUT_VARIABLE pg_pkglibdir
                OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${PG_CONFIG} --includedir OUTPUT_VARIABLE pg_includedir
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

find_static(LIBCRYPTO_A libcrypto.a)
find_static(LIBSSL_A libssl.a)
find_static(LIBZ_A libz.a)
find_static(LIBPQ_A libpq.a)
find_static(LIBPGCOMMON_A libpgcommon.a "${pg_pkglibdir}" "${pg_pkglibdir}/..")
find_static(LIBPGPORT_A libpgport.a "${pg_pkglibdir}" "${pg_pkglibdir}/..")
find_static(LIBPQXX_A libpqxx-7.10.a "${HEADWAY_DEPS}/lib")
find_static(LIBPROMETHEUS_A libprometheus-cpp-core.a "${HEADWAY_DEPS}/lib")
find_static(LIBBOOST_JSON_A libboost_json.a)
find_static(LIBBOOST_CONTAINER_A libboost_container.a)

third_party(ssl INCLUDES ${OPENSSL_INCLUDE_DIR} LIBRARIES ${LIBSSL_A} ${LIBCRYPTO_A} Threads::Threads)
third_party(crypto INCLUDES ${OPENSSL_INCLUDE_DIR} LIBRARIES ${LIBCRYPTO_A} Threads::Threads)
# Imported targets, not mere paths: CMake then keeps behind each what it needs in turn, however the
# libraries that use it are combined.  headway_libpq_absent stands before libpgport, as it answers
# two of its functions.
add_library(third_party_libpgport STATIC IMPORTED)
set_target_properties(third_party_libpgport PROPERTIES IMPORTED_LOCATION "${LIBPGPORT_A}")
add_library(third_party_libpgcommon STATIC IMPORTED)
set_target_properties(third_party_libpgcommon PROPERTIES
  IMPORTED_LOCATION "${LIBPGCOMMON_A}"
  INTERFACE_LINK_LIBRARIES "third_party_libpgport;${LIBCRYPTO_A}")
add_library(third_party_libpq STATIC IMPORTED)
set_target_properties(third_party_libpq PROPERTIES
  IMPORTED_LOCATION "${LIBPQ_A}"
  INTERFACE_LINK_LIBRARIES
    "headway_libpq_absent;third_party_libpgcommon;${LIBSSL_A};${LIBCRYPTO_A};Threads::Threads")
third_party(pq INCLUDES ${pg_includedir} LIBRARIES third_party_libpq)
add_library(third_party_libpqxx STATIC IMPORTED)
set_target_properties(third_party_libpqxx PROPERTIES
  IMPORTED_LOCATION "${LIBPQXX_A}"
  INTERFACE_LINK_LIBRARIES third_party_libpq)
third_party(pqxx INCLUDES "${HEADWAY_DEPS}/include" LIBRARIES third_party_libpqxx LINK third_party_pq)
third_party(prometheus INCLUDES "${HEADWAY_DEPS}/include" LIBRARIES ${LIBPROMETHEUS_A} Threads::Threads)
third_party(json LIBRARIES ${LIBBOOST_JSON_A} ${LIBBOOST_CONTAINER_A})
third_party(asio LIBRARIES Threads::Threads DEFINES BOOST_ASIO_NO_DEPRECATED)
add_library(third_party_libfmt STATIC "${PROJECT_SOURCE_DIR}/src/third_party/fmt.cpp")
third_party(fmt LIBRARIES third_party_libfmt)
third_party(spdlog DEFINES SPDLOG_FMT_EXTERNAL LIBRARIES third_party_libfmt Threads::Threads)
third_party(toml)
third_party(cli11)
