// What every descriptor has: an owner, a duplicate, facts, status flags, readiness now.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>

#include "errors.h"
#include "identity.h"
#include "instance.h"

namespace vhost_check {

namespace {

// adopt(fd): takes over a descriptor that came from elsewhere, and makes it close-on-exec.
Napi::Value Adopt(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  const int flags = fcntl(fd, F_GETFD);
  if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) != 0) Fail(info.Env(), errno, "fcntl");
  const int error = InstanceOf(info.Env()).Adopt(fd);
  if (error != 0) Fail(info.Env(), error, "fstat");
  return info[0];
}

// close(fd): true when closed; false when the number had been given to another file behind our back and was let be.
Napi::Value Close(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  Owned& owned = OwnedOf(info.Env(), fd, "close");
  Instance& instance = InstanceOf(info.Env());
  const bool ours = OwnedTable::Unchanged(fd, owned);
  if (ours) {
    instance.readiness->Drop(fd, owned);
  } else {
    instance.readiness->Lost(owned);
  }
  instance.owned.Forget(fd);
  // The kernel has released the number even where close reports an error (EINTR, EIO of a late write).
  if (ours) close(fd);
  return Napi::Boolean::New(info.Env(), ours);
}

// release(fd): gives up the number without closing it.
Napi::Value Release(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  Owned& owned = OwnedOf(info.Env(), fd, "release");
  Instance& instance = InstanceOf(info.Env());
  instance.readiness->Drop(fd, owned);
  instance.owned.Forget(fd);
  return info.Env().Undefined();
}

// dup(fd): another number for the same open file description.
Napi::Value Dup(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "fcntl");
  return Adopted(info.Env(), fcntl(fd, F_DUPFD_CLOEXEC, 3), "fcntl");
}

const char* KindOf(const FileFacts& facts, const std::string& target) {
  switch (facts.mode & S_IFMT) {
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    case S_IFDIR: return "directory";
    case S_IFCHR: return "char";
    case S_IFREG:
      if (target.compare(0, 6, "pidfd:") == 0) return "other";  // Since Linux 6.9 these look like files.
      return target.compare(0, 7, "/memfd:") == 0 ? "memfd" : "file";
    default: return target == "anon_inode:[eventfd]" ? "eventfd" : "other";
  }
}

// The /proc name of one of our own descriptors.
struct SelfName {
  explicit SelfName(int fd) { snprintf(path, sizeof path, "/proc/self/fd/%d", fd); }
  char path[40];
};

Napi::Value Stat(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "fstat");
  FileFacts facts;
  const int error = FactsOf(fd, &facts);
  if (error != 0) Fail(env, error, "fstat");
  Napi::Object result = Napi::Object::New(env);
  result.Set("kind", Napi::String::New(env, KindOf(facts, LinkText(AT_FDCWD, SelfName(fd).path))));
  result.Set("ino", Napi::BigInt::New(env, static_cast<uint64_t>(facts.inode)));
  result.Set("dev", Napi::BigInt::New(env, static_cast<uint64_t>(facts.device)));
  result.Set("size", Napi::BigInt::New(env, facts.size));
  return result;
}

Napi::Value Identity(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "readlink");
  const int process = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (process < 0) Fail(env, errno, "open");
  const int directory = openat(process, "fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    const int error = errno;
    close(process);
    Fail(env, error, "open");
  }
  const std::string name = std::to_string(fd);
  const std::string identity = IdentityOf(process, directory, name.c_str(), LinkText(directory, name.c_str()));
  close(directory);
  close(process);
  return Napi::String::New(env, identity);
}

// getFlags(fd): the open file status flags (O_NONBLOCK, access mode, …).
Napi::Value GetFlags(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "fcntl");
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) Fail(info.Env(), errno, "fcntl");
  return Napi::Number::New(info.Env(), flags);
}

