/*
 * Starts attempts and outlives whoever asked for them. One static program, three parts:
 *
 *   hera-shim spawner HOME    starts what orders on its input name, tells what became of it on its output
 *   hera-shim run DIRECTORY TIMEOUT_MS GRACE_MS LEASE_FILE      one attempt; LEASE_FILE - for none
 *   hera-shim punch FILE OFFSET LENGTH      gives the disk of a part of a file back, its size unchanged
 *   hera-shim self-test DIRECTORY           shows that all of this works here; prints its version
 *
 * The spawner forks a `run` for each order, so that starting costs what this small program weighs. A `run`
 * leads the group of its attempt and adopts every orphan below it, so nothing can get away by a new session.
 * It writes `started` before the first step and `exit` after the last, each whole or not at all, and ends the
 * whole tree by TERM, grace, KILL when the time of the attempt or the lease of the worker is over, whether or
 * not an agent lives. `plan` has one step a line: its stage, then words in single quotes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VERSION "1"
#define LOOK_MS 500
#define SWEEP_MS 20
#define KILL_WAIT_MS 10000
#define TIMEOUT_SLACK_MS 250
#define WORDS_MAX 64
#define ORDER_MAX (4 << 20)

extern char **environ;

static long long now_ms(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = write(fd, bytes, length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    bytes += n;
    length -= n;
  }
  return 0;
}

/* A file that is there whole or not at all. */
static int write_whole(const char *name, const char *text, int durable) {
  char temporary[64];
  snprintf(temporary, sizeof temporary, "%s.tmp", name);
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return -1;
  int failed = write_all(fd, text, strlen(text)) || (durable && fdatasync(fd));
  close(fd);
  return failed ? -1 : rename(temporary, name);
}

static ssize_t read_file(const char *path, char *into, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  size_t length = 0;
  ssize_t n;
  while (length < size - 1 && (n = read(fd, into + length, size - 1 - length)) > 0) length += n;
  close(fd);
  into[length] = 0;
  return length;
}

struct line { pid_t pid, parent; char state; unsigned long long ticks; int mine; };

/* The name may hold anything; the fields begin after its last bracket. */
static int read_line(pid_t pid, struct line *line) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (read_file(path, text, sizeof text) < 0) return -1;
  char *rest = strrchr(text, ')');
  if (!rest) return -1;
  line->pid = pid;
  line->mine = 0;
  int parent = 0;
  int n = sscanf(rest + 2, "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                 &line->state, &parent, &line->ticks);
  line->parent = parent;
  return n == 3 ? 0 : -1;
}

/* Signals all live descendants, 0 for none; counts them, and names the first few. */
static int sweep(int signal, char *names, size_t size) {
  static struct line *lines;
  static size_t room;
  size_t count = 0, length = 0;
  int found = 0, changed = 1;
  DIR *proc = opendir("/proc");
  if (!proc) return 1;
  for (struct dirent *entry; (entry = readdir(proc));) {
    pid_t pid = atoi(entry->d_name);
    if (pid <= 0) continue;
    if (count == room) {
      struct line *more = realloc(lines, (room = room ? room * 2 : 512) * sizeof *lines);
      if (!more) break;
      lines = more;
    }
    if (read_line(pid, &lines[count]) == 0) count++;
  }
  closedir(proc);
  while (changed) {
    changed = 0;
    for (size_t i = 0; i < count; i++) {
      if (lines[i].mine || lines[i].pid == getpid()) continue;
      int below = lines[i].parent == getpid();
      for (size_t j = 0; !below && j < count; j++) below = lines[j].mine && lines[j].pid == lines[i].parent;
      if (below) lines[i].mine = changed = 1;
    }
  }
  for (size_t i = 0; i < count; i++) {
    if (!lines[i].mine || lines[i].state == 'Z' || lines[i].state == 'X') continue;
    found++;
    if (signal) kill(lines[i].pid, signal);
    if (names && length + 12 < size) length += snprintf(names + length, size - length, "%d ", (int)lines[i].pid);
  }
  return found;
}

/* What the shim waits for, and how its step stands. */
static struct {
  sigset_t signals;
  pid_t child;
  int status, ended, stopped;
  long long deadline, grace;
  const char *lease;
} self;

static void reap(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != self.child) continue;
    self.ended = 1;
    self.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
}

static void wait_ms(long long ms) {
  if (ms < 1) ms = 1;
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  int signal = sigtimedwait(&self.signals, NULL, &t);
  if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) self.stopped = 1;
  reap();
}

static const char *cause_now(void) {
  char text[64];
  if (now_ms(CLOCK_MONOTONIC) >= self.deadline) return "timeout";
  if (!self.lease || read_file(self.lease, text, sizeof text) <= 0) return NULL;
  char *end;
  double ends_at = strtod(text, &end);
  return end != text && now_ms(CLOCK_BOOTTIME) >= ends_at ? "lease" : NULL;
}

