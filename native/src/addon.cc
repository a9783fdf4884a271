#include <errno.h>
#include <unistd.h>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

Instance::Instance(Napi::Env env) : readiness(Readiness::Start(env)) {}

Instance& InstanceOf(Napi::Env env) { return *env.GetInstanceData<Instance>(); }

Owned& OwnedOf(Napi::Env env, int fd, const char* call) {
  Owned* owned = InstanceOf(env).owned.Find(fd);
  if (owned == nullptr) Fail(env, EBADF, call);
  return *owned;
}

Napi::Value Adopted(Napi::Env env, int fd, const char* call) {
  if (fd < 0) Fail(env, errno, call);
  const int error = InstanceOf(env).owned.Adopt(fd);
  if (error != 0) {
    close(fd);
    Fail(env, error, call);
  }
  return Napi::Number::New(env, fd);
}

namespace {

Napi::Object Initialise(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Instance(env));
  ExportDescriptor(env, exports);
  ExportChannel(env, exports);
  ExportEventfd(env, exports);
  ExportFacts(env, exports);
  ExportMemory(env, exports);
  ExportProcess(env, exports);
  ExportReadiness(env, exports);
  ExportSame(env, exports);
  ExportSocket(env, exports);
  ExportStream(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(vhost_check_native, Initialise)

}  // namespace vhost_check
