/*
 * Runs a program as a container would: under a system-call filter that refuses perf_event_open, and ptrace if asked.
 *   no-perf [--errno NUMBER] [--no-ptrace] PROGRAM ARGS…
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned refused = EPERM;
	long also = SYS_perf_event_open;
	int at = 1;

	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
		if (strcmp(argv[at], "--no-ptrace") == 0) {
			also = SYS_ptrace;
		} else if (strcmp(argv[at], "--errno") == 0 && at + 1 < argc) {
			refused = (unsigned)atoi(argv[++at]);
		} else {
			fprintf(stderr, "no-perf: what is %s?\n", argv[at]);
			return 2;
		}
	}
	if (at >= argc) {
		fputs("usage: no-perf [--errno NUMBER] [--no-ptrace] PROGRAM ARGS...\n", stderr);
		return 2;
	}

	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, also, 2, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | refused),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	/* Root needs no promise: its setuid programs keep their rights, as in a container. */
	if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		perror("no-perf: no_new_privs");
		return 2;
	}
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("no-perf: seccomp");
		return 2;
	}
	execvp(argv[at], argv + at);
	perror(argv[at]);
	return 127;
}
