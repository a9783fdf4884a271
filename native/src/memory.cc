// Shared memory as ArrayBuffers.
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>

#include "errors.h"
#include "identity.h"
#include "instance.h"

namespace vhost_check {

namespace {

class Mapping {
 public:
  Mapping(void* address, size_t length) : address_(address), length_(length) {}
  ~Mapping() { End(); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  void End() {
    if (address_ != nullptr) munmap(address_, length_);
    address_ = nullptr;
  }

 private:
  void* address_;
  const size_t length_;
};

// Held by the ArrayBuffer and by the handle; the last one deletes it, in whatever order they are collected.
using Held = std::shared_ptr<Mapping>;

// map(fd, length, offset): an ArrayBuffer and a handle to end it with. A file that can be sealed is sealed against
// shrinking, or a peer could truncate it and the next access would kill the process.
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
  const Held mapping = std::make_shared<Mapping>(address, length);
  Napi::Object result = Napi::Object::New(env);
  result.Set("buffer", Napi::ArrayBuffer::New(
                           env, address, length, [](Napi::Env, void*, Held* held) { delete held; }, new Held(mapping)));
  result.Set("handle",
             Napi::External<Held>::New(env, new Held(mapping), [](Napi::Env, Held* held) { delete held; }));
  return result;
}

// unmap(buffer, handle): detaches the buffer, so that no view of it can reach the memory, and gives the memory back.
Napi::Value Unmap(const Napi::CallbackInfo& info) {
  info[0].As<Napi::ArrayBuffer>().Detach();
  (*info[1].As<Napi::External<Held>>().Data())->End();
  return info.Env().Undefined();
}

}  // namespace

void ExportMemory(Napi::Env env, Napi::Object exports) {
  Export<Map>(env, exports, "map");
  Export<Unmap>(env, exports, "unmap");
}

}  // namespace vhost_check
