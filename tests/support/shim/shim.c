// Stands between a process and the C library (LD_PRELOAD), counts what the process does to files, and lets harm come at
// a chosen count: death before or after the call, an error of the disk, a power cut. It sees every call that goes
// through the C library, over all threads, one after the other, and writes them down in that order. What bypasses the
// library (io_uring, raw system calls) it does not see; a test compares it with strace. Settings, all from the
// environment:
//   SHIM_WATCH   prefixes of the paths that count, separated by ':'
//   SHIM_TRACE   file that gets one line a call: what TAB path [TAB second path]
//   SHIM_KINDS   kinds of calls that count for SHIM_AT and can be harmed, separated by ','; empty: all
//   SHIM_AT      the call to harm, the first is 1; 0: none
//   SHIM_HARM    kill-before, kill-after, fail-once, fail-from, power-cut
//   SHIM_ERRNO   the number of the error for fail-once and fail-from
//   SHIM_DISK    a path on the file system that loses its power
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

// EXT4_IOC_SHUTDOWN, without writing the journal out.
#define SHUTDOWN _IOR('X', 125, unsigned)
#define SHUTDOWN_NO_LOG_FLUSH 2u
// Far above the descriptors that the process opens.
#define TRACE_DESCRIPTOR 900

enum harm { NONE, KILL_BEFORE, KILL_AFTER, FAIL_ONCE, FAIL_FROM, POWER_CUT };

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *watch = "", *kinds = "", *disk = "";
static long at, count;
static int error_number, trace = -1;
static enum harm harm = NONE;

static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value ? value : "";
}

__attribute__((constructor)) static void begin(void) {
  const char *names[] = {"", "kill-before", "kill-after", "fail-once", "fail-from", "power-cut"};
  for (int i = 1; i < 6; i += 1)
    if (strcmp(setting("SHIM_HARM"), names[i]) == 0) harm = (enum harm)i;
  watch = setting("SHIM_WATCH");
  kinds = setting("SHIM_KINDS");
  disk = setting("SHIM_DISK");
  at = atol(setting("SHIM_AT"));
  error_number = atoi(setting("SHIM_ERRNO"));
  int opened = syscall(SYS_openat, AT_FDCWD, setting("SHIM_TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (opened < 0) return;
  trace = fcntl(opened, F_DUPFD_CLOEXEC, TRACE_DESCRIPTOR);
  close(opened);
}

/** True if one of the parts of `list` is `word`, or with `prefix` begins it. */
static int listed(const char *list, char separator, const char *word, int prefix) {
  for (const char *part = list; *part;) {
    const char *end = strchrnul(part, separator);
    size_t length = (size_t)(end - part);
    if (length > 0 && strncmp(part, word, length) == 0 && (prefix || word[length] == 0)) return 1;
    part = *end ? end + 1 : end;
  }
  return 0;
}

static void path_of_descriptor(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length > 0 ? length : 0] = 0;
}

/** The path as the kernel sees it: relative ones and those through a folder's descriptor are spelt out. */
static void path_of_name(int folder, const char *name, char *path) {
  int descriptor, end = 0;
  char below[PATH_MAX];
  if (sscanf(name, "/proc/self/fd/%d%n", &descriptor, &end) == 1 && name[end] == '/') {
    path_of_descriptor(descriptor, below);
    snprintf(path, PATH_MAX, "%.*s%s", PATH_MAX / 2, below, name + end);
  } else if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
  } else {
    if (folder == AT_FDCWD) (void)!getcwd(below, sizeof below);
    else path_of_descriptor(folder, below);
    snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX / 2, below, name);
  }
}

