// What an open file is, in the same terms for a descriptor of ours and for one listed under /proc of another process.
#pragma once

#include <sys/stat.h>

#include <string>

namespace vhost_check {

struct FileFacts {
  dev_t device = 0;
  ino_t inode = 0;
  mode_t mode = 0;
  uint64_t size = 0;
};

// Facts about an open descriptor, without asking a remote file system for news. Returns 0 or an errno value.
int FactsOf(int fd, FileFacts* facts);

// The same through a path below a directory descriptor, following it if `follow`.
int FactsAt(int directory, const char* path, bool follow, FileFacts* facts);

// Text of a symbolic link below a directory descriptor; empty when it cannot be read.
std::string LinkText(int directory, const char* name);

// The value of a "key:" line of fdinfo/NAME below an open /proc/PID; empty when there is none.
std::string InfoField(int process_directory, const char* name, const char* key);

// How the identities of eventfds and of files begin.
inline constexpr char kEventfd[] = "anon_inode:[eventfd]";
inline constexpr char kInode[] = "inode:";

// A name that two descriptors share exactly if they are of one object: the link text of pipes and sockets; for eventfds
// the link text with the kernel's eventfd-id; for files and memory files the device and inode.
// `fd_directory` is an open /proc/PID/fd, `process_directory` an open /proc/PID, `name` the number as text.
std::string IdentityOf(int process_directory, int fd_directory, const char* name, const std::string& target);

}  // namespace vhost_check
