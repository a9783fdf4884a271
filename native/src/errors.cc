#include "errors.h"

#include <uv.h>

#include <cstring>
#include <string>

namespace vhost_check {

std::string ErrnoName(int error) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
  const char* name = strerrorname_np(error);
  if (name != nullptr) return name;
#else
  char name[64];
  uv_err_name_r(-error, name, sizeof name);
  if (strncmp(name, "Unknown", 7) != 0) return name;
#endif
  return "E" + std::to_string(error);
}

void Fail(Napi::Env env, int error, const char* call) {
  Napi::Error thrown = Napi::Error::New(env, std::string(call) + ": " + strerror(error));
  thrown.Set("code", Napi::String::New(env, ErrnoName(error)));
  thrown.Set("errno", Napi::Number::New(env, error));
  thrown.Set("call", Napi::String::New(env, call));
  throw thrown;
}

}  // namespace vhost_check
