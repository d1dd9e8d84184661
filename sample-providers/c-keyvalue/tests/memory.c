/* Memory that runs out at every place where it can: CP_NO_MEMORY, and nothing has changed. */
#include "check.h"
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that three keys hold. */
static void look(cp_provider *p, char *state, size_t room)
{
    static const char *const questions[][2] = {
        {"Get", "{key:'n'}"},
        {"Get", "{key:'k'}"},
        {"Range", "{key:'l',start:0,stop:-1}"},
        {"SetQuery", "{key:'s'}"},
        {"KeyExists", "{key:'new'}"},
        {"KeyExists", "{key:'more'}"},
    };
    state[0] = '\0';
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        const char *said = say(p, "A", questions[i][0], questions[i][1]);
        strncat(state, said, room - strlen(state) - 1);
    }
}

static cp_provider *provider_with_data(void)
{
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    say(p, "A", "Add", "{key:'n',value:41}");
    say(p, "A", "Set", "{key:'k',value:'v',expires:1000}");
    /* As many as fit without growing: the next one has to. */
    for (int i = 0; i < 4; i++) {
        say(p, "A", "Push", "{key:'l',value:'item'}");
    }
    for (int i = 0; i < 8; i++) {
        char message[64];
        snprintf(message, sizeof message, "{key:'s',value:'a member with a long name %d'}", i);
        say(p, "A", "SetAdd", message);
    }
    for (int i = 0; i < 4; i++) {
        char message[64];
        snprintf(message, sizeof message, "{key:'filler %d',value:1}", i);
        say(p, "A", "Add", message);
    }
    return p;
}

static void operations_without_memory(void)
{
    static const char *const calls[][2] = {
        {"Get", "{key:'k'}"},
        {"Add", "{key:'n',value:1}"},
        {"Add", "{key:'new',value:1}"},
        {"Set", "{key:'k',value:'w',expires:0}"},
        {"Set", "{key:'l',value:'w',expires:0}"},
        {"Set", "{key:'s',value:'w',expires:0}"},
        {"Set", "{key:'new',value:'w',expires:0}"},
        {"Del", "{key:'s'}"},
        {"Clear", "{key:'l'}"},
        {"Range", "{key:'l',start:0,stop:-1}"},
        {"Push", "{key:'l',value:'x'}"},
        {"Push", "{key:'new',value:'x'}"},
        {"ListItemDelete", "{key:'l',value:'item'}"},
        {"SetAdd", "{key:'s',value:'x'}"},
        {"SetAdd", "{key:'new',value:'x'}"},
        {"SetRemove", "{key:'s',value:'a member with a long name 1'}"},
        {"SetUnion", "{keys:['s','s','none']}"},
        {"SetIntersection", "{keys:['s','s']}"},
        {"SetQuery", "{key:'s'}"},
        {"KeyExists", "{key:'s'}"},
    };
    long failures = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (long until = 0;; until++) {
            char before[4096];
            char after[4096];
            char said[4096];
            cp_provider *p = provider_with_data();
            look(p, before, sizeof before);
            memory_requests = 0;
            memory_until_failure = until;
            snprintf(said, sizeof said, "%s", say(p, "A", calls[i][0], calls[i][1]));
            memory_until_failure = -1;
            bool enough = memory_requests <= until;
            look(p, after, sizeof after);
            if (said[0] == '!') {
                failures++;
                if (enough || strncmp(said, "!11 ", 4) != 0 || strcmp(before, after) != 0) {
                    check_failed(__FILE__, __LINE__, "%s %s, request %ld: %s\n  %s\n  %s",
                                 calls[i][0], calls[i][1], until, said, before, after);
                }
                /* It works when there is memory again. */
                CHECK(say(p, "A", calls[i][0], calls[i][1])[0] == '{');
            }
            provider_end(p);
            if (enough) {
                break;
            }
        }
    }
    CHECK(failures > 20);
}

