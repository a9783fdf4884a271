// Processes by descriptor, and processor affinity.
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "errors.h"
#include "instance.h"
#include "processors.h"

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

// pinTo(cpu): every thread of this process, and so every child of any of them.
Napi::Value PinTo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int cpu = IntOf(info[0]);
  if (cpu < 0 || cpu >= kMostProcessors) Fail(env, EINVAL, "sched_setaffinity");
  Processors wanted;
  wanted.Add(cpu);
  // This thread first: threads that it starts from now on inherit the setting.
  if (sched_setaffinity(0, wanted.size(), wanted.get()) != 0) Fail(env, errno, "sched_setaffinity");
  const int error = Bind(getpid(), wanted);
  if (error != 0) Fail(env, error, "opendir");
  return env.Undefined();
}

// startOn(cpus): where processes that `spawn` starts from now on may run; none: where this thread may.
Napi::Value StartOn(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Array cpus = info[0].As<Napi::Array>();
  std::unique_ptr<Processors> wanted;
  if (cpus.Length() > 0) wanted = std::make_unique<Processors>();
  for (uint32_t i = 0; i < cpus.Length(); i++) {
    const Napi::Value item = cpus[i];
    const int cpu = IntOf(item);
    if (cpu < 0 || cpu >= kMostProcessors) Fail(env, EINVAL, "sched_setaffinity");
    wanted->Add(cpu);
  }
  InstanceOf(env).start_on = std::move(wanted);
  return env.Undefined();
}

// bringHere(pid): has a process that was started elsewhere run where this thread may, and takes note of whether that is a single
// processor.
Napi::Value BringHere(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Instance& instance = InstanceOf(env);
  Processors here;
  // It only makes things faster: no error of it is worth telling.
  if (sched_getaffinity(0, here.size(), here.get()) != 0) return env.Undefined();
  if (instance.start_on != nullptr) Bind(IntOf(info[0]), here);
  instance.peers_here = here.count() == 1;
  return env.Undefined();
}

// allowedCpus(): processors that the calling thread may run on.
Napi::Value AllowedCpus(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Processors allowed;
  if (sched_getaffinity(0, allowed.size(), allowed.get()) != 0) Fail(env, errno, "sched_getaffinity");
  Napi::Array list = Napi::Array::New(env);
  uint32_t count = 0;
  for (int cpu = 0; cpu < kMostProcessors; cpu++) {
    if (allowed.Has(cpu)) list.Set(count++, Napi::Number::New(env, cpu));
  }
  return list;
}

}  // namespace

int Bind(pid_t pid, const Processors& processors) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR* tasks = opendir(path);
  if (tasks == nullptr) return errno;
  while (const dirent* entry = readdir(tasks)) {
    if (entry->d_name[0] != '.') sched_setaffinity(atoi(entry->d_name), processors.size(), processors.get());
  }
  closedir(tasks);
  return 0;
}

void ExportProcess(Napi::Env env, Napi::Object exports) {
  Export<PidfdOpen>(env, exports, "pidfdOpen");
  Export<PidfdSignal>(env, exports, "pidfdSignal");
  Export<PinTo>(env, exports, "pinTo");
  Export<StartOn>(env, exports, "startOn");
  Export<BringHere>(env, exports, "bringHere");
  Export<AllowedCpus>(env, exports, "allowedCpus");
}

}  // namespace vhost_check
