// The addon: what each environment keeps, and the list of its functions.
#include <errno.h>
#include <unistd.h>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

Instance::Instance(Napi::Env env) : readiness(Readiness::Start(env)) {}

int Instance::Adopt(int fd) {
  FileFacts facts;
  const int error = FactsOf(fd, &facts);
  if (error != 0) return error;
  if (Owned* older = owned.Find(fd); older != nullptr) {
    if (OwnedTable::Unchanged(fd, *older)) return EBUSY;
    // Somebody closed the number behind our back, and the kernel has given it away again: to us.
    readiness->Lost(*older);
  }
  owned.Enter(fd, facts);
  return 0;
}

Instance& InstanceOf(Napi::Env env) { return *env.GetInstanceData<Instance>(); }

Owned& OwnedOf(Napi::Env env, int fd, const char* call) {
  Owned* owned = InstanceOf(env).owned.Find(fd);
  if (owned == nullptr) Fail(env, EBADF, call);
  return *owned;
}

Napi::Value Adopted(Napi::Env env, int fd, const char* call) {
  if (fd < 0) Fail(env, errno, call);
  const int error = InstanceOf(env).Adopt(fd);
  if (error != 0) {
    close(fd);
    Fail(env, error, call);
  }
  return Napi::Number::New(env, fd);
}

Napi::Value Adopted(Napi::Env env, int status, const int (&ends)[2], const char* call) {
  if (status != 0) Fail(env, errno, call);
  Instance& instance = InstanceOf(env);
  int error = instance.Adopt(ends[0]);
  if (error == 0) {
    error = instance.Adopt(ends[1]);
    if (error != 0) instance.owned.Forget(ends[0]);
  }
  if (error != 0) {
    close(ends[0]);
    close(ends[1]);
    Fail(env, error, call);
  }
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, Napi::Number::New(env, ends[0]));
  result.Set(1u, Napi::Number::New(env, ends[1]));
  return result;
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
  ExportSpawn(env, exports);
  ExportStream(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(vhost_check_native, Initialise)

}  // namespace vhost_check
