// Whether two descriptors are one open file description (one file position, one set of status flags).
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "errors.h"
#include "instance.h"

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027  // Linux 6.10
#endif

namespace vhost_check {

namespace {

enum Method { kKcmp = 0, kQuery = 1, kProbe = 2 };

// The signal of asynchronous input and output belongs to the open file description and means nothing unless O_ASYNC is
// set, so a change made through one descriptor and seen through the other tells that they are one.
int Probe(int a, int b) {
  const int before = fcntl(a, F_GETSIG);
  const int other = fcntl(b, F_GETSIG);
  if (before < 0 || other < 0) return -1;
  if (before != other) return 0;
  const int mark = before == SIGUSR2 ? SIGUSR1 : SIGUSR2;
  if (fcntl(a, F_SETSIG, mark) != 0) return -1;
  const int seen = fcntl(b, F_GETSIG);
  fcntl(a, F_SETSIG, before);
  return seen == mark ? 1 : 0;
}

// same(a, b, first): `first` is the first method to try; each falls back on the next.
Napi::Value Same(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int a = IntOf(info[0]);
  const int b = IntOf(info[1]);
  OwnedOf(env, a, "kcmp");
  OwnedOf(env, b, "kcmp");
  const int first = IntOf(info[2]);
  if (first <= kKcmp) {
    const pid_t self = getpid();
    const long order = syscall(SYS_kcmp, self, self, KCMP_FILE, a, b);
    if (order >= 0) return Napi::Boolean::New(env, order == 0);
  }
  if (first <= kQuery) {
    const int answer = fcntl(a, F_DUPFD_QUERY, b);
    if (answer >= 0) return Napi::Boolean::New(env, answer == 1);
  }
  const int answer = Probe(a, b);
  if (answer < 0) Fail(env, errno, "kcmp");
  return Napi::Boolean::New(env, answer == 1);
}

}  // namespace

void ExportSame(Napi::Env env, Napi::Object exports) { Export<Same>(env, exports, "same"); }

}  // namespace vhost_check
