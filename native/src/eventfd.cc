// Event counters (kicks and calls).
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

namespace {

// eventfd(nonblock)
Napi::Value Eventfd(const Napi::CallbackInfo& info) {
  const bool nonblock = info[0].As<Napi::Boolean>();
  return Adopted(info.Env(), eventfd(0, EFD_CLOEXEC | (nonblock ? EFD_NONBLOCK : 0)), "eventfd");
}

// signal(fd, count): false when the counter has no room (which would block).
Napi::Value Signal(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "write");
  bool lossless = false;
  const uint64_t count = info[1].As<Napi::BigInt>().Uint64Value(&lossless);
  struct pollfd entry = {fd, POLLOUT, 0};
  if (poll(&entry, 1, 0) == 0) return Napi::Boolean::New(info.Env(), false);
  if (write(fd, &count, sizeof count) < 0) {
    if (errno != EAGAIN) Fail(info.Env(), errno, "write");
    return Napi::Boolean::New(info.Env(), false);
  }
  return Napi::Boolean::New(info.Env(), true);
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
    if (poll(&entry, 1, 0) > 0) result = read(fd, &count, sizeof count);
    if (result < 0 && errno != EAGAIN && errno != EOPNOTSUPP && errno != ENOSYS) Fail(info.Env(), errno, "read");
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
