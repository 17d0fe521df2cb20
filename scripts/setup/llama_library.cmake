# Read by CMake when llama.cpp's own project begins (CMAKE_PROJECT_llama.cpp_INCLUDE).
# llama-cpp-python forces this one on in the cache; an ordinary variable comes before the cache.
set(LLAMA_BUILD_COMMON OFF)
