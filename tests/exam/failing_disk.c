/* Put before a process by LD_PRELOAD: every call that writes below a folder is counted, and from one on they fail.
   Reaches what Python cannot patch: the writes of HDF5, of zip archives and of buffered files. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[4096];
static long count, first;
static int error;

/* Calls below the folder fail with this error when so many have passed; none where the error is 0. */
void set_fault(const char *folder, long n_before, int with) {
  snprintf(root, sizeof root, "%s", folder);
  first = n_before, error = with, count = 0;
}

long count_calls(void) { return count; }

static int below(const char *path) {
  size_t length = strlen(root);
  return length && path && !strncmp(path, root, length) && path[length] == '/';
}

static int fails(const char *path) {
  if (!below(path)) return 0;
  if (count++ < first || !error) return 0;
  errno = error;
  return 1;
}

static int open_fails(int file) {
  char link[64], path[4096];
  if (!root[0]) return 0;
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length <= 0) return 0;
  path[length] = 0;
  return fails(path);
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name)
#define MODE mode_t mode = 0; if (flags & O_CREAT) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
#define WRITES (flags & (O_CREAT | O_WRONLY | O_RDWR))
#define OPEN(name) int name(const char *path, int flags, ...) { MODE REAL(name); \
  return WRITES && fails(path) ? -1 : real(path, flags, mode); }
#define OPENAT(name) int name(int at, const char *path, int flags, ...) { MODE REAL(name); \
  return WRITES && fails(path) ? -1 : real(at, path, flags, mode); }
#define ON_FILE(type, name, declared, given) type name declared { REAL(name); return open_fails(file) ? -1 : real given; }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
ON_FILE(ssize_t, write, (int file, const void *bytes, size_t n), (file, bytes, n))
ON_FILE(ssize_t, pwrite, (int file, const void *bytes, size_t n, off_t at), (file, bytes, n, at))
ON_FILE(ssize_t, pwrite64, (int file, const void *bytes, size_t n, off64_t at), (file, bytes, n, at))
ON_FILE(int, ftruncate, (int file, off_t n), (file, n))
ON_FILE(int, ftruncate64, (int file, off64_t n), (file, n))
ON_FILE(int, fsync, (int file), (file))
int rename(const char *from, const char *to) { REAL(rename); return fails(to) ? -1 : real(from, to); }
int mkdir(const char *path, mode_t mode) {
  struct stat status;
  REAL(mkdir);
  return below(path) && stat(path, &status) && fails(path) ? -1 : real(path, mode);
}
/* A full disk does not hinder a change of the mode. */
int chmod(const char *path, mode_t mode) { REAL(chmod); return fails(path) && error != ENOSPC ? -1 : real(path, mode); }
