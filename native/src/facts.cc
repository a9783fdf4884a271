// What /proc tells about a process.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "errors.h"
#include "identity.h"
#include "instance.h"

namespace vhost_check {

namespace {

// An open descriptor of the addon's own, for the length of one call. Every way out closes it; a call into JavaScript can
// throw at any time when a worker thread is being terminated.
class Scoped {
 public:
  explicit Scoped(int fd) : fd_(fd) {}
  ~Scoped() {
    if (fd_ >= 0) close(fd_);
  }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

struct DescriptorFacts {
  int fd;
  std::string target;
  std::string identity;
  const char* access;
};

const char* AccessOf(mode_t mode) {
  // /proc shows the access mode of a descriptor as the owner's permissions of its link.
  const bool r = (mode & S_IRUSR) != 0;
  const bool w = (mode & S_IWUSR) != 0;
  return r && w ? "both" : r ? "read" : w ? "write" : "none";
}

// How many descriptors the process whose /proc/PID is open as `process` has, by the size of the directory that lists them: the
// number since Linux 6.2, before that 0. -1 where we may not list them.
int64_t CountDescriptors(int process) {
  const Scoped list(openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  FileFacts facts;
  if (list.get() < 0 || FactsOf(list.get(), &facts) != 0) return -1;
  return static_cast<int64_t>(facts.size);
}

// Calls `see` with an open /proc/PID/fd, the name of a descriptor there and its link text, for each descriptor of the process
// whose /proc/PID is open as `process`, but not for those used to list them. Returns 0 or an errno value.
template <typename See>
int ForEachDescriptor(int process, See see) {
  const int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  DIR* directory = fdopendir(fd);
  if (directory == nullptr) {
    const int error = errno;
    close(fd);
    return error;
  }
  FileFacts own, self;
  const bool ourselves = FactsOf(fd, &own) == 0 && FactsAt(AT_FDCWD, "/proc/self/fd", true, &self) == 0 &&
                         own.device == self.device && own.inode == self.inode;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    const int number = atoi(entry->d_name);
    if (ourselves && (number == fd || number == process)) continue;
    std::string target = LinkText(fd, entry->d_name);
    if (target.empty()) continue;  // Closed since it was listed.
    see(fd, entry->d_name, std::move(target));
  }
  closedir(directory);
  return 0;
}

// Lists the descriptors of a process. `whole`: identity and access, too. Returns 0 or an errno value.
int ListDescriptors(int process, bool whole, std::vector<DescriptorFacts>* list) {
  return ForEachDescriptor(process, [&](int fd, const char* name, std::string target) {
    DescriptorFacts facts{atoi(name), std::move(target), "", "none"};
    if (whole) {
      FileFacts link;
      if (FactsAt(fd, name, false, &link) == 0) facts.access = AccessOf(link.mode);
      facts.identity = IdentityOf(process, fd, name, facts.target);
    }
    list->push_back(std::move(facts));
  });
}

Napi::Array ToArray(Napi::Env env, const std::vector<DescriptorFacts>& list, bool whole) {
  Napi::Array result = Napi::Array::New(env, list.size());
  uint32_t index = 0;
  for (const DescriptorFacts& facts : list) {
    Napi::Object item = Napi::Object::New(env);
    item.Set("fd", Napi::Number::New(env, facts.fd));
    item.Set("target", Napi::String::New(env, facts.target));
    if (whole) {
      item.Set("identity", Napi::String::New(env, facts.identity));
      item.Set("access", Napi::String::New(env, facts.access));
    }
    result.Set(index++, item);
  }
  return result;
}

// Processor time of a process and all its threads, past ones too, in milliseconds. The clock has nanoseconds, where
// /proc/PID/stat has ticks of ten milliseconds.
double ProcessorTime(pid_t pid, double ticks) {
  clockid_t clock;
  struct timespec used;
  if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0) {
    return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
  }
  return ticks * 1000.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

int OpenProcess(pid_t pid) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d", pid);
  return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// Sets what /proc/PID/stat of the process that is open as `process` tells. False when there is no such process.
bool SetFigures(Napi::Env env, pid_t pid, int process, Napi::Object result) {
  char text[2048];
  ssize_t length = -1;
  {
    const Scoped stat(openat(process, "stat", O_RDONLY | O_CLOEXEC));
    if (stat.get() >= 0) length = read(stat.get(), text, sizeof text - 1);
  }
  if (length <= 0) return false;
  text[length] = '\0';
  // The command's name may hold anything, a closing parenthesis too; the fields begin after the last one.
  const char* fields = strrchr(text, ')');
  char state = '?';
  unsigned long long user = 0, system = 0, start = 0;
  long threads = 0, pages = 0;
  // Fields 3 (state), 14 and 15 (times), 20 (threads), 22 (start time), 24 (resident pages) of proc_pid_stat(5).
  if (fields == nullptr ||
      sscanf(fields + 1,
             " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %ld %*d %llu %*u %ld", &state,
             &user, &system, &threads, &start, &pages) != 6) {
    Fail(env, EPROTO, "read");
  }

  result.Set("threads", Napi::Number::New(env, static_cast<double>(threads)));
  result.Set("memory", Napi::Number::New(env, static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE))));
  result.Set("cpuMs", Napi::Number::New(env, ProcessorTime(pid, static_cast<double>(user + system))));
  result.Set("state", Napi::String::New(env, std::string(1, state)));
  result.Set("startTime", Napi::BigInt::New(env, static_cast<uint64_t>(start)));
  return true;
}

// processFacts(pid, withDescriptors): an object, or undefined when there is no such process.
Napi::Value ProcessFacts(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const pid_t pid = IntOf(info[0]);
  const Scoped process(OpenProcess(pid));
  Napi::Object result = Napi::Object::New(env);
  if (process.get() < 0 || !SetFigures(env, pid, process.get(), result)) return env.Undefined();
  std::vector<DescriptorFacts> list;
  const bool listed = info[1].As<Napi::Boolean>() && ListDescriptors(process.get(), true, &list) == 0;
  result.Set("descriptors", ToArray(env, list, true));
  result.Set("listed", Napi::Boolean::New(env, listed));
  return result;
}

bool StartsWith(const std::string& text, const char* prefix) { return text.compare(0, strlen(prefix), prefix) == 0; }

// holdings(pid, identities, list): which of these objects another process holds open, and its sockets, with a quarter of the
// system calls of processFacts: of what kind nothing is wanted, nobody asks the kernel. Without `list` only the number of its
// descriptors. Undefined when there is no such process.
Napi::Value Holdings(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const pid_t pid = IntOf(info[0]);
  const Napi::Array asked = info[1].As<Napi::Array>();
  std::vector<std::string> wanted;
  bool eventfds = false, files = false;
  for (uint32_t i = 0; i < asked.Length(); i++) {
    const Napi::Value item = asked[i];
    wanted.push_back(item.As<Napi::String>().Utf8Value());
    eventfds = eventfds || StartsWith(wanted.back(), kEventfd);
    files = files || StartsWith(wanted.back(), kInode);
  }
  const Scoped process(OpenProcess(pid));
  Napi::Object result = Napi::Object::New(env);
  if (process.get() < 0 || !SetFigures(env, pid, process.get(), result)) return env.Undefined();

  int64_t count = info[2].As<Napi::Boolean>() ? 0 : CountDescriptors(process.get());
  bool listed = count >= 0;
  std::vector<bool> held(wanted.size());
  std::vector<std::string> sockets;
  if (count == 0) listed = ForEachDescriptor(process.get(), [&](int fd, const char* name, std::string target) {
    count++;
    const bool eventfd = target == kEventfd;
    const bool file = !StartsWith(target, "pipe:[") && !StartsWith(target, "socket:[") && !StartsWith(target, "anon_inode:");
    if ((eventfd && eventfds) || (file && files)) target = IdentityOf(process.get(), fd, name, target);
    for (size_t i = 0; i < wanted.size(); i++) held[i] = held[i] || wanted[i] == target;
    if (StartsWith(target, "socket:[")) sockets.push_back(std::move(target));
  }) == 0;
  Napi::Array heldList = Napi::Array::New(env);
  for (uint32_t i = 0, next = 0; i < wanted.size(); i++) {
    if (held[i]) heldList.Set(next++, asked.Get(i));
  }
  Napi::Array socketList = Napi::Array::New(env, sockets.size());
  for (uint32_t i = 0; i < sockets.size(); i++) socketList.Set(i, Napi::String::New(env, sockets[i]));
  result.Set("listed", Napi::Boolean::New(env, listed));
  result.Set("descriptors", Napi::Number::New(env, listed ? static_cast<double>(count) : 0));
  result.Set("held", heldList);
  result.Set("sockets", socketList);
  return result;
}

// openDescriptors(): numbers and targets of this process.
Napi::Value OpenDescriptors(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<DescriptorFacts> list;
  {
    const Scoped process(open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (process.get() < 0) Fail(env, errno, "open");
    const int error = ListDescriptors(process.get(), false, &list);
    if (error != 0) Fail(env, error, "open");
  }
  return ToArray(env, list, false);
}

}  // namespace

void ExportFacts(Napi::Env env, Napi::Object exports) {
  Export<Holdings>(env, exports, "holdings");
  Export<ProcessFacts>(env, exports, "processFacts");
  Export<OpenDescriptors>(env, exports, "openDescriptors");
}

}  // namespace vhost_check
