// What the fuzz targets share.

#ifndef TESTS_FUZZ_PROPERTY_H_
#define TESTS_FUZZ_PROPERTY_H_

#include <cstdio>
#include <cstdlib>

// Ends the target if the property does not hold, so that libFuzzer keeps the input.
inline void Require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

#endif  // TESTS_FUZZ_PROPERTY_H_
