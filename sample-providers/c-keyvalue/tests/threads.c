/* Many threads at once: sums come out right, links come and go, a stop in between ends nobody. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"
#include "host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4

struct worker {
    pthread_t thread;
    cp_provider *provider;
    int number;
    int rounds;
    int wrong; /* answers that should not be */
    int stopping;
};

static void start(struct worker *workers, cp_provider *provider, int rounds, void *(*work)(void *))
{
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.provider = provider, .number = i, .rounds = rounds};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            abort();
        }
    }
}

static void join(struct worker *workers)
{
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        CHECK(workers[i].wrong == 0);
    }
}

static void *count(void *with)
{
    struct worker *w = with;
    char actor[16];
    char message[64];
    char reply[64];
    snprintf(actor, sizeof actor, "SHARED%d", w->number);
    for (int i = 0; i < w->rounds; i++) {
        w->wrong += say(w->provider, actor, "Add", "{key:'n',value:1}")[0] != '{';
        w->wrong += say(w->provider, actor, "Push", "{key:'l',value:'x'}")[0] != '{';
        snprintf(message, sizeof message, "{key:'s',value:'%d-%d'}", w->number, i);
        w->wrong += strcmp(say(w->provider, actor, "SetAdd", message), "{new_count:1}") != 0;
        w->wrong += say(w->provider, actor, "Range", "{key:'l',start:0,stop:3}")[0] != '{';
        w->wrong += say(w->provider, actor, "SetUnion", "{keys:['s','t']}")[0] != '{';
        snprintf(message, sizeof message, "{key:'own%d',value:'%d',expires:0}", w->number, i);
        w->wrong += say(w->provider, actor, "Set", message)[0] != '{';
        snprintf(message, sizeof message, "{key:'own%d'}", w->number);
        snprintf(reply, sizeof reply, "{value:'%d',exists:true}", i);
        w->wrong += strcmp(say(w->provider, actor, "Get", message), reply) != 0;
        w->wrong += say(w->provider, "system", "HealthRequest", "{placeholder:true}")[0] != '{';
        w->wrong += say(w->provider, actor, "Get", "{}")[0] != '!';
    }
    return NULL;
}

static void sums_come_out_right(void)
{
    enum { ROUNDS = 500 };
    struct worker workers[THREADS];
    char reply[64];
    cp_provider *p = provider_new();
    for (int i = 0; i < THREADS; i++) {
        char actor[16];
        snprintf(actor, sizeof actor, "SHARED%d", i);
        link_actor(p, actor, "shared");
    }
    start(workers, p, ROUNDS, count);
    join(workers);
    snprintf(reply, sizeof reply, "{value:'%d',exists:true}", THREADS * ROUNDS);
    SAYS(p, "SHARED0", "Get", "{key:'n'}", reply);
    snprintf(reply, sizeof reply, "{newCount:%d}", THREADS * ROUNDS);
    SAYS(p, "SHARED3", "ListItemDelete", "{key:'l',value:'x'}", reply);
    provider_end(p);
}

/* Everybody links and unlinks the same two actors, who share a namespace, and uses them. */
static void *relink(void *with)
{
    struct worker *w = with;
    for (int i = 0; i < w->rounds; i++) {
        const char *actor = (i + w->number) % 2 == 0 ? "ONE" : "TWO";
        w->wrong += strcmp(link_actor(w->provider, actor, "shared"), "(none)") != 0;
        const char *said = say(w->provider, actor, "Push", "{key:'l',value:'x'}");
        w->wrong += said[0] != '{' && strncmp(said, "!4 ", 3) != 0;
        said = say(w->provider, actor, "SetAdd", "{key:'s',value:'x'}");
        w->wrong += said[0] != '{' && strncmp(said, "!4 ", 3) != 0;
        if (i % 3 == 0) {
            w->wrong += strcmp(unlink_actor(w->provider, actor), "(none)") != 0;
        }
    }
    return NULL;
}

static void links_come_and_go(void)
{
    struct worker workers[THREADS];
    cp_provider *p = provider_new();
    start(workers, p, 3000, relink);
    join(workers);
    unlink_actor(p, "ONE");
    unlink_actor(p, "TWO");
    link_actor(p, "ONE", "shared");
    SAYS(p, "ONE", "Push", "{key:'l',value:'x'}", "{newCount:1}");
    provider_end(p);
}

static void *use_until_stopped(void *with)
{
    struct worker *w = with;
    char message[64];
    for (int i = 0; w->stopping < 10 && i < 100000000; i++) {
        snprintf(message, sizeof message, "{key:'l%d',value:'x'}", i % 50);
        const char *said = i % 2 == 0 ? say(w->provider, "A", "Push", message)
                                      : say(w->provider, "A", "Range",
                                            "{key:'l7',start:0,stop:5}");
        if (strncmp(said, "!9 ", 3) == 0) {
            w->stopping++;
        } else {
            w->wrong += said[0] != '{' || w->stopping > 0;
        }
    }
    return NULL;
}

static void stop_in_between(void)
{
    for (int round = 0; round < 20; round++) {
        struct worker workers[THREADS];
        struct answer reason;
        answer_begin(&reason);
        cp_provider *p = provider_new();
        link_actor(p, "A", round % 2 == 0 ? NULL : "shared");
        start(workers, p, 0, use_until_stopped);
        for (int i = 0; i < 200; i++) {
            say(p, "A", "Add", "{key:'n',value:1}");
        }
        CHECK(p->table->stop(p, &reason.head) == CP_OK);
        join(workers);
        provider_end(p);
        answer_end(&reason);
    }
}

static void *unlink_and_destroy(void *with)
{
    cp_provider *p = with;
    unlink_actor(p, "A");
    return p->table->destroy(p) == CP_OK ? NULL : p;
}

static void made_here_and_destroyed_there(void)
{
    pthread_t thread;
    void *left = NULL;
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    say(p, "A", "Push", "{key:'l',value:'x'}");
    CHECK(pthread_create(&thread, NULL, unlink_and_destroy, p) == 0);
    pthread_join(thread, &left);
    CHECK(left == NULL);
}

const struct test thread_tests[] = {
    {"four threads at once: sums come out right", sums_come_out_right},
    {"four threads at once: links come and go", links_come_and_go},
    {"a stop in between ends every call with CP_STOPPING", stop_in_between},
    {"a provider is made on one thread and destroyed on another", made_here_and_destroyed_there},
    {0, 0},
};
