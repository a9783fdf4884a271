// Event counters (kicks and calls).
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "errors.h"
#include "identity.h"
#include "instance.h"

namespace vhost_check {

namespace {

// eventfd(nonblock)
Napi::Value Eventfd(const Napi::CallbackInfo& info) {
  const bool nonblock = info[0].As<Napi::Boolean>();
  return Adopted(info.Env(), eventfd(0, EFD_CLOEXEC | (nonblock ? EFD_NONBLOCK : 0)), "eventfd");
}

// Whether a write of `count` must wait until the counter is taken. The kernel has no write that never waits for an
// eventfd in blocking mode, so for other numbers than 1 the counter is looked up first.
bool WouldBlock(int fd, uint64_t count) {
  struct pollfd entry = {fd, POLLOUT, 0};
  if (poll(&entry, 1, 0) == 0) return true;
  if (count <= 1) return false;  // Ready for writing means room for 1.
  const int process = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (process < 0) return false;
  const std::string now = InfoField(process, std::to_string(fd).c_str(), "eventfd-count");
  close(process);
  const uint64_t value = strtoull(now.c_str(), nullptr, 16);
  return UINT64_MAX - value <= count;
}

// signal(fd, count): false when the counter has no room (which would block).
Napi::Value Signal(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "write");
  bool lossless = false;
  const uint64_t count = info[1].As<Napi::BigInt>().Uint64Value(&lossless);
  if (!lossless || count == UINT64_MAX) Fail(info.Env(), EINVAL, "write");
  if (WouldBlock(fd, count)) return Napi::Boolean::New(info.Env(), false);
  const ssize_t result = write(fd, &count, sizeof count);
  if (result < 0 && errno != EAGAIN) Fail(info.Env(), errno, "write");
  return Napi::Boolean::New(info.Env(), result > 0);
}

// take(fd): the counter, which it sets to zero.
Napi::Value Take(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "read");
  uint64_t count = 0;
  struct iovec part = {&count, sizeof count};
  ssize_t result = preadv2(fd, &part, 1, -1, RWF_NOWAIT);
  if (result < 0 && errno != EAGAIN) {
    // A kernel without RWF_NOWAIT here: a counter that poll finds signalled can be taken, unless another taker is faster.
    struct pollfd entry = {fd, POLLIN, 0};
    if (poll(&entry, 1, 0) > 0) {
      result = read(fd, &count, sizeof count);
      if (result < 0 && errno != EAGAIN) Fail(info.Env(), errno, "read");
    }
  }
  return Napi::BigInt::New(info.Env(), result == sizeof count ? count : uint64_t{0});
}

}  // namespace

void ExportEventfd(Napi::Env env, Napi::Object exports) {
  Export<Eventfd>(env, exports, "eventfd");
  Export<Signal>(env, exports, "signal");
  Export<Take>(env, exports, "take");
}

}  // namespace vhost_check
