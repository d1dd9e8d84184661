/* A provider that keeps every rule until an actor is linked, and then does what only somebody would do
 * who wants to fool, to end or to outlive whoever checks it. What it does is DEFECT. */
#include "capability_provider.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

enum {
    EXITS = 1,
    EXITS_AT_ONCE,
    EXITS_IN_A_THREAD,
    EXITS_IN_AN_EXIT_HANDLER,
    FORKS,
    FORKS_A_DAEMON,
    FORKS_AND_RETURNS_TWICE,
    CLOSES_DESCRIPTORS,
    REPLACES_DESCRIPTORS,
    WRITES_TO_DESCRIPTORS,
    FORGES_A_VERDICT,
    SPINS,
    FLOODS_STANDARD_ERROR,
    FLOODS_STANDARD_OUTPUT,
    SLEEPS_IN_DESTROY,
    SLEEPS_IN_A_DESTRUCTOR,
    SWALLOWS_SIGNALS,
    EXITS_ON_SIGNALS,
    BLOCKS_SIGNALS,
    RAISES_LIMITS,
    STARTS_THREADS,
    DELETES_ITS_FOLDER,
    KILLS_ITS_PARENT,
    CLOSES_AT_EXIT,
    LOCKS_ITS_FOLDER,
    CALLS_NOTHING,
    READS_FREED_MEMORY,
};

static const int FOOL = DEFECT;

/* All the rest of it is the small provider. */
static cp_provider *honest_create(void);
#undef DEFECT
#define DEFECT 0
#define __capability_provider_create honest_create
#include "small.c"
#undef __capability_provider_create

static int acted;

static void leave(void) {
    _exit(0);
}

static void close_all(void) {
    for (int fd = 0; fd < 1024; fd++)
        close(fd);
}

static void *leave_in_a_thread(void *unused) {
    _exit(0);
    return unused;
}

static void *wait_in_a_thread(void *unused) {
    for (;;)
        pause();
    return unused;
}

static _Noreturn void wait_for_ever(void) {
    for (;;)
        pause();
}

static void on_signal(int number) {
    (void)number;
    if (FOOL == EXITS_ON_SIGNALS)
        _exit(0);
}

static void write_to_sockets(const char *text) {
    for (int fd = 3; fd < 1024; fd++) {
        struct stat about;
        if (fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode) && write(fd, text, strlen(text)) < 0)
            continue;
    }
}

static void flood(int fd) {
    static char much[1 << 16];
    memset(much, 'x', sizeof much);
    for (size_t i = 63; i < sizeof much; i += 64)
        much[i] = '\n';
    for (int i = 0; i < 1 << 14; i++)
        if (write(fd, much, sizeof much) < 0)
            return;
}

static void start_a_daemon(void) {
    if (fork() != 0) {
        wait(NULL);
        return;
    }
    setsid();
    if (fork() != 0)
        _exit(0);
    close_all();
    wait_for_ever();
}

static cp_status take_memory(cp_sink *reply) {
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_DATA, &none);
    for (int i = 0; i < 48; i++)
        if (malloc(64 << 20) == NULL)
            return say(reply, CP_FAILED, "no more memory");
    return CP_OK;
}

static cp_status take_threads(cp_sink *reply) {
    pthread_t thread;
    for (int i = 0; i < 10000; i++)
        if (pthread_create(&thread, NULL, wait_in_a_thread, NULL) != 0)
            return say(reply, CP_FAILED, "no more threads");
    return CP_OK;
}

static cp_status act(cp_sink *reply) {
    char folder[4096];
    sigset_t all;
    pthread_t thread;
    void (*volatile nothing)(void) = NULL;
    acted = 1;
    switch (FOOL) {
    case EXITS:
        exit(0);
    case EXITS_AT_ONCE:
        _exit(0);
    case EXITS_IN_A_THREAD:
        pthread_create(&thread, NULL, leave_in_a_thread, NULL);
        wait_for_ever();
    case EXITS_IN_AN_EXIT_HANDLER:
        atexit(leave);
        break;
    case CLOSES_AT_EXIT:
        atexit(close_all);
        break;
    case FORKS:
        if (fork() == 0)
            wait_for_ever();
        break;
    case FORKS_A_DAEMON:
        start_a_daemon();
        break;
    case FORKS_AND_RETURNS_TWICE: {
        pid_t child = fork();
        if (child > 0)
            waitpid(child, NULL, 0);
        break;
    }
    case CLOSES_DESCRIPTORS:
        close_all();
        break;
    case REPLACES_DESCRIPTORS:
        close_all();
        while (open("/dev/null", O_RDWR) >= 0)
            ;
        break;
    case WRITES_TO_DESCRIPTORS:
        write_to_sockets("hello\n");
        break;
    case FORGES_A_VERDICT:
        write_to_sockets("{\"t\":\"verdict\",\"ended\":\"pass\"}\n{\"t\":\"bye\"}\n");
        _exit(0);
    case SPINS:
        for (;;)
            __asm__ volatile("");
    case FLOODS_STANDARD_ERROR:
        flood(2);
        break;
    case FLOODS_STANDARD_OUTPUT:
        flood(1);
        break;
    case SWALLOWS_SIGNALS:
    case EXITS_ON_SIGNALS:
        signal(SIGSEGV, on_signal);
        *(volatile int *)0 = 1;
        break;
    case BLOCKS_SIGNALS:
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        wait_for_ever();
    case RAISES_LIMITS:
        return take_memory(reply);
    case STARTS_THREADS:
        return take_threads(reply);
    case DELETES_ITS_FOLDER:
        if (getcwd(folder, sizeof folder) == NULL || chdir("/") != 0 || rmdir(folder) != 0)
            return say(reply, CP_FAILED, "the folder stays");
        break;
    case LOCKS_ITS_FOLDER:
        if (mkdir("a", 0700) != 0 || mkdir("a/b", 0700) != 0 || chmod("a", 0) != 0)
            return say(reply, CP_FAILED, "no folder can be made");
        break;
    case KILLS_ITS_PARENT:
        if (kill(getppid(), SIGKILL) != 0)
            return say(reply, CP_FAILED, "the parent stays");
        break;
    case CALLS_NOTHING:
        nothing();
        break;
    case READS_FREED_MEMORY: {
        volatile char *memory = malloc(16);
        free((void *)memory);
        if (memory[3] == 'x')
            return say(reply, CP_FAILED, "an x");
        break;
    }
    }
    return CP_OK;
}

static cp_status fool_call(cp_provider *self, const cp_request *request, cp_sink *reply) {
    cp_status status = handle_call(self, request, reply);
    if (status == CP_OK && is(request->op, CP_OP_BIND_ACTOR))
        return act(reply);
    return status;
}

static cp_status fool_destroy(cp_provider *self) {
    if (acted && FOOL == SLEEPS_IN_DESTROY)
        wait_for_ever();
    return destroy(self);
}

cp_provider *__capability_provider_create(void) {
    static cp_provider_table table;
    cp_provider *provider = honest_create();
    if (provider == NULL)
        return NULL;
    table = *provider->table;
    table.handle_call = fool_call;
    table.destroy = fool_destroy;
    provider->table = &table;
    return provider;
}

__attribute__((destructor)) static void end(void) {
    if (acted && FOOL == SLEEPS_IN_A_DESTRUCTOR)
        wait_for_ever();
}
