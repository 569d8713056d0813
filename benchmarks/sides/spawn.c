/*
 * The machine's own limit for w3: posix_spawn of /bin/true, each in a group of its own with its output in a
 * file, WINDOW of them at once.   spawn COUNT WINDOW FOLDER      prints the milliseconds it took
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int count = atoi(argv[1]), window = atoi(argv[2]), started = 0, ended = 0, failed = 0;
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  while (ended < count) {
    while (started < count && started - ended < window) {
      char path[4096], *words[] = {"/bin/true", NULL};
      posix_spawn_file_actions_t files;
      posix_spawnattr_t attr;
      snprintf(path, sizeof path, "%s/%d.log", argv[3], started);
      posix_spawn_file_actions_init(&files);
      posix_spawn_file_actions_addopen(&files, 1, path, O_WRONLY | O_CREAT | O_APPEND, 0640);
      posix_spawn_file_actions_adddup2(&files, 1, 2);
      posix_spawnattr_init(&attr);
      posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
      pid_t pid;
      if (posix_spawn(&pid, words[0], &files, &attr, words, environ)) return 1;
      posix_spawn_file_actions_destroy(&files);
      posix_spawnattr_destroy(&attr);
      started++;
    }
    int status;
    if (wait(&status) > 0) { ended++; failed += status != 0; }
  }
  clock_gettime(CLOCK_MONOTONIC, &to);
  printf("%.3f\n", (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6);
  return failed != 0;
}
