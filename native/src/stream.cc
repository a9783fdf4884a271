// Reading and writing that never blocks the thread and never raises SIGPIPE.
//
// O_NONBLOCK belongs to the open file description, and a back-end that holds a copy of our descriptor sees and may change
// it. So whether a call blocks must never hang on that flag:
//   sockets      MSG_DONTWAIT;
//   files        never wait for a peer, plain read and write;
//   pipes, rest  1. preadv2/pwritev2 with RWF_NOWAIT (pipes: Linux 6.5 or so, eventfd reads: 5.8);
//                2. a short-lived open file description of our own on the same pipe, opened non-blocking by /proc/self/fd;
//                3. poll, then at most PIPE_BUF bytes, which a pipe that is ready takes at once unless another process
//                   that holds the same end fills it in between.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

namespace {

// Keeps a SIGPIPE of this thread from being delivered, whatever the process does with the signal.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~NoSigpipe() {
    if (sigismember(&before_, SIGPIPE)) return;  // It was blocked before: what is pending is not ours alone.
    const int saved = errno;
    if (saved == EPIPE) {
      const struct timespec now = {0, 0};
      while (sigtimedwait(&set_, nullptr, &now) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = saved;
  }

 private:
  sigset_t set_;
  sigset_t before_;
};

bool Unsupported(int error) { return error == EOPNOTSUPP || error == ENOSYS || error == EPERM; }

bool ReadyNow(int fd, short events) {
  struct pollfd entry = {fd, events, 0};
  return poll(&entry, 1, 0) > 0;
}

// One call on a second, non-blocking description of the same pipe.
template <typename Call>
ssize_t Reopened(int fd, int access, Call call) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  const int own = open(path, access | O_NONBLOCK | O_CLOEXEC);
  if (own < 0) {
    // Without /proc, without the right to open what another user made, or with nobody at the other end: the last method
    // finds the error, if it is one.
    errno = EOPNOTSUPP;
    return -1;
  }
  const ssize_t result = call(own);
  const int saved = errno;
  close(own);
  errno = saved;
  return result;
}

// Whether the descriptor may be read (O_RDONLY) or written (O_WRONLY). A pipe opened again could do more than it may, and
// poll on the wrong end would say would-block.
bool Allows(int fd, int access) {
  const int mode = fcntl(fd, F_GETFL) & O_ACCMODE;
  return mode == O_RDWR || mode == access;
}

ssize_t ReadStream(int fd, mode_t type, PipeMethod method, void* bytes, size_t length) {
  if (method == PipeMethod::kNoWait) {
    struct iovec part = {bytes, length};
    const ssize_t result = preadv2(fd, &part, 1, -1, RWF_NOWAIT);
    if (result >= 0 || !Unsupported(errno)) return result;
  }
  if (!Allows(fd, O_RDONLY)) {
    errno = EBADF;
    return -1;
  }
  if (method <= PipeMethod::kReopen && type == S_IFIFO) {
    const ssize_t result = Reopened(fd, O_RDONLY, [&](int own) { return read(own, bytes, length); });
    if (result >= 0 || !Unsupported(errno)) return result;
  }
  if (!ReadyNow(fd, POLLIN)) {
    errno = EAGAIN;
    return -1;
  }
  return read(fd, bytes, length);
}

ssize_t WriteStream(int fd, mode_t type, PipeMethod method, const void* bytes, size_t length) {
  if (method == PipeMethod::kNoWait) {
    struct iovec part = {const_cast<void*>(bytes), length};
    const ssize_t result = pwritev2(fd, &part, 1, -1, RWF_NOWAIT);
    if (result >= 0 || !Unsupported(errno)) return result;
  }
  if (!Allows(fd, O_WRONLY)) {
    errno = EBADF;
    return -1;
  }
  if (method <= PipeMethod::kReopen && type == S_IFIFO) {
    const ssize_t result = Reopened(fd, O_WRONLY, [&](int own) { return write(own, bytes, length); });
    if (result >= 0 || !Unsupported(errno)) return result;
  }
  size_t done = 0;
  while (done < length && ReadyNow(fd, POLLOUT)) {
    const ssize_t result = write(fd, static_cast<const char*>(bytes) + done, std::min<size_t>(length - done, PIPE_BUF));
    if (result < 0) return done > 0 ? static_cast<ssize_t>(done) : -1;
    done += result;
  }
  if (done > 0) return done;
  errno = EAGAIN;
  return -1;
}

// Times that a call is tried again after a signal interrupted it, before it counts as would-block.
constexpr int kInterrupts = 8;

template <typename Call>
ssize_t Uninterrupted(Call call) {
  ssize_t result = -1;
  for (int i = 0; i < kInterrupts; i++) {
    result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
  errno = EAGAIN;
  return result;
}

// read(fd, bytes, max): bytes read, 0 at the end, -1 when nothing is there now.
Napi::Value Read(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  const Owned& owned = OwnedOf(info.Env(), fd, "read");
  Napi::Uint8Array bytes = info[1].As<Napi::Uint8Array>();
  const size_t length = std::min<size_t>(bytes.ByteLength(), info[2].As<Napi::Number>().Uint32Value());
  const PipeMethod method = InstanceOf(info.Env()).pipe_method;
  const ssize_t result = Uninterrupted([&] {
    switch (owned.type) {
      case S_IFSOCK: return recv(fd, bytes.Data(), length, MSG_DONTWAIT);
      case S_IFREG:
      case S_IFDIR: return read(fd, bytes.Data(), length);
      default: return ReadStream(fd, owned.type, method, bytes.Data(), length);
    }
  });
  if (result < 0 && errno != EAGAIN) Fail(info.Env(), errno, owned.type == S_IFSOCK ? "recv" : "read");
  return Napi::Number::New(info.Env(), static_cast<double>(result));
}

// write(fd, bytes): bytes taken; 0 when it would block.
Napi::Value Write(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  const Owned& owned = OwnedOf(info.Env(), fd, "write");
  Napi::Uint8Array bytes = info[1].As<Napi::Uint8Array>();
  const size_t length = bytes.ByteLength();
  if (length == 0) return Napi::Number::New(info.Env(), 0);
  const PipeMethod method = InstanceOf(info.Env()).pipe_method;
  const ssize_t result = Uninterrupted([&] {
    switch (owned.type) {
      case S_IFSOCK: return send(fd, bytes.Data(), length, MSG_DONTWAIT | MSG_NOSIGNAL);
      case S_IFREG: return write(fd, bytes.Data(), length);
      default: {
        NoSigpipe guard;
        return WriteStream(fd, owned.type, method, bytes.Data(), length);
      }
    }
  });
  if (result < 0 && errno != EAGAIN) Fail(info.Env(), errno, owned.type == S_IFSOCK ? "send" : "write");
  return Napi::Number::New(info.Env(), static_cast<double>(std::max<ssize_t>(result, 0)));
}

// setPipeMethod(n): the first method to try; for the tests of the later ones.
Napi::Value SetPipeMethod(const Napi::CallbackInfo& info) {
  InstanceOf(info.Env()).pipe_method = static_cast<PipeMethod>(IntOf(info[0]));
  return info.Env().Undefined();
}

}  // namespace

void ExportStream(Napi::Env env, Napi::Object exports) {
  Export<Read>(env, exports, "read");
  Export<Write>(env, exports, "write");
  Export<SetPipeMethod>(env, exports, "setPipeMethod");
}

}  // namespace vhost_check
