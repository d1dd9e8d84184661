/* The descriptor, linking, the end, and what the header says about both sides. */
#include "check.h"
#include "host.h"
#include "notation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is(cp_str string, const char *word)
{
    return string.len == strlen(word) && memcmp(string.ptr, word, string.len) == 0;
}

static void describes_itself(void)
{
    static const char *const names[] = {
        "Get",    "Add",       "Set",      "Del",            "Clear",    "Range",    "Push",
        "ListItemDelete", "SetAdd", "SetRemove", "SetUnion", "SetIntersection", "SetQuery",
        "KeyExists",
    };
    const cp_descriptor *d = host_descriptor();
    CHECK(d == host_descriptor());
    CHECK(d->size == sizeof(cp_descriptor));
    CHECK(d->abi_major == CP_ABI_MAJOR && d->abi_minor == CP_ABI_MINOR);
    CHECK(is(d->contract, "wasmcloud:keyvalue") && is(d->name, "c-keyvalue"));
    CHECK(is(d->version, "0.1.0") && d->vendor.len > 0);
    CHECK(d->build.len > 5 && memcmp(d->build.ptr, "C99, ", 5) == 0);
    CHECK(d->op_count == 14 && d->op_stride >= sizeof(cp_op));
    for (uint32_t i = 0; i < d->op_count; i++) {
        const void *address = (const char *)d->ops + i * d->op_stride;
        const cp_op *op = address;
        CHECK(is(op->name, names[i]));
        CHECK(op->doc.len > 10 && op->direction == CP_ACTOR_TO_PROVIDER);
        CHECK((op->flags & ~CP_OP_IDEMPOTENT) == 0);
        CHECK(((op->flags & CP_OP_IDEMPOTENT) == 0) ==
              (i == 1 || (i >= 6 && i <= 9)));
    }
}

static void configured_once(void)
{
    struct answer reason;
    answer_begin(&reason);
    cp_provider *p = provider_unconfigured();
    cp_host other = *host_itself();
    other.abi_major = 2;
    CHECK(p->table->configure_dispatch(p, &other, &reason.head) == CP_ABI_MISMATCH);
    CHECK(reason.text[0] != '\0');
    CHECK(p->table->configure_dispatch(p, host_itself(), &reason.head) == CP_OK);
    CHECK(p->table->configure_dispatch(p, host_itself(), &reason.head) == CP_ALREADY);
    CHECK(p->table->get_extension(p, "cp.log/1", 8) == NULL);
    SAYS(p, "system", "HealthRequest", "{placeholder:true}", "{healthy:true,message:''}");
    provider_end(p);
    provider_end(provider_unconfigured());
    answer_end(&reason);
}

static void bound_and_removed_many_times(void)
{
    cp_provider *p = provider_new();
    SAYS(p, "A", "Get", "{key:'k'}", "!4 `Get`: actor `A` is not linked");
    CHECK(strcmp(unlink_actor(p, "A"), "(none)") == 0);
    CHECK(strcmp(link_actor(p, "A", NULL), "(none)") == 0);
    SAYS(p, "A", "Set", "{key:'k',value:'v',expires:0}", "{value:'v'}");
    for (int i = 0; i < 10; i++) {
        CHECK(strcmp(link_actor(p, "A", NULL), "(none)") == 0);
    }
    /* Other values change nothing either. */
    CHECK(strcmp(link_actor(p, "A", "elsewhere"), "(none)") == 0);
    SAYS(p, "A", "Get", "{key:'k'}", "{value:'v',exists:true}");
    for (int i = 0; i < 3; i++) {
        CHECK(strcmp(unlink_actor(p, "A"), "(none)") == 0);
    }
    SAYS(p, "A", "Get", "{key:'k'}", "!4 not linked");
    link_actor(p, "A", "elsewhere");
    SAYS(p, "A", "Get", "{key:'k'}", "{value:'',exists:false}");
    provider_end(p);
}

static void values_of_every_sort(void)
{
    static const char *const values[] = {
        "{}",
        "{PORT:'99999'}",
        "{NAMESPACE:''}",
        "{A:'',B:'',C:'',D:'',E:'',F:'',G:'',H:'',I:'',J:'',K:'',L:'',M:'',N:'',O:'',P:'',Q:''}",
        "{NAMESPACE:'\xf0\x9f\x98\x80'}",
        "{NAMESPACE:'first',NAMESPACE:'last'}",
    };
    cp_provider *p = provider_new();
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char message[512];
        snprintf(message, sizeof message, "{module:'A%zu',values:%s}", i, values[i]);
        SAYS(p, "system", "BindActor", message, "(none)");
        snprintf(message, sizeof message, "A%zu", i);
        SAYS(p, message, "Add", "{key:'k',value:1}", "{value:1}");
    }
    link_actor(p, "LAST", "last");
    SAYS(p, "LAST", "Get", "{key:'k'}", "{value:'1',exists:true}");
    provider_end(p);
}