static void links_without_memory(void)
{
    static const char *const names[] = {NULL, "new", "shared"};
    long failures = 0;
    for (size_t i = 0; i < 3; i++) {
        for (long until = 0;; until++) {
            cp_provider *p = provider_new();
            link_actor(p, "A", "shared");
            memory_requests = 0;
            memory_until_failure = until;
            bool bound = strcmp(link_actor(p, "B", names[i]), "(none)") == 0;
            memory_until_failure = -1;
            bool enough = memory_requests <= until;
            CHECK(bound || !enough);
            SAYS(p, "B", "Add", "{key:'n',value:1}", bound ? "{value:1}" : "!4");
            failures += !bound;
            CHECK(strcmp(link_actor(p, "B", names[i]), "(none)") == 0);
            SAYS(p, "B", "Add", "{key:'n',value:1}", bound ? "{value:2}" : "{value:1}");
            provider_end(p);
            if (enough) {
                break;
            }
        }
    }
    CHECK(failures >= 4);
}

static void providers_without_memory(void)
{
    memory_until_failure = 0;
    CHECK(provider_unconfigured() == NULL);
    memory_until_failure = -1;
}

static void tables_that_cannot_grow(void)
{
    char message[64];
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    for (int i = 0; i < 300; i++) {
        snprintf(message, sizeof message, "{key:'k%d',value:%d}", i, i);
        /* Its string and its entry, and nothing for the table. */
        memory_until_failure = i == 0 ? -1 : 2;
        CHECK(say(p, "A", "Add", message)[0] == '{');
        memory_until_failure = -1;
    }
    for (int i = 0; i < 300; i++) {
        snprintf(message, sizeof message, "{key:'k%d',value:0}", i);
        CHECK(say(p, "A", "Add", message)[0] == '{');
    }
    /* It grows when there is memory again. */
    memory_largest = 0;
    for (int i = 0; i < 300; i++) {
        snprintf(message, sizeof message, "{key:'more%d',value:0}", i);
        CHECK(say(p, "A", "Add", message)[0] == '{');
    }
    CHECK(memory_largest >= 256 * sizeof(void *));
    provider_end(p);
}

/* A request decides how much memory is asked for by what it holds, not by what it says it holds. */
static void memory_follows_what_is_there(void)
{
    static const uint8_t bombs[][16] = {
        {0xdf, 0xff, 0xff, 0xff, 0xff},
        {0xdd, 0xff, 0xff, 0xff, 0xff},
        {0x81, 0xa4, 'k', 'e', 'y', 's', 0xdd, 0xff, 0xff, 0xff, 0xff, 0xa1, 's'},
        {0x81, 0xa3, 'k', 'e', 'y', 0xdb, 0xff, 0xff, 0xff, 0xff, 'k'},
    };
    enum { KEYS = 20000, MEMBERS = 100 };
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    memory_largest = 0;
    struct answer answer;
    answer_begin(&answer);
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
        for (uint32_t op = 0; op < host_descriptor()->op_count; op++) {
            const void *address =
                (const char *)host_descriptor()->ops + op * host_descriptor()->op_stride;
            char name[32] = "";
            memcpy(name, ((const cp_op *)address)->name.ptr, ((const cp_op *)address)->name.len);
            CHECK(call_bytes(p, "A", name, bombs[i], 16, &answer) == CP_BAD_REQUEST);
        }
    }
    CHECK(memory_largest == 0);
    for (int i = 0; i < MEMBERS; i++) {
        char message[64];
        snprintf(message, sizeof message, "{key:'s',value:'%d'}", i);
        say(p, "A", "SetAdd", message);
    }
    /* The same set, again and again. */
    uint8_t *payload = malloc(4 + 2 * KEYS);
    if (payload == NULL) {
        abort();
    }
    memcpy(payload, (const uint8_t[]){0x91, 0xdc, KEYS >> 8, KEYS & 0xff}, 4);
    for (int i = 0; i < KEYS; i++) {
        memcpy(payload + 4 + 2 * i, (const uint8_t[]){0xa1, 's'}, 2);
    }
    CHECK(call_bytes(p, "A", "SetUnion", payload, 4 + 2 * KEYS, &answer) == CP_OK);
    CHECK(call_bytes(p, "A", "SetIntersection", payload, 4 + 2 * KEYS, &answer) == CP_OK);
    CHECK(memory_largest <= KEYS * sizeof(void *));
    free(payload);
    answer_end(&answer);
    provider_end(p);
}

const struct test memory_tests[] = {
    {"operations that find no memory change nothing", operations_without_memory},
    {"links that find no memory leave nothing behind", links_without_memory},
    {"no provider is made without memory", providers_without_memory},
    {"a table that cannot grow goes on", tables_that_cannot_grow},
    {"memory follows what is there, not what is announced", memory_follows_what_is_there},
    {0, 0},
};
