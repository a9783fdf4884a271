// Objects that a device state can travel through: pipes, memory files, files. (Socket pairs are in socket.cc.)
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

namespace {

// pipe(): two numbers, the reading end first; both blocking.
Napi::Value Pipe(const Napi::CallbackInfo& info) {
  int ends[2];
  const int status = pipe2(ends, O_CLOEXEC);
  return Adopted(info.Env(), status, ends, "pipe2");
}

// capacity(fd, bytes?): sets if asked to, and returns, the size of the pipe's buffer.
Napi::Value Capacity(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "fcntl");
  const int size = info[1].IsNumber() ? fcntl(fd, F_SETPIPE_SZ, IntOf(info[1])) : fcntl(fd, F_GETPIPE_SZ);
  if (size < 0) Fail(info.Env(), errno, "fcntl");
  return Napi::Number::New(info.Env(), size);
}

// memfd(name, size): a memory file that can be sealed.
Napi::Value Memfd(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = memfd_create(info[0].As<Napi::String>().Utf8Value().c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) Fail(env, errno, "memfd_create");
  const int64_t size = info[1].As<Napi::Number>().Int64Value();
  if (size > 0 && ftruncate(fd, size) != 0) {
    const int error = errno;
    close(fd);
    Fail(env, error, "ftruncate");
  }
  return Adopted(env, fd, "memfd_create");
}

// openFile(path, flags, mode). O_NONBLOCK while opening, so that a FIFO or a device never makes us wait.
Napi::Value OpenFile(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int flags = IntOf(info[1]);
  const int fd = open(info[0].As<Napi::String>().Utf8Value().c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                      IntOf(info[2]));
  if (fd < 0) Fail(env, errno, "open");
  const int status = fcntl(fd, F_GETFL);
  if (status >= 0) fcntl(fd, F_SETFL, status & ~O_NONBLOCK);
  return Adopted(env, fd, "open");
}

}  // namespace

void ExportChannel(Napi::Env env, Napi::Object exports) {
  Export<Pipe>(env, exports, "pipe");
  Export<Capacity>(env, exports, "capacity");
  Export<Memfd>(env, exports, "memfd");
  Export<OpenFile>(env, exports, "openFile");
  Napi::Object flags = Napi::Object::New(env);
  flags.Set("O_RDONLY", Napi::Number::New(env, O_RDONLY));
  flags.Set("O_WRONLY", Napi::Number::New(env, O_WRONLY));
  flags.Set("O_RDWR", Napi::Number::New(env, O_RDWR));
  flags.Set("O_CREAT", Napi::Number::New(env, O_CREAT));
  flags.Set("O_TRUNC", Napi::Number::New(env, O_TRUNC));
  flags.Set("O_EXCL", Napi::Number::New(env, O_EXCL));
  flags.Set("O_DIRECTORY", Napi::Number::New(env, O_DIRECTORY));
  flags.Set("O_NONBLOCK", Napi::Number::New(env, O_NONBLOCK));
  flags.Set("O_ACCMODE", Napi::Number::New(env, O_ACCMODE));
  exports.Set("flags", flags);
}

}  // namespace vhost_check