static void only_the_host_links(void)
{
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    static const char *const actors[] = {"A", "NOBODY", "", "System", "systemx"};
    for (size_t i = 0; i < sizeof actors / sizeof *actors; i++) {
        SAYS(p, actors[i], "BindActor", "{module:'B',values:{}}", "!14 `BindActor`");
        SAYS(p, actors[i], "RemoveActor", "{module:'A',values:{}}", "!14 `RemoveActor`");
        SAYS(p, actors[i], "HealthRequest", "{placeholder:true}", "!14 `HealthRequest`");
    }
    SAYS(p, "A", "Get", "{key:'k'}", "{value:'',exists:false}");
    SAYS(p, "B", "Get", "{key:'k'}", "!4");
    SAYS(p, "system", "Get", "{key:'k'}", "!4");
    provider_end(p);
}

static void stopped(void)
{
    struct answer reason;
    answer_begin(&reason);
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    link_actor(p, "B", "shared");
    link_actor(p, "C", "shared");
    say(p, "A", "Push", "{key:'l',value:'a'}");
    say(p, "B", "SetAdd", "{key:'s',value:'a'}");
    CHECK(p->table->stop(p, &reason.head) == CP_OK);
    SAYS(p, "A", "Get", "{key:'k'}", "!9 stopped");
    SAYS(p, "NOBODY", "Get", "{key:'k'}", "!9");
    SAYS(p, "A", "Unknown", "{}", "!9");
    SAYS(p, "A", "BindActor", "{}", "!9");
    SAYS(p, "system", "BindActor", "{module:'A',values:{}}", "!9");
    SAYS(p, "system", "RemoveActor", "{module:'A',values:{}}", "!9");
    SAYS(p, "system", "HealthRequest", "{placeholder:true}", "!9");
    CHECK(p->table->configure_dispatch(p, host_itself(), &reason.head) == CP_STOPPING);
    CHECK(p->table->stop(p, &reason.head) == CP_STOPPING);
    provider_end(p);
    p = provider_unconfigured();
    CHECK(p->table->stop(p, &reason.head) == CP_OK);
    provider_end(p);
    answer_end(&reason);
}

static void two_instances(void)
{
    struct answer reason;
    answer_begin(&reason);
    cp_provider *one = provider_new();
    cp_provider *two = provider_new();
    link_actor(one, "A", "shared");
    link_actor(two, "A", "shared");
    say(one, "A", "Add", "{key:'n',value:1}");
    SAYS(two, "A", "Get", "{key:'n'}", "{value:'',exists:false}");
    CHECK(one->table->stop(one, &reason.head) == CP_OK);
    provider_end(one);
    SAYS(two, "A", "Add", "{key:'n',value:2}", "{value:2}");
    SAYS(two, "system", "HealthRequest", "{placeholder:true}", "{healthy:true,message:''}");
    provider_end(two);
    answer_end(&reason);
}

static void requests_of_other_versions(void)
{
    static const uint8_t get[] = {0x81, 0xa3, 'k', 'e', 'y', 0xa1, 'k'};
    /* A later minor version's request: more behind what is known. */
    struct {
        cp_request request;
        uint64_t more;
    } later;
    struct answer answer;
    answer_begin(&answer);
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    later.more = UINT64_MAX;
    later.request = (cp_request){
        sizeof later, CP_NO_OP_ID, 0, CP_STR("A"), CP_STR("Get"), {get, sizeof get},
    };
    CHECK(call_request(p, &later.request, &answer) == CP_OK);
    /* A wrong position is a hint that does not help. */
    later.request.op_id = 3;
    CHECK(call_request(p, &later.request, &answer) == CP_OK && answer.bytes[0] == 0x82);
    later.request.op_id = 14;
    CHECK(call_request(p, &later.request, &answer) == CP_OK && answer.bytes[0] == 0x82);
    later.request.size = 8;
    CHECK(call_request(p, &later.request, &answer) == CP_ABI_MISMATCH);
    answer_end(&answer);
    provider_end(p);
}

static size_t large_set(cp_provider *p, char *message, size_t room)
{
    memset(message, 'm', room);
    for (int i = 0; i < 40; i++) {
        int head = snprintf(message, room, "{key:'s',value:'%02d", i);
        message[head] = 'm';
        snprintf(message + 3000, room - 3000, "'}");
        say(p, "A", "SetAdd", message);
        memcpy(message, "{key:'l'", 8);
        say(p, "A", "Push", message);
    }
    return 40 * (3000 - 16);
}

