/* Loaded into qa by tests of faults: a wall clock that jumps, and a disk that is slow. Only what variables ask for. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* At every look another day: tomorrow, yesterday, the day after tomorrow. */
int clock_gettime(clockid_t clock, struct timespec *time) {
    static int looks;
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME && getenv("QA_TEST_CLOCK")) {
        int look = __atomic_add_fetch(&looks, 1, __ATOMIC_RELAXED);
        time->tv_sec += (look % 3 - 1) * 86400L + (look % 2) * 3600L;
    }
    return result;
}

/* A tenth of a second for each write to a file below the folder that is named. */
ssize_t write(int file, const void *bytes, size_t count) {
    const char *slow = getenv("QA_TEST_SLOW");
    if (slow) {
        char link[64], path[4096];
        snprintf(link, sizeof link, "/proc/self/fd/%d", file);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length > 0) {
            path[length] = 0;
            if (strstr(path, slow)) {
                struct timespec tenth = {0, 100000000};
                nanosleep(&tenth, NULL);
            }
        }
    }
    return syscall(SYS_write, file, bytes, count);
}
