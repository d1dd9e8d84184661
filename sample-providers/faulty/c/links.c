/* The provider of small.c, which says that its links have values, and does not keep to it. The numbers are
 * above those of small.c, which behaves well for them. */
#include "capability_provider.h"

#define TAKES_ANY_LINK 200
#define NAMES_NO_KEY 201

static int is_wrong(cp_bytes configuration);

/* Whoever includes small.c can do something when an actor is linked. */
#define AT_BIND                                                       \
    if (is_wrong(request->msg))                                       \
        return say(reply, CP_BAD_REQUEST, "something is wrong here");

#if DEFECT == NAMES_NO_KEY
#define VALUES "{\"key\":\"PORT\",\"type\":\"a whole number from 0 to 65535\"}"
#else
#define VALUES "{\"key\":\"ADDRESS\",\"required\":true}"
#endif

static const char description[] =
    "{\"schema_version\":1,\"contract\":\"example:small\",\"operations\":[],\"link\":[" VALUES "]}";

static cp_status describe_json(cp_sink *reply) {
    return reply->table->write(reply, (const uint8_t *)description, sizeof description - 1);
}
#define AT_DESCRIBE descriptor.describe_json = describe_json

#include "small.c"

/* Whether there is a port that is no number. What small.c calls this with is a configuration. */
static int is_wrong(cp_bytes msg) {
    size_t fields, values;
    cp_str key, text;
    if (DEFECT != NAMES_NO_KEY)
        return 0;
    if (!take_map(&msg, &fields) || !take_string(&msg, &key) || !take_string(&msg, &key) ||
        !take_string(&msg, &key) || !take_map(&msg, &values))
        return 0;
    for (; values > 0 && take_string(&msg, &key) && take_string(&msg, &text); values--)
        if (is(key, "PORT") && (text.len == 0 || text.ptr[0] < '0' || text.ptr[0] > '9'))
            return 1;
    return 0;
}
