/*
 * Touches known pages, as asked, and prints where they lie: "NAME ADDRESS" lines, ADDRESS of the block's first page.
 *   touch-pages [bss] [fork] [threads] [wait] [signal SIGNAL] [exec] ...
 * bss: every second page of a block of 64; fork: a child touches the other 32 and exits with 5;
 * threads: 20 threads touch a page each of another block; wait: prints "ready", touches a third block after a line
 * on standard input; signal: raises it; exec: becomes itself with "bss".
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define BLOCK 64
#define THREADS 20

static char bss[BLOCK * PAGE] __attribute__((aligned(PAGE)));
static char by_thread[THREADS * PAGE] __attribute__((aligned(PAGE)));
static char late[16 * PAGE] __attribute__((aligned(PAGE)));

static void *touch(void *page)
{
	*(volatile char *)page = 1;
	return NULL;
}

static void every_second(char *block, int first)
{
	for (int page = first; page < BLOCK; page += 2)
		touch(block + page * PAGE);
}

int main(int argc, char **argv)
{
	for (int at = 1; at < argc; at++) {
		if (strcmp(argv[at], "bss") == 0) {
			printf("bss %lx\n", (unsigned long)bss);
			every_second(bss, 0);
		} else if (strcmp(argv[at], "fork") == 0) {
			int status;
			fflush(stdout);
			if (fork() == 0) {
				every_second(bss, 1);
				_exit(5);
			}
			wait(&status);
			printf("child %d\n", WEXITSTATUS(status));
		} else if (strcmp(argv[at], "threads") == 0) {
			pthread_t threads[THREADS];
			printf("by_thread %lx\n", (unsigned long)by_thread);
			for (int i = 0; i < THREADS; i++)
				pthread_create(&threads[i], NULL, touch, by_thread + i * PAGE);
			for (int i = 0; i < THREADS; i++)
				pthread_join(threads[i], NULL);
		} else if (strcmp(argv[at], "wait") == 0) {
			printf("late %lx\nready\n", (unsigned long)late);
			fflush(stdout);
			getchar();
			for (int page = 0; page < 16; page++)
				touch(late + page * PAGE);
			printf("touched\n");
			fflush(stdout);
			getchar();
		} else if (strcmp(argv[at], "signal") == 0 && at + 1 < argc) {
			fflush(stdout);
			raise(atoi(argv[++at]));
		} else if (strcmp(argv[at], "exec") == 0) {
			fflush(stdout);
			execl("/proc/self/exe", "again", "bss", NULL);
		}
	}
	fflush(stdout);
	return 7;
}
