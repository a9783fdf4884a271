// Everything that one environment (main thread or worker) keeps. There is no static state anywhere in the addon.
#pragma once

#include <napi.h>

#include <memory>

#include "owned.h"
#include "processors.h"
#include "readiness.h"

namespace vhost_check {

// How bytes go into and out of a pipe without ever blocking; each falls back on the next (see stream.cc).
enum class PipeMethod { kNoWait = 0, kReopen = 1, kPoll = 2 };

struct Instance {
  explicit Instance(Napi::Env env);

  // Takes over an open descriptor. Returns 0 or an errno value (EBADF; EBUSY: it is owned already), and then nothing
  // has changed.
  int Adopt(int fd);

  OwnedTable owned;
  std::shared_ptr<Readiness> readiness;
  // Where processes that are started may run, if not where we may.
  std::unique_ptr<Processors> start_on;
  // Those whom we wait for share our only processor.
  bool peers_here = false;
  PipeMethod pipe_method = PipeMethod::kNoWait;
};

Instance& InstanceOf(Napi::Env env);

// The entry of an owned number, or EBADF thrown in the name of `call`.
Owned& OwnedOf(Napi::Env env, int fd, const char* call);

// Takes over what a call returned and returns the number. If the call failed, its errno is thrown.
Napi::Value Adopted(Napi::Env env, int fd, const char* call);

// The same for a call that made two.
Napi::Value Adopted(Napi::Env env, int status, const int (&ends)[2], const char* call);

inline int IntOf(const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); }

// Each file adds its functions to the exports.
void ExportDescriptor(Napi::Env env, Napi::Object exports);
void ExportChannel(Napi::Env env, Napi::Object exports);
void ExportEventfd(Napi::Env env, Napi::Object exports);
void ExportFacts(Napi::Env env, Napi::Object exports);
void ExportMemory(Napi::Env env, Napi::Object exports);
void ExportProcess(Napi::Env env, Napi::Object exports);
void ExportReadiness(Napi::Env env, Napi::Object exports);
void ExportSame(Napi::Env env, Napi::Object exports);
void ExportSocket(Napi::Env env, Napi::Object exports);
void ExportSpawn(Napi::Env env, Napi::Object exports);
void ExportStream(Napi::Env env, Napi::Object exports);

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
void Export(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<function>(env, name));
}

}  // namespace vhost_check