/* TERM, grace, KILL, until two looks find nothing; what is left is named in `left`. */
static void end_tree(const char *cause) {
  char text[512];
  snprintf(text, sizeof text, "%s\n", cause);
  write_whole("cause", text, 0);
  self.stopped = 1;
  sweep(SIGTERM, NULL, 0);
  long long from = now_ms(CLOCK_MONOTONIC);
  for (int empty = 0; empty < 2;) {
    wait_ms(SWEEP_MS);
    long long ran = now_ms(CLOCK_MONOTONIC) - from;
    int left = sweep(ran >= self.grace ? SIGKILL : 0, text, sizeof text);
    empty = left ? 0 : empty + 1;
    if (left && ran > self.grace + KILL_WAIT_MS) {
      strcat(text, "\n");
      write_whole("left", text, 0);
      return;
    }
  }
}

static int wait_for_step(void) {
  while (!self.ended) {
    long long left = self.deadline - now_ms(CLOCK_MONOTONIC);
    wait_ms(self.lease && left > LOOK_MS ? LOOK_MS : left);
    const char *cause = self.ended ? NULL : cause_now();
    if (cause) {
      end_tree(cause);
      if (!self.ended) self.status = 137;
      break;
    }
  }
  return self.status;
}

/* Words in single quotes, as a shell reads them, in place. */
static int split(char *text, char **words) {
  int count = 0;
  for (char *from = text, *to = text; *from && count < WORDS_MAX - 1;) {
    while (*from == ' ') from++;
    if (!*from) break;
    words[count++] = to = from;
    for (int quoted = 0; *from && (quoted || *from != ' '); from++) {
      if (*from == '\'') quoted = !quoted;
      else if (*from == '\\' && !quoted && from[1]) *to++ = *++from;
      else *to++ = *from;
    }
    if (*from) from++;
    *to = 0;
  }
  words[count] = NULL;
  return count;
}

static int run_step(char *command) {
  char *words[WORDS_MAX];
  if (split(command, words) == 0) return 126;
  posix_spawnattr_t attr;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_init(&attr);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask(&attr, &none);
  posix_spawnattr_setsigdefault(&attr, &all);
  self.ended = 0;
  int error = posix_spawnp(&self.child, words[0], NULL, &attr, words, environ);
  if (error) {
    dprintf(1, "[hera] cannot start %s: %s\n", words[0], strerror(error));
    return error == ENOENT ? 127 : 126;
  }
  return wait_for_step();
}

static void finish(int code, const char *stage) {
  char text[160];
  snprintf(text, sizeof text, "{\"code\":%d,\"stage\":\"%s\",\"stopped\":%s}\n", code, stage,
           self.stopped ? "true" : "false");
  write_whole("exit", text, 1);
  _exit(0);
}

static int tell_started(void) {
  char boot[64], text[192];
  struct line line;
  if (read_file("/proc/sys/kernel/random/boot_id", boot, sizeof boot) < 0 || read_line(getpid(), &line)) return -1;
  boot[strcspn(boot, "\n")] = 0;
  snprintf(text, sizeof text, "{\"pid\":%d,\"startTicks\":%llu,\"boot\":\"%s\"}\n", (int)getpid(), line.ticks, boot);
  return write_whole("started", text, 0);
}

/* Runs the attempt whose directory is the current one. Its signals are blocked, and taken when it waits. */
static void run(long long timeout, long long grace, const char *lease) {
  static char plan[1 << 18], stage[32] = "none";
  int code = 0;
  self.grace = grace;
  self.lease = lease;
  self.deadline = now_ms(CLOCK_MONOTONIC) + timeout + TIMEOUT_SLACK_MS;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (tell_started()) _exit(125);
  /* Whoever gave the attempt up before it started left `void`; it looks at `started` after that, we before. */
  if (access("void", F_OK) == 0) finish(125, "void");
  if (read_file("plan", plan, sizeof plan) < 0) finish(125, "none");
  for (char *line = strtok(plan, "\n"); line && !code; line = strtok(NULL, "\n")) {
    struct timespec now = {0, 0};
    if (sigtimedwait(&self.signals, NULL, &now) > 0) self.stopped = 1;
    if (self.stopped) break;
    char *command = strchr(line, ' ');
    if (!command) continue;
    snprintf(stage, sizeof stage, "%.*s", (int)(command - line), line);
    if (strcmp(stage, "core")) dprintf(1, "[hera] %s\n", stage);
    code = run_step(command + 1);
  }
  time_t seconds = time(NULL);
  char at[32];
  strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
  dprintf(1, "[hera] %s ended at %s: exit code %d\n", stage, at, code);
  finish(code, stage);
}

static void take_signals(void) {
  sigemptyset(&self.signals);
  for (int i = 0; i < 4; i++) sigaddset(&self.signals, (int[]){SIGTERM, SIGINT, SIGHUP, SIGCHLD}[i]);
  sigprocmask(SIG_BLOCK, &self.signals, NULL);
}

