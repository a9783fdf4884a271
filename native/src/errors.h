// Failed system calls as JavaScript errors.
#pragma once

#include <napi.h>

namespace vhost_check {

// Throws an Error with `code` (errno name), `errno` (number) and `call`. The TypeScript wrappers add the role.
[[noreturn]] void Fail(Napi::Env env, int error, const char* call);

// The name of an errno value ("EPIPE"); "E<number>" when the C library does not know it.
std::string ErrnoName(int error);

}  // namespace vhost_check
