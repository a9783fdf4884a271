#include "owned.h"

#include <errno.h>
#include <unistd.h>

#include "identity.h"

namespace vhost_check {

OwnedTable::~OwnedTable() {
  for (const auto& [fd, owned] : table_) {
    if (Unchanged(fd, owned)) close(fd);
  }
}

int OwnedTable::Adopt(int fd) {
  FileFacts facts;
  const int error = FactsOf(fd, &facts);
  if (error != 0) return error;
  // An older entry for the same number means that somebody closed it behind our back; the new owner is the true one.
  table_[fd] = Owned{facts.device, facts.inode, static_cast<mode_t>(facts.mode & S_IFMT), next_serial_++};
  return 0;
}

Owned* OwnedTable::Find(int fd) {
  const auto found = table_.find(fd);
  return found == table_.end() ? nullptr : &found->second;
}

bool OwnedTable::Unchanged(int fd, const Owned& owned) {
  FileFacts facts;
  return FactsOf(fd, &facts) == 0 && facts.device == owned.device && facts.inode == owned.inode;
}

}  // namespace vhost_check
