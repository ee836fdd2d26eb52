/* end-time FILE PROGRAM ARGS…: runs the program and writes to FILE when it ended: CLOCK_MONOTONIC, nanoseconds. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    const pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    FILE *out = fopen(argv[1], "w");
    if (out == NULL) return 2;
    fprintf(out, "%lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    fclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
