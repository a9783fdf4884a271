// Unix stream sockets with descriptors in the ancillary data.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

namespace {

// SCM_MAX_FD: the kernel takes no more in one message, so a receiver never gets more either.
constexpr size_t kMaxDescriptors = 253;

// A socket address for a path of any length: one that does not fit goes by its directory's descriptor.
class Address {
 public:
  explicit Address(const std::string& path) {
    raw_.sun_family = AF_UNIX;
    if (path.size() < sizeof raw_.sun_path) {
      memcpy(raw_.sun_path, path.c_str(), path.size() + 1);
      return;
    }
    const size_t slash = path.rfind('/');
    const std::string base = slash == std::string::npos ? path : path.substr(slash + 1);
    directory_ = open(slash == std::string::npos ? "." : path.substr(0, slash + 1).c_str(),
                      O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory_ < 0) {
      error_ = errno;
      return;
    }
    const int length =
        snprintf(raw_.sun_path, sizeof raw_.sun_path, "/proc/self/fd/%d/%s", directory_, base.c_str());
    if (length >= static_cast<int>(sizeof raw_.sun_path)) error_ = ENAMETOOLONG;
  }
  ~Address() {
    if (directory_ >= 0) close(directory_);
  }
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;

  int error() const { return error_; }
  const struct sockaddr* get() const { return reinterpret_cast<const struct sockaddr*>(&raw_); }
  socklen_t size() const { return offsetof(struct sockaddr_un, sun_path) + strlen(raw_.sun_path) + 1; }

 private:
  struct sockaddr_un raw_ {};
  int directory_ = -1;
  int error_ = 0;
};

[[noreturn]] void CloseAndFail(Napi::Env env, int fd, int error, const char* call) {
  close(fd);
  Fail(env, error, call);
}

// connect(path): the number. Does not wait for a full backlog: EAGAIN.
Napi::Value Connect(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Address address(info[0].As<Napi::String>().Utf8Value());
  if (address.error() != 0) Fail(env, address.error(), "connect");
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) Fail(env, errno, "socket");
  if (connect(fd, address.get(), address.size()) != 0) CloseAndFail(env, fd, errno, "connect");
  return Adopted(env, fd, "connect");
}

// listen(path, backlog): the number, in blocking mode, so that it can be handed to a child.
Napi::Value Listen(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Address address(info[0].As<Napi::String>().Utf8Value());
  if (address.error() != 0) Fail(env, address.error(), "bind");
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) Fail(env, errno, "socket");
  if (bind(fd, address.get(), address.size()) != 0) CloseAndFail(env, fd, errno, "bind");
  if (listen(fd, IntOf(info[1])) != 0) CloseAndFail(env, fd, errno, "listen");
  return Adopted(env, fd, "listen");
}

// accept(fd): the number of the connection, -1 when nobody knocks. accept4 has no flag of its own against blocking, so
// the first call sets O_NONBLOCK on the listener.
Napi::Value Accept(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "accept");
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || ((flags & O_NONBLOCK) == 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)) {
    Fail(env, errno, "fcntl");
  }
  const int made = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  // ECONNABORTED: who knocked has gone already.
  if (made < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)) return Napi::Number::New(env, -1);
  return Adopted(env, made, "accept");
}

// socketpair(): two numbers.
Napi::Value Socketpair(const Napi::CallbackInfo& info) {
  int ends[2];
  const int status = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
  return Adopted(info.Env(), status, ends, "socketpair");
}

// send(fd, bytes, descriptors?): bytes taken by one sendmsg, with which all descriptors have gone; 0: would block, and
// nothing has gone.
Napi::Value Send(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "sendmsg");
  Napi::Uint8Array bytes = info[1].As<Napi::Uint8Array>();
  struct iovec part = {bytes.Data(), bytes.ByteLength()};
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;

  alignas(struct cmsghdr) char few[CMSG_SPACE(16 * sizeof(int))];
  std::vector<char> many;
  if (info.Length() > 2 && info[2].IsArray()) {
    const Napi::Array descriptors = info[2].As<Napi::Array>();
    const uint32_t count = descriptors.Length();
    if (count > 0) {
      const size_t space = CMSG_SPACE(count * sizeof(int));
      char* control = few;
      if (space > sizeof few) {
        many.resize(space);
        control = many.data();
      }
      memset(control, 0, space);
      message.msg_control = control;
      message.msg_controllen = space;
      struct cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(count * sizeof(int));
      for (uint32_t i = 0; i < count; i++) {
        const Napi::Value item = descriptors[i];
        const int sent = IntOf(item);
        OwnedOf(env, sent, "sendmsg");
        memcpy(CMSG_DATA(header) + i * sizeof(int), &sent, sizeof sent);
      }
      // A stream takes descriptors only with a byte; without one the kernel would drop them in silence.
      if (part.iov_len == 0) Fail(env, EINVAL, "sendmsg");
    }
  }
  ssize_t sent;
  do {
    sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN) Fail(env, errno, "sendmsg");
  return Napi::Number::New(env, sent < 0 ? 0 : static_cast<double>(sent));
}

