// Sets of processors, and which threads may run where.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <cstring>

namespace vhost_check {

constexpr int kMostProcessors = 8192;

// A processor set that is large enough for any kernel.
class Processors {
 public:
  Processors() : set_(CPU_ALLOC(kMostProcessors)) { CPU_ZERO_S(size(), set_); }
  ~Processors() { CPU_FREE(set_); }
  Processors(const Processors&) = delete;
  Processors& operator=(const Processors&) = delete;
  void Add(int cpu) { CPU_SET_S(cpu, size(), set_); }
  void Copy(const Processors& other) { memcpy(set_, other.set_, size()); }
  void Remove(int cpu) { CPU_CLR_S(cpu, size(), set_); }
  bool Has(int cpu) const { return CPU_ISSET_S(cpu, size(), set_); }
  int count() const { return CPU_COUNT_S(size(), set_); }
  size_t size() const { return CPU_ALLOC_SIZE(kMostProcessors); }
  cpu_set_t* get() const { return set_; }

 private:
  cpu_set_t* const set_;
};

// Has every thread of a process run on these processors only. A thread that ends meanwhile is no error. Returns 0, or the
// errno value of what prevented listing the threads.
int Bind(pid_t pid, const Processors& processors);

}  // namespace vhost_check
