#ifndef TESTS_SUPPORT_FAULTS_H_
#define TESTS_SUPPORT_FAULTS_H_

#include <string>

#include "workers/common/status.h"

namespace shop {

// All faults of a validation error, in order, such as "title: Not a valid string.|in_stock: Field may not be null."; or
// "ok" or "bad request", if the status is that.
inline std::string Faults(const Status& status) {
  if (status.ok()) return "ok";
  if (status.Is(StatusCode::kBadRequest)) return "bad request";
  std::string faults;
  for (const FieldError& field : status.fields()) {
    faults += (faults.empty() ? "" : "|") + field.path + ": " + field.message;
  }
  return faults;
}

}  // namespace shop

#endif  // TESTS_SUPPORT_FAULTS_H_
