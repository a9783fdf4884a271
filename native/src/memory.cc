// Shared memory as ArrayBuffers.
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "errors.h"
#include "identity.h"
#include "instance.h"

namespace vhost_check {

namespace {

struct Mapping {
  void* address;
  size_t length;
};

// map(fd, length, offset): an ArrayBuffer. A file that can be sealed is sealed against shrinking, or a peer could
// truncate it and the next access would kill the process.
Napi::Value Map(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "mmap");
  const int64_t length = info[1].As<Napi::Number>().Int64Value();
  const int64_t offset = info[2].As<Napi::Number>().Int64Value();
  fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
  FileFacts facts;
  const int error = FactsOf(fd, &facts);
  if (error != 0) Fail(env, error, "fstat");
  if (length <= 0 || offset < 0 || static_cast<uint64_t>(length) + static_cast<uint64_t>(offset) > facts.size) {
    Fail(env, EINVAL, "mmap");
  }
  void* address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  if (address == MAP_FAILED) Fail(env, errno, "mmap");
  Mapping* mapping = new Mapping{address, static_cast<size_t>(length)};
  return Napi::ArrayBuffer::New(
      env, address, length,
      [](Napi::Env, void*, Mapping* kept) {
        munmap(kept->address, kept->length);
        delete kept;
      },
      mapping);
}

// unmap(buffer): detaches it; no view of it can reach the memory any more.
Napi::Value Unmap(const Napi::CallbackInfo& info) {
  info[0].As<Napi::ArrayBuffer>().Detach();
  return info.Env().Undefined();
}

}  // namespace

void ExportMemory(Napi::Env env, Napi::Object exports) {
  Export<Map>(env, exports, "map");
  Export<Unmap>(env, exports, "unmap");
}

}  // namespace vhost_check