static void large_replies_are_given(void)
{
    static const uint8_t query[] = {0x81, 0xa3, 'k', 'e', 'y', 0xa1, 's'};
    static const uint8_t range[] = {0x93, 0xa1, 'l', 0x00, 0xff};
    char message[4096];
    struct answer answer;
    answer_begin(&answer);
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    size_t least = large_set(p, message, sizeof message);
    CHECK(call_bytes(p, "A", "SetQuery", query, sizeof query, &answer) == CP_OK);
    CHECK(answer.given == 1 && answer.len > least);
    CHECK(call_bytes(p, "A", "Range", range, sizeof range, &answer) == CP_OK);
    CHECK(answer.given == 2 && answer.len > least);
    /* A buffer outlives the provider, and what it holds stays as it was. */
    answer.keep = true;
    CHECK(call_bytes(p, "A", "SetQuery", query, sizeof query, &answer) == CP_OK);
    SAYS(p, "A", "Del", "{key:'s'}", "{key:'s'}");
    provider_end(p);
    CHECK(answer.kept.len == answer.len &&
          memcmp(answer.kept.ptr, answer.bytes, answer.len) == 0);
    answer.kept.free(answer.kept.ctx, answer.kept.ptr, answer.kept.len);
    answer_end(&answer);
}

static void sinks_that_refuse(void)
{
    static const uint8_t set[] = {0x93, 0xa1, 'k', 0xa1, 'v', 0x00};
    static const uint8_t push[] = {0x92, 0xa1, 'l', 0xa1, 'v'};
    static const uint8_t key[] = {0x91, 0xa1, 's'};
    char message[4096];
    struct answer answer;
    answer_begin(&answer);
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    large_set(p, message, sizeof message);
    SAYS(p, "A", "Del", "{key:'l'}", "{key:'l'}");
    answer.refuse = true;
    CHECK(call_bytes(p, "A", "Set", set, sizeof set, &answer) == CP_NO_MEMORY);
    CHECK(call_bytes(p, "A", "Push", push, sizeof push, &answer) == CP_NO_MEMORY);
    CHECK(call_bytes(p, "A", "Del", key, sizeof key, &answer) == CP_NO_MEMORY);
    CHECK(call_bytes(p, "A", "SetQuery", key, sizeof key, &answer) == CP_TOO_LARGE);
    CHECK(call_bytes(p, "A", "KeyExists", key, sizeof key, &answer) == CP_TOO_LARGE);
    CHECK(call_bytes(p, "system", "HealthRequest", key, 0, &answer) == CP_TOO_LARGE);
    SAYS(p, "A", "KeyExists", "{key:'k'}", "{value:'',exists:false}");
    SAYS(p, "A", "KeyExists", "{key:'l'}", "{value:'',exists:false}");
    SAYS(p, "A", "KeyExists", "{key:'s'}", "{value:'',exists:true}");
    answer_end(&answer);
    provider_end(p);
}

/* What a sink does while it is called: everything, so that a lock that is held would be found. */
static void call_back(void *with)
{
    cp_provider *p = with;
    SAYS(p, "A", "Add", "{key:'calls',value:0}", "{value:0}");
    link_actor(p, "B", "shared");
    unlink_actor(p, "B");
    SAYS(p, "system", "HealthRequest", "{placeholder:true}", "{healthy:true,message:''}");
}

static void no_lock_is_held(void)
{
    static const struct {
        const char *op;
        const char *message;
    } calls[] = {
        {"Get", "{key:'k'}"},
        {"Get", "{}"},
        {"Get", "{key:'s'}"},
        {"Set", "{key:'k',value:'v',expires:0}"},
        {"Push", "{key:'l',value:'v'}"},
        {"Range", "{key:'l',start:0,stop:-1}"},
        {"SetQuery", "{key:'s'}"},
        {"Unknown", "{}"},
        {"BindActor", "{}"},
    };
    char message[4096];
    uint8_t payload[256];
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    large_set(p, message, sizeof message);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct answer answer;
        answer_begin(&answer);
        answer.during = call_back;
        answer.during_with = p;
        size_t len = notation_encode(calls[i].message, payload, sizeof payload);
        (void)call_bytes(p, "A", calls[i].op, payload, len, &answer);
        answer_end(&answer);
    }
    SAYS(p, "A", "KeyExists", "{key:'calls'}", "{value:'',exists:true}");
    provider_end(p);
}

const struct test lifecycle_tests[] = {
    {"the library describes itself", describes_itself},
    {"a provider is configured once", configured_once},
    {"an actor is linked and unlinked many times", bound_and_removed_many_times},
    {"link values of every sort are fine", values_of_every_sort},
    {"only the host links, unlinks and asks for health", only_the_host_links},
    {"after stop everything answers CP_STOPPING", stopped},
    {"two instances know nothing of each other", two_instances},
    {"a request may be larger and its op_id wrong", requests_of_other_versions},
    {"large replies are given away and outlive the provider", large_replies_are_given},
    {"a sink that refuses leaves everything as it was", sinks_that_refuse},
    {"no lock is held while the sink is called", no_lock_is_held},
    {0, 0},
};
