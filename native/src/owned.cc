#include "owned.h"

#include <unistd.h>

namespace vhost_check {

OwnedTable::~OwnedTable() {
  for (const auto& [fd, owned] : table_) {
    if (Unchanged(fd, owned)) close(fd);
  }
}

void OwnedTable::Enter(int fd, const FileFacts& facts) {
  table_[fd] = Owned{facts.device, facts.inode, static_cast<mode_t>(facts.mode & S_IFMT), next_serial_++};
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
