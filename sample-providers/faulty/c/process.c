/* The provider of small.c with defects that reach the whole process: what is loaded and unloaded, and
 * what belongs to everybody. The numbers are above those of small.c, which behaves well for them. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREAD_ON_LOAD 100
#define FILE_ON_LOAD 101
#define KNOWS_ITS_NAME 102
#define THREAD_AFTER_STOP 103
#define DEFAULT_SIGPIPE 104
#define BLOCKS_A_SIGNAL 105
#define CHANGES_UMASK 106
#define SETS_A_VARIABLE 107
#define SETS_THE_LOCALE 108
#define ROUNDS_UPWARDS 109
#define PANIC_ABORTS 110
#define HANDLER_ON_LOAD 111
#define SLOW_ON_LOAD 112

static void start(void *(*run)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL) == 0)
        pthread_detach(thread);
}

#if DEFECT == THREAD_ON_LOAD
static void *wait_for_ever(void *nothing) {
    for (;;)
        pause();
    return nothing;
}
#define AT_LOAD start(wait_for_ever)

#elif DEFECT == FILE_ON_LOAD
#define AT_LOAD (void)!open("/dev/zero", O_RDONLY)
#elif DEFECT == SLOW_ON_LOAD
#define AT_LOAD usleep(150000)

#elif DEFECT == HANDLER_ON_LOAD
static void interrupted(int signal) {
    (void)signal;
}
#define AT_LOAD signal(SIGINT, interrupted)

#elif DEFECT == KNOWS_ITS_NAME
/* Its vendor is what its file is called. */
static void name_vendor(const char **text, size_t *len) {
    Dl_info info;
    if (dladdr((void *)name_vendor, &info) && strstr(info.dli_fname, "libprocess") == NULL)
        *text = "moved", *len = 5;
}
#define AT_DESCRIBE name_vendor(&descriptor.vendor.ptr, &descriptor.vendor.len)

#elif DEFECT == THREAD_AFTER_STOP
/* It sleeps in the C library, and comes back to code that may be gone. */
static void *linger(void *nothing) {
    usleep(150 * 1000);
    return nothing;
}
#define AT_STOP start(linger)

#elif DEFECT == DEFAULT_SIGPIPE
#define AT_BIND signal(SIGPIPE, SIG_DFL)

#elif DEFECT == BLOCKS_A_SIGNAL
static void block(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}
#define AT_BIND block()

#elif DEFECT == CHANGES_UMASK
#define AT_BIND umask(0)

#elif DEFECT == SETS_A_VARIABLE
#define AT_BIND setenv("SMALL_WAS_HERE", "a secret", 1)

#elif DEFECT == SETS_THE_LOCALE
#define AT_BIND setlocale(LC_ALL, "C.UTF-8")

#elif DEFECT == ROUNDS_UPWARDS
#define AT_BIND fesetround(FE_UPWARD)

#elif DEFECT == PANIC_ABORTS
#define FLAGS CP_PANIC_ABORTS
#endif

#include "small.c"