// receive(fd, bytes, max, out): bytes received by one recvmsg, 0 at the end, -1 when nothing is there. `out` is an
// Int32Array of 2 + 253: how many descriptors came, whether some were lost (MSG_CTRUNC), their numbers.
Napi::Value Receive(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "recvmsg");
  Napi::Uint8Array bytes = info[1].As<Napi::Uint8Array>();
  Napi::Int32Array out = info[3].As<Napi::Int32Array>();
  int32_t* const report = out.Data();
  const size_t room = std::min<size_t>(out.ElementLength() - 2, kMaxDescriptors);
  struct iovec part = {bytes.Data(), std::min<size_t>(bytes.ByteLength(), info[2].As<Napi::Number>().Uint32Value())};
  // Room for credentials or a security label too, so that a socket option that asks for them costs no descriptors.
  alignas(struct cmsghdr) char control[CMSG_SPACE(kMaxDescriptors * sizeof(int)) + 512];
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t received;
  do {
    received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);
  if (received < 0) {
    if (errno != EAGAIN) Fail(env, errno, "recvmsg");
    return Napi::Number::New(env, -1);
  }
  size_t count = 0;
  bool lost = (message.msg_flags & MSG_CTRUNC) != 0;
  Instance& instance = InstanceOf(env);
  for (struct cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < here; i++) {
      int arrived;
      memcpy(&arrived, CMSG_DATA(header) + i * sizeof(int), sizeof arrived);
      if (count < room && instance.Adopt(arrived) == 0) {
        report[2 + count++] = arrived;
      } else {
        // Nobody will hear of this one, so it must not stay open.
        close(arrived);
        lost = true;
      }
    }
  }
  report[0] = static_cast<int32_t>(count);
  report[1] = lost ? 1 : 0;
  return Napi::Number::New(env, static_cast<double>(received));
}

// shutdown(fd, how): SHUT_RD, SHUT_WR or SHUT_RDWR.
Napi::Value Shutdown(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "shutdown");
  if (shutdown(fd, IntOf(info[1])) != 0) Fail(info.Env(), errno, "shutdown");
  return info.Env().Undefined();
}

// unread(fd): bytes of kernel memory that hold what the peer has not taken yet; 0 when it took everything.
Napi::Value Unread(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "ioctl");
  int bytes = 0;
  if (ioctl(fd, SIOCOUTQ, &bytes) != 0) Fail(env, errno, "ioctl");
  return Napi::Number::New(env, bytes);
}

// peer(fd): process, user and group of who connected or listened.
Napi::Value Peer(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "getsockopt");
  struct ucred who = {};
  socklen_t size = sizeof who;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) Fail(env, errno, "getsockopt");
  Napi::Object result = Napi::Object::New(env);
  result.Set("pid", Napi::Number::New(env, who.pid));
  result.Set("uid", Napi::Number::New(env, who.uid));
  result.Set("gid", Napi::Number::New(env, who.gid));
  return result;
}

// setBuffer(fd, bytes): send and receive buffer. The kernel doubles the figure and has a least value.
Napi::Value SetBuffer(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "setsockopt");
  const int bytes = IntOf(info[1]);
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) != 0) {
    Fail(info.Env(), errno, "setsockopt");
  }
  return info.Env().Undefined();
}

}  // namespace

void ExportSocket(Napi::Env env, Napi::Object exports) {
  Export<Connect>(env, exports, "connect");
  Export<Listen>(env, exports, "listen");
  Export<Accept>(env, exports, "accept");
  Export<Socketpair>(env, exports, "socketpair");
  Export<Send>(env, exports, "send");
  Export<Receive>(env, exports, "receive");
  Export<Shutdown>(env, exports, "shutdown");
  Export<Unread>(env, exports, "unread");
  Export<Peer>(env, exports, "peer");
  Export<SetBuffer>(env, exports, "setBuffer");
}

}  // namespace vhost_check