static void note(const char *kind, const char *path, const char *second) {
  char line[2 * PATH_MAX + 64];
  int length = snprintf(line, sizeof line, second ? "%s\t%s\t%s\n" : "%s\t%s\n", kind, path, second);
  if (trace >= 0) (void)!syscall(SYS_write, trace, line, length);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void cut_power(void) {
  unsigned how = SHUTDOWN_NO_LOG_FLUSH;
  int descriptor = syscall(SYS_openat, AT_FDCWD, disk, O_RDONLY, 0);
  if (descriptor < 0 || ioctl(descriptor, SHUTDOWN, &how) != 0) note("no-power-cut", disk, NULL);
  die();
}

enum verdict { UNSEEN, PASS, FAIL };

/** Called before a call, in its turn. Unless the answer is UNSEEN, `leave` gives the turn back. */
static enum verdict enter(const char *kind, const char *path, const char *second) {
  if (!listed(watch, ':', path, 1) && !(second && listed(watch, ':', second, 1))) return UNSEEN;
  pthread_mutex_lock(&turn);
  note(kind, path, second);
  if (*kinds && !listed(kinds, ',', kind, 0)) return PASS;
  count += 1;
  if (count == at && harm == KILL_BEFORE) die();
  if (count == at && harm == POWER_CUT) cut_power();
  if (at > 0 && ((harm == FAIL_ONCE && count == at) || (harm == FAIL_FROM && count >= at))) return FAIL;
  return PASS;
}

static void leave(enum verdict verdict, const char *kind) {
  if (verdict == UNSEEN) return;
  int kept = errno;
  if (harm == KILL_AFTER && at > 0 && count == at && (!*kinds || listed(kinds, ',', kind, 0))) die();
  pthread_mutex_unlock(&turn);
  errno = kept;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// `call` is the real call; it is made unless it is to fail.
#define EFFECT(type, kind, path, second, call)             \
  do {                                                     \
    enum verdict verdict = enter(kind, path, second);      \
    type result = -1;                                      \
    if (verdict == FAIL) errno = error_number;             \
    else result = (call);                                  \
    leave(verdict, kind);                                  \
    return result;                                         \
  } while (0)

#define BY_DESCRIPTOR(type, kind, call)                    \
  char path[PATH_MAX];                                     \
  path_of_descriptor(fd, path);                            \
  EFFECT(type, kind, path, NULL, call)

#define BY_NAME(kind, folder, name, call)                  \
  char path[PATH_MAX];                                     \
  path_of_name(folder, name, path);                        \
  EFFECT(int, kind, path, NULL, call)

#define BY_NAMES(kind, folder, name, second_folder, second_name, call) \
  char path[PATH_MAX], second[PATH_MAX];                   \
  path_of_name(folder, name, path);                        \
  path_of_name(second_folder, second_name, second);        \
  EFFECT(int, kind, path, second, call)

ssize_t write(int fd, const void *bytes, size_t size) {
  BY_DESCRIPTOR(ssize_t, "write", REAL(write)(fd, bytes, size));
}
ssize_t writev(int fd, const struct iovec *parts, int number) {
  BY_DESCRIPTOR(ssize_t, "write", REAL(writev)(fd, parts, number));
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t place) {
  BY_DESCRIPTOR(ssize_t, "write", REAL(pwrite)(fd, bytes, size, place));
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t place) {
  BY_DESCRIPTOR(ssize_t, "write", REAL(pwrite64)(fd, bytes, size, place));
}
ssize_t pwritev(int fd, const struct iovec *parts, int number, off_t place) {
  BY_DESCRIPTOR(ssize_t, "write", REAL(pwritev)(fd, parts, number, place));
}
ssize_t pwritev64(int fd, const struct iovec *parts, int number, off64_t place) {
  BY_DESCRIPTOR(ssize_t, "write", REAL(pwritev64)(fd, parts, number, place));
}
int fsync(int fd) { BY_DESCRIPTOR(int, "fsync", REAL(fsync)(fd)); }
int fdatasync(int fd) { BY_DESCRIPTOR(int, "fsync", REAL(fdatasync)(fd)); }
int ftruncate(int fd, off_t size) { BY_DESCRIPTOR(int, "truncate", REAL(ftruncate)(fd, size)); }
int ftruncate64(int fd, off64_t size) { BY_DESCRIPTOR(int, "truncate", REAL(ftruncate64)(fd, size)); }

int unlink(const char *name) { BY_NAME("unlink", AT_FDCWD, name, REAL(unlink)(name)); }
int unlinkat(int folder, const char *name, int flags) {
  BY_NAME("unlink", folder, name, REAL(unlinkat)(folder, name, flags));
}
int rmdir(const char *name) { BY_NAME("unlink", AT_FDCWD, name, REAL(rmdir)(name)); }
int remove(const char *name) { BY_NAME("unlink", AT_FDCWD, name, REAL(remove)(name)); }
int mkdir(const char *name, mode_t mode) { BY_NAME("mkdir", AT_FDCWD, name, REAL(mkdir)(name, mode)); }
char *mkdtemp(char *name) {
  char path[PATH_MAX];
  path_of_name(AT_FDCWD, name, path);
  enum verdict verdict = enter("mkdir", path, NULL);
  char *result = NULL;
  if (verdict == FAIL) errno = error_number;
  else result = REAL(mkdtemp)(name);
  leave(verdict, "mkdir");
  return result;
}

int rename(const char *from, const char *to) {
  BY_NAMES("rename", AT_FDCWD, from, AT_FDCWD, to, REAL(rename)(from, to));
}
int renameat(int folder, const char *from, int other, const char *to) {
  BY_NAMES("rename", folder, from, other, to, REAL(renameat)(folder, from, other, to));
}
int renameat2(int folder, const char *from, int other, const char *to, unsigned flags) {
  BY_NAMES("rename", folder, from, other, to, REAL(renameat2)(folder, from, other, to, flags));
}
int link(const char *from, const char *to) {
  BY_NAMES("link", AT_FDCWD, from, AT_FDCWD, to, REAL(link)(from, to));
}
int linkat(int folder, const char *from, int other, const char *to, int flags) {
  BY_NAMES("link", folder, from, other, to, REAL(linkat)(folder, from, other, to, flags));
}
int symlink(const char *target, const char *name) {
  BY_NAME("symlink", AT_FDCWD, name, REAL(symlink)(target, name));
}

// A file that is made; opening one that is there changes nothing, and is counted only where it may be made.
#define OPEN(function, folder, name, ...)                  \
  va_list rest;                                            \
  va_start(rest, flags);                                   \
  mode_t mode = (mode_t)va_arg(rest, int);                 \
  va_end(rest);                                            \
  if (!(flags & O_CREAT)) return REAL(function)(__VA_ARGS__, mode); \
  BY_NAME("create", folder, name, REAL(function)(__VA_ARGS__, mode))

int open(const char *name, int flags, ...) { OPEN(open, AT_FDCWD, name, name, flags); }
int open64(const char *name, int flags, ...) { OPEN(open64, AT_FDCWD, name, name, flags); }
int openat(int folder, const char *name, int flags, ...) { OPEN(openat, folder, name, folder, name, flags); }
int openat64(int folder, const char *name, int flags, ...) { OPEN(openat64, folder, name, folder, name, flags); }
