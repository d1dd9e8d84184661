/* The provider of small.c that says what it does: the extension cp.log/1. It asks for the level before each
 * record. With DEFECT it breaks one rule of it; the numbers are above those of async.c. */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define SAYS_NO_RECORD 120
#define ASKS_FOR_THE_LEVEL_ONCE 121
#define SAYS_ABOVE_THE_LEVEL 122
#define NAMES_ANOTHER_ACTOR 123
#define SAYS_SOMETHING_AFTER_STOP 124

/* When the last word comes that is too late. */
#define LATE_US 100000

#include "capability_provider.h"

static void tell(const cp_host *host, uint32_t level, cp_str message, cp_str actor, cp_str op);
static void tell_link(const cp_host *host, const char *message, cp_bytes configuration, cp_str op);
static void end(const cp_host *host);

#define AT_BIND tell_link(small->host, "linked", request->msg, request->op)
#define AT_REMOVE tell_link(small->host, "removed", request->msg, request->op)
#define AT_STOP end(small->host)
#define FLAGS 0u

#include "small.c"

static void tell(const cp_host *host, uint32_t level, cp_str message, cp_str actor, cp_str op) {
    static uint32_t asked = UINT32_MAX;
    const cp_host_log *log =
        host == NULL ? NULL : host->get_extension(host, CP_LOG, sizeof CP_LOG - 1);
    if (log == NULL)
        return;
    uint32_t wanted = log->max_level(host);
    if (DEFECT == ASKS_FOR_THE_LEVEL_ONCE)
        wanted = asked = asked == UINT32_MAX ? wanted : asked;
    if (DEFECT == SAYS_ABOVE_THE_LEVEL)
        wanted = CP_LOG_TRACE;
    if (level > wanted)
        return;
    const cp_log_record record = {
        .size = sizeof record,
        .level = DEFECT == SAYS_NO_RECORD ? 40 : level,
        .target = CP_STR("small"),
        .message = message,
        .actor = actor,
        .op = op,
    };
    log->write(host, &record);
}

static void tell_link(const cp_host *host, const char *message, cp_bytes configuration, cp_str op) {
    static char first[64];
    size_t fields;
    cp_str name, actor;
    if (!take_map(&configuration, &fields) || !take_string(&configuration, &name) ||
        !take_string(&configuration, &actor))
        return;
    if (DEFECT == NAMES_ANOTHER_ACTOR && first[0] == 0 && actor.len < sizeof first)
        memcpy(first, actor.ptr, actor.len);
    if (DEFECT == NAMES_ANOTHER_ACTOR)
        actor = (cp_str){first, strlen(first)};
    tell(host, CP_LOG_WARN, (cp_str){message, strlen(message)}, actor, op);
    tell(host, CP_LOG_DEBUG, (cp_str)CP_STR("in detail"), actor, op);
}

static void *late(void *host) {
    static const cp_str nobody;
    usleep(LATE_US);
    tell(host, CP_LOG_INFO, (cp_str)CP_STR("one more thing"), nobody, nobody);
    return NULL;
}

static void end(const cp_host *host) {
    static const cp_str nobody;
    pthread_t thread;
    tell(host, CP_LOG_INFO, (cp_str)CP_STR("stopped"), nobody, nobody);
    if (DEFECT == SAYS_SOMETHING_AFTER_STOP && host != NULL &&
        pthread_create(&thread, NULL, late, (void *)host) == 0)
        pthread_detach(thread);
}