// setNonblock(fd, on)
Napi::Value SetNonblock(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "fcntl");
  const int flags = fcntl(fd, F_GETFL);
  const int wanted = info[1].As<Napi::Boolean>() ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  if (flags < 0 || fcntl(fd, F_SETFL, wanted) != 0) Fail(info.Env(), errno, "fcntl");
  return info.Env().Undefined();
}

int64_t Microseconds() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
}

// How long a wait goes on looking and yielding before it sleeps.
//
// Measured with a peer that echoes 20 bytes, round trips a second. Peer on the same processor: blocking recv 112,000;
// poll with a timeout shorter than a tick 60,000 (the timer has to be programmed, which a virtual machine pays for); looking
// and yielding 104,000. Peer on another processor: sleeping in any way 20,000 (waking up costs), looking and yielding 61,000.
// What takes longer than such a round trip is slept for.
constexpr int64_t kLongestSpin = 50;

// The same where the peer shares our processor. It answers within the first yield or two, or the scheduler holds that it had
// its share already, and then yielding brings it nothing: of the waits of a trace on a fresh process four in five went on in
// vain for all of kLongestSpin.
constexpr int kMostYields = 4;

// poll(fd, events, microseconds): the events that hold, 0 for none. Blocks for at most that long.
Napi::Value Poll(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "poll");
  struct pollfd entry = {fd, static_cast<short>(IntOf(info[1])), 0};
  const int64_t limit = info[2].As<Napi::Number>().Int64Value();
  int count = poll(&entry, 1, 0);
  if (count == 0 && limit > 0) {
    const int64_t start = Microseconds();
    int64_t passed = 0;
    int yields = InstanceOf(info.Env()).peers_here ? kMostYields : INT_MAX;
    while (count == 0 && yields-- > 0 && passed < std::min(limit, kLongestSpin)) {
      sched_yield();
      count = poll(&entry, 1, 0);
      passed = Microseconds() - start;
    }
    if (count == 0 && passed < limit) {
      const struct timespec rest = {(limit - passed) / 1000000, (limit - passed) % 1000000 * 1000};
      count = ppoll(&entry, 1, &rest, nullptr);
    }
  }
  if (count < 0 && errno != EINTR) Fail(info.Env(), errno, "poll");
  return Napi::Number::New(info.Env(), count > 0 ? entry.revents : 0);
}

// pending(fd): bytes that a read could take now.
Napi::Value Pending(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "ioctl");
  int bytes = 0;
  if (ioctl(fd, FIONREAD, &bytes) != 0) Fail(info.Env(), errno, "ioctl");
  return Napi::Number::New(info.Env(), bytes);
}

// seek(fd, offset): sets the file position.
Napi::Value Seek(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "lseek");
  if (lseek(fd, info[1].As<Napi::Number>().Int64Value(), SEEK_SET) < 0) Fail(info.Env(), errno, "lseek");
  return info.Env().Undefined();
}

// resize(fd, size): ftruncate.
Napi::Value Resize(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "ftruncate");
  if (ftruncate(fd, info[1].As<Napi::Number>().Int64Value()) != 0) Fail(info.Env(), errno, "ftruncate");
  return info.Env().Undefined();
}

}  // namespace

void ExportDescriptor(Napi::Env env, Napi::Object exports) {
  Export<Adopt>(env, exports, "adopt");
  Export<Close>(env, exports, "close");
  Export<Release>(env, exports, "release");
  Export<Dup>(env, exports, "dup");
  Export<Stat>(env, exports, "stat");
  Export<Identity>(env, exports, "identity");
  Export<GetFlags>(env, exports, "getFlags");
  Export<SetNonblock>(env, exports, "setNonblock");
  Export<Poll>(env, exports, "poll");
  Export<Pending>(env, exports, "pending");
  Export<Seek>(env, exports, "seek");
  Export<Resize>(env, exports, "resize");
}

}  // namespace vhost_check
