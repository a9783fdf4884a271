// Processes by descriptor, and processor affinity.
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

namespace {

// pidfdOpen(pid): a number that is readable when the process has ended. The C library has no wrapper before 2.36.
Napi::Value PidfdOpen(const Napi::CallbackInfo& info) {
  return Adopted(info.Env(), static_cast<int>(syscall(SYS_pidfd_open, IntOf(info[0]), 0)), "pidfd_open");
}

// pidfdSignal(fd, signal): false when the process has ended and is reaped.
Napi::Value PidfdSignal(const Napi::CallbackInfo& info) {
  const int fd = IntOf(info[0]);
  OwnedOf(info.Env(), fd, "pidfd_send_signal");
  if (syscall(SYS_pidfd_send_signal, fd, IntOf(info[1]), nullptr, 0) != 0) {
    if (errno != ESRCH) Fail(info.Env(), errno, "pidfd_send_signal");
    return Napi::Boolean::New(info.Env(), false);
  }
  return Napi::Boolean::New(info.Env(), true);
}

// A processor set of the size that this kernel wants.
class Processors {
 public:
  explicit Processors(int count) : count_(count), set_(CPU_ALLOC(count)) { CPU_ZERO_S(size(), set_); }
  ~Processors() { CPU_FREE(set_); }
  Processors(const Processors&) = delete;
  Processors& operator=(const Processors&) = delete;
  int count() const { return count_; }
  size_t size() const { return CPU_ALLOC_SIZE(count_); }
  cpu_set_t* get() { return set_; }

 private:
  const int count_;
  cpu_set_t* set_;
};

constexpr int kMostProcessors = 8192;

// pinTo(cpu): every thread of this process, and so every child of any of them.
Napi::Value PinTo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int cpu = IntOf(info[0]);
  if (cpu < 0 || cpu >= kMostProcessors) Fail(env, EINVAL, "sched_setaffinity");
  Processors wanted(kMostProcessors);
  CPU_SET_S(cpu, wanted.size(), wanted.get());
  // This thread first: threads that it starts from now on inherit the setting.
  if (sched_setaffinity(0, wanted.size(), wanted.get()) != 0) Fail(env, errno, "sched_setaffinity");
  DIR* tasks = opendir("/proc/self/task");
  if (tasks == nullptr) Fail(env, errno, "opendir");
  while (const dirent* entry = readdir(tasks)) {
    // A thread that has ended since is no error.
    if (entry->d_name[0] != '.') sched_setaffinity(atoi(entry->d_name), wanted.size(), wanted.get());
  }
  closedir(tasks);
  return env.Undefined();
}

// allowedCpus(): processors that the calling thread may run on.
Napi::Value AllowedCpus(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Processors allowed(kMostProcessors);
  if (sched_getaffinity(0, allowed.size(), allowed.get()) != 0) Fail(env, errno, "sched_getaffinity");
  Napi::Array list = Napi::Array::New(env);
  uint32_t count = 0;
  for (int cpu = 0; cpu < allowed.count(); cpu++) {
    if (CPU_ISSET_S(cpu, allowed.size(), allowed.get())) list.Set(count++, Napi::Number::New(env, cpu));
  }
  return list;
}

}  // namespace

void ExportProcess(Napi::Env env, Napi::Object exports) {
  Export<PidfdOpen>(env, exports, "pidfdOpen");
  Export<PidfdSignal>(env, exports, "pidfdSignal");
  Export<PinTo>(env, exports, "pinTo");
  Export<AllowedCpus>(env, exports, "allowedCpus");
}

}  // namespace vhost_check
