#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace vhost_check {

namespace {

// AT_STATX_DONT_SYNC: a descriptor that a hostile back-end sent may belong to a file system that never answers.
int Statx(int directory, const char* path, int flags, FileFacts* facts) {
  struct statx raw;
  if (statx(directory, path, flags | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_MODE | STATX_INO | STATX_SIZE,
            &raw) != 0) {
    return errno;
  }
  facts->device = makedev(raw.stx_dev_major, raw.stx_dev_minor);
  facts->inode = raw.stx_ino;
  facts->mode = raw.stx_mode;
  facts->size = raw.stx_size;
  return 0;
}

bool StartsWith(const std::string& text, const char* prefix) { return text.compare(0, strlen(prefix), prefix) == 0; }

}  // namespace

int FactsOf(int fd, FileFacts* facts) {
  const int error = Statx(fd, "", AT_EMPTY_PATH, facts);
  if (error != ENOSYS && error != EPERM) return error;
  struct stat raw;  // A sandbox without statx.
  if (fstat(fd, &raw) != 0) return errno;
  *facts = {raw.st_dev, raw.st_ino, raw.st_mode, static_cast<uint64_t>(raw.st_size)};
  return 0;
}

int FactsAt(int directory, const char* path, bool follow, FileFacts* facts) {
  const int error = Statx(directory, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, facts);
  if (error != ENOSYS && error != EPERM) return error;
  struct stat raw;
  if (fstatat(directory, path, &raw, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return errno;
  *facts = {raw.st_dev, raw.st_ino, raw.st_mode, static_cast<uint64_t>(raw.st_size)};
  return 0;
}

std::string LinkText(int directory, const char* name) {
  char text[PATH_MAX];
  const ssize_t length = readlinkat(directory, name, text, sizeof text);
  return length < 0 ? "" : std::string(text, length);
}

std::string InfoField(int process_directory, const char* name, const char* key) {
  char path[64];
  snprintf(path, sizeof path, "fdinfo/%s", name);
  const int fd = openat(process_directory, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  char text[1024];
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return "";
  text[length] = '\0';
  const char* line = strstr(text, key);
  if (line == nullptr) return "";
  const char* value = line + strlen(key);
  while (*value == ':' || *value == ' ' || *value == '\t') value++;
  return std::string(value, strcspn(value, "\n"));
}

std::string IdentityOf(int process_directory, int fd_directory, const char* name, const std::string& target) {
  if (StartsWith(target, "pipe:[") || StartsWith(target, "socket:[")) return target;
  if (target == kEventfd) return target + "#" + InfoField(process_directory, name, "eventfd-id");
  if (StartsWith(target, "anon_inode:")) return target;
  FileFacts facts;
  if (FactsAt(fd_directory, name, true, &facts) != 0) return target;
  char text[96];
  snprintf(text, sizeof text, "%s%u:%u:%llu", kInode, major(facts.device), minor(facts.device),
           static_cast<unsigned long long>(facts.inode));
  return text;
}

}  // namespace vhost_check
