// Starting and reaping processes.
//
// Not by fork: copying the page tables of a process like ours takes longer than many a back-end's whole start. The child
// borrows our memory until it becomes another program (clone with CLONE_VM and CLONE_VFORK, what posix_spawn does too), and
// this thread sleeps meanwhile. So what the child does in between makes system calls and nothing else.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "errors.h"
#include "instance.h"

namespace vhost_check {

namespace {

struct Start {
  char* const* argv;
  char* const* environment;
  int stderr_end;
  pid_t parent;
  // The child's answer: the errno value and the name of the call that failed.
  int error;
  const char* call;
};

[[noreturn]] void Refuse(Start& start, const char* call) {
  start.error = errno;
  start.call = call;
  _exit(127);
}

// What the child does. It leads a session, and so a process group, of its own; it dies with the thread that started it.
int Become(void* data) {
  Start& start = *static_cast<Start*>(data);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) Refuse(start, "prctl");
  if (getppid() != start.parent) _exit(127);  // It died before we could ask.
  setsid();
  // Ignored signals stay ignored in a new program, and we ignore SIGPIPE.
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) Refuse(start, "open");
  // Node sees to it that 0 to 2 are open, so neither of these is among them.
  if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(start.stderr_end, 2) < 0) Refuse(start, "dup2");
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(start.argv[0], start.argv, start.environment);
  Refuse(start, "execve");
}

// Pointers to the strings of `list`, ended by a null pointer, as exec wants them.
class Strings {
 public:
  explicit Strings(const Napi::Array& list) {
    const uint32_t count = list.Length();
    texts_.reserve(count);
    for (uint32_t i = 0; i < count; i++) {
      const Napi::Value item = list[i];
      texts_.push_back(item.As<Napi::String>().Utf8Value());
    }
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  char* const* get() const { return pointers_.data(); }
  size_t size() const { return pointers_.size(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

// Room for the little that the child does; execvpe puts paths and a copy of the arguments there.
constexpr size_t kStack = 128 * 1024;

// Runs Become in a child with every signal blocked: a handler of ours that ran there would meddle with our memory.
// Returns the number of the process, or -1 with errno.
pid_t Launch(Start& start, size_t arguments) {
  const size_t size = (kStack + arguments * sizeof(char*)) & ~static_cast<size_t>(15);
  const std::unique_ptr<char[]> stack(new char[size + 16]);
  char* const top = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(stack.get()) + size) & ~static_cast<uintptr_t>(15));
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const pid_t pid = clone(Become, top, CLONE_VM | CLONE_VFORK | SIGCHLD, &start);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

// Has a process that was just started go on elsewhere, if it may: it would begin on our processor, and keep us waiting there.
// Not sooner: until it is another program we sleep, and its way to the other processor would be our way, too. Then it may run on
// all of them. It only makes things faster: no error of it is worth telling.
void SendAway(pid_t pid, const Processors& processors) {
  Processors others;
  others.Copy(processors);
  others.Remove(sched_getcpu());
  if (others.count() > 0) sched_setaffinity(pid, others.size(), others.get());
  sched_setaffinity(pid, processors.size(), processors.get());
}

// spawn(arguments, environment): number of the process, its pidfd, and the reading end of its standard error. Standard
// input and output are the null device.
Napi::Value Spawn(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Strings arguments(info[0].As<Napi::Array>());
  const Strings environment(info[1].As<Napi::Array>());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Fail(env, errno, "pipe2");
  Start start = {arguments.get(), environment.get(), ends[1], getpid(), 0, nullptr};
  const pid_t pid = Launch(start, arguments.size());
  const int error = pid < 0 ? errno : start.error;
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    if (pid > 0) waitpid(pid, nullptr, 0);
    Fail(env, error, pid < 0 ? "clone" : start.call);
  }
  if (const auto& start_on = InstanceOf(env).start_on) SendAway(pid, *start_on);
  // It is ours and not reaped, so the number is still its own.
  const int watch = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (watch < 0) {
    const int failed = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    close(ends[0]);
    Fail(env, failed, "pidfd_open");
  }
  const int both[2] = {watch, ends[0]};
  Napi::Array result = Adopted(env, 0, both, "pidfd_open").As<Napi::Array>();
  result.Set(2u, Napi::Number::New(env, pid));
  return result;
}

// reap(pidfd): [exit status, 0] or [-1, signal] of a child of ours that has ended, which is forgotten then; undefined while
// it runs.
Napi::Value Reap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = IntOf(info[0]);
  OwnedOf(env, fd, "waitid");
  siginfo_t how = {};
  int status;
  do {
    status = waitid(static_cast<idtype_t>(3 /* P_PIDFD */), fd, &how, WEXITED | WNOHANG);
  } while (status != 0 && errno == EINTR);
  if (status != 0) Fail(env, errno, "waitid");
  if (how.si_pid == 0) return env.Undefined();
  const bool exited = how.si_code == CLD_EXITED;
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, Napi::Number::New(env, exited ? how.si_status : -1));
  result.Set(1u, Napi::Number::New(env, exited ? 0 : how.si_status));
  return result;
}

}  // namespace

void ExportSpawn(Napi::Env env, Napi::Object exports) {
  Export<Spawn>(env, exports, "spawn");
  Export<Reap>(env, exports, "reap");
}

}  // namespace vhost_check
