// The descriptors that this environment owns. Every call takes a number from this table, so a number that was closed,
// or never ours, is refused before it reaches the kernel.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <unordered_map>

#include "identity.h"

namespace vhost_check {

struct Owned {
  // What the number named when we took it; compared again before it is closed, because another part of the process may
  // have closed the number behind our back and the kernel may have given it away again. (Two eventfds cannot be told
  // apart in this way: all anonymous inodes are one.)
  dev_t device;
  ino_t inode;
  // The S_IFMT part of the mode; 0 for anonymous inodes such as an eventfd.
  mode_t type;
  // Distinguishes two owners of the same number, one after the other.
  uint32_t serial;
  // In the epoll set, and waiting for an event there.
  bool watched = false;
  bool armed = false;
  // Armed, and keeps the event loop alive.
  bool holds = false;
};

class OwnedTable {
 public:
  OwnedTable() = default;
  OwnedTable(const OwnedTable&) = delete;
  OwnedTable& operator=(const OwnedTable&) = delete;
  // Closes whatever is still owned: the environment ends, and its descriptors with it.
  ~OwnedTable();

  // Enters an open descriptor. An older entry for the number is replaced.
  void Enter(int fd, const FileFacts& facts);
  // nullptr when the number is not ours.
  Owned* Find(int fd);
  // Forgets the number without closing it.
  void Forget(int fd) { table_.erase(fd); }
  // Whether the number still names what it named when it was adopted.
  static bool Unchanged(int fd, const Owned& owned);

 private:
  std::unordered_map<int, Owned> table_;
  uint32_t next_serial_ = 1;
};

}  // namespace vhost_check
