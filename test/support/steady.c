/* Touches a new page twenty times a second: "steady SECONDS". Says when it begins and when it has come to its own end. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define BEATS 1200

static char pages[BEATS * PAGE] __attribute__((aligned(PAGE)));

static __attribute__((noinline)) void beat(int count)
{
	pages[count * PAGE] = 1;
}

int main(int argc, char **argv)
{
	int beats = argc > 1 ? atoi(argv[1]) * 20 : BEATS;

	madvise(pages, sizeof pages, MADV_NOHUGEPAGE); /* A fault a page. */
	printf("steady begins\n");
	fflush(stdout);
	for (int count = 0; count < beats && count < BEATS; count++) {
		beat(count);
		usleep(50 * 1000);
	}
	printf("steady is done\n");
	return 0;
}