/*
 * An order: its length and number, 4 bytes each, then strings with a NUL behind each: directory, timeout,
 * grace, 1 if it must die with the lease, variables. Answers: `s NUMBER PID TICKS`, `f NUMBER ERRNO`,
 * `e NUMBER SIGNAL`.
 */
static struct { pid_t pid; uint32_t number; } *children;
static size_t child_count, child_room;

static void become_shim(char *next, char *end, const char *lease) {
  char *field[4];
  for (int i = 0; i < 4; i++, next += strlen(next) + 1) field[i] = next;
  for (; next < end; next += strlen(next) + 1) putenv(next);
  setpgid(0, 0);
  int in = open("/dev/null", O_RDONLY), out = -1;
  if (chdir(field[0]) == 0) out = open("output.log", O_WRONLY | O_APPEND | O_CREAT, 0640);
  if (in < 0 || out < 0) _exit(125);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  if (in > 2) close(in);
  if (out > 2) close(out);
  run(atoll(field[1]), atoll(field[2]), *field[3] == '1' ? lease : NULL);
}

static void start(uint32_t number, char *order, size_t length, const char *lease) {
  if (child_count == child_room) {
    void *more = realloc(children, (child_room = child_room ? child_room * 2 : 256) * sizeof *children);
    if (!more) { dprintf(1, "f %u %d\n", number, ENOMEM); return; }
    children = more;
  }
  pid_t pid = fork();
  if (pid == 0) become_shim(order, order + length, lease);
  if (pid < 0) { dprintf(1, "f %u %d\n", number, errno); return; }
  setpgid(pid, pid);
  struct line line = {.ticks = 0};
  read_line(pid, &line);
  children[child_count].pid = pid;
  children[child_count++].number = number;
  dprintf(1, "s %u %d %llu\n", number, (int)pid, line.ticks);
}

static void tell_ends(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    for (size_t i = 0; i < child_count; i++) {
      if (children[i].pid != pid) continue;
      dprintf(1, "e %u %d\n", children[i].number, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
      children[i] = children[--child_count];
      break;
    }
  }
}

static volatile sig_atomic_t child_ended;
static void on_child(int signal) { (void)signal; child_ended = 1; }

static int spawner(const char *home) {
  static char buffer[ORDER_MAX + 8], lease[4096];
  size_t have = 0;
  sigset_t blocked, waiting;
  snprintf(lease, sizeof lease, "%s/lease", home);
  take_signals();
  signal(SIGPIPE, SIG_IGN);
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  struct sigaction action = {.sa_handler = on_child};
  sigaction(SIGCHLD, &action, NULL);
  waiting = blocked;
  sigdelset(&waiting, SIGCHLD);
  for (;;) {
    fd_set inputs;
    FD_ZERO(&inputs);
    FD_SET(0, &inputs);
    int ready = pselect(1, &inputs, NULL, NULL, NULL, &waiting);
    if (child_ended) { child_ended = 0; tell_ends(); }
    if (ready <= 0) continue;
    ssize_t n = read(0, buffer + have, sizeof buffer - have);
    /* Its agent is gone: the attempts see to themselves. */
    if (n <= 0) return 0;
    have += n;
    size_t at = 0;
    for (uint32_t head[2]; have - at >= 8; at += 8 + head[0]) {
      memcpy(head, buffer + at, 8);
      if (head[0] > ORDER_MAX) return 1;
      if (have - at - 8 < head[0]) break;
      start(head[1], buffer + at + 8, head[0], lease);
      tell_ends();
    }
    memmove(buffer, buffer + at, have -= at);
  }
}

static int self_test(const char *directory) {
  if (chdir(directory) || write_whole("self-test", "ok\n", 1)) return 1;
  take_signals();
  self.deadline = now_ms(CLOCK_MONOTONIC) + 5000;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  char command[] = "'/bin/sh' '-c' 'sleep 60 & exit 7'";
  if (run_step(command) != 7 || sweep(SIGKILL, NULL, 0) != 1) return 2;
  unlink("self-test");
  return puts("hera-shim " VERSION) < 0;
}

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "";
  if (count == 3 && !strcmp(what, "spawner")) return spawner(words[2]);
  if (count == 3 && !strcmp(what, "self-test")) return self_test(words[2]);
  if (count == 6 && !strcmp(what, "run") && chdir(words[2]) == 0) {
    take_signals();
    setpgid(0, 0);
    run(atoll(words[3]), atoll(words[4]), strcmp(words[5], "-") ? words[5] : NULL);
  }
  if (count == 5 && !strcmp(what, "punch")) {
    int fd = open(words[2], O_WRONLY | O_NOFOLLOW);
    return fd < 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, atoll(words[3]), atoll(words[4]));
  }
  dprintf(2, "hera-shim " VERSION ": spawner | run | punch | self-test\n");
  return 2;
}
