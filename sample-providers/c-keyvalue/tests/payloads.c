/* Payloads that are not what they should be: an error that names the operation, nothing else. */
#include "check.h"
#include "host.h"
#include "notation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *op;
    const char *message;
} valid[] = {
    {"Get", "{key:'key'}"},
    {"Add", "{key:'key',value:70000}"},
    {"Set", "{key:'key',value:'a value that is longer than thirty-one bytes',expires:70000}"},
    {"Del", "{key:'key'}"},
    {"Clear", "{key:'key'}"},
    {"Range", "{key:'key',start:-2,stop:300}"},
    {"Push", "{key:'key',value:'value'}"},
    {"ListItemDelete", "{key:'key',value:'value'}"},
    {"SetAdd", "{key:'key',value:'value'}"},
    {"SetRemove", "{key:'key',value:'value'}"},
    {"SetUnion", "{keys:['one','two','three']}"},
    {"SetIntersection", "{keys:['one','two','three']}"},
    {"SetQuery", "{key:'key'}"},
    {"KeyExists", "{key:'key'}"},
    {"BindActor", "{module:'MOTHER',values:{NAMESPACE:'shared',OTHER:''}}"},
    {"RemoveActor", "{module:'MOTHER',values:{}}"},
    {"HealthRequest", "{placeholder:true}"},
};
#define VALID (sizeof valid / sizeof *valid)

static const char *actor_of(const char *op)
{
    static const char *const standard[] = {"BindActor", "RemoveActor", "HealthRequest"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(op, standard[i]) == 0) {
            return "system";
        }
    }
    return "A";
}

static void refused(cp_provider *provider, const char *op, const uint8_t *payload, size_t len,
                    const char *part, int line)
{
    struct answer answer;
    answer_begin(&answer);
    cp_status status = call_bytes(provider, actor_of(op), op, payload, len, &answer);
    if (status != CP_BAD_REQUEST || strstr(answer.text, op) == NULL ||
        strstr(answer.text, part) == NULL) {
        check_failed(__FILE__, line, "%s with %zu bytes: status %d `%s`, wanted `%s`", op, len,
                     (int)status, answer.text, part);
    }
    answer_end(&answer);
}

static void hex_refused(cp_provider *provider, const char *op, const char *hex, const char *part,
                        int line)
{
    uint8_t payload[512];
    refused(provider, op, payload, hex_decode(hex, payload, sizeof payload), part, line);
}

static cp_provider *provider_with_a(void)
{
    cp_provider *provider = provider_new();
    link_actor(provider, "A", NULL);
    return provider;
}

static void truncated(void)
{
    cp_provider *p = provider_with_a();
    for (size_t i = 0; i < VALID; i++) {
        uint8_t payload[256];
        size_t len = notation_encode(valid[i].message, payload, sizeof payload);
        bool empty_is_fine = strcmp(valid[i].op, "HealthRequest") == 0;
        for (size_t cut = empty_is_fine ? 1 : 0; cut < len; cut++) {
            refused(p, valid[i].op, payload, cut, cut == 0 ? "is empty" : "ends inside", __LINE__);
        }
    }
    SAYS(p, "A", "KeyExists", "{key:'key'}", "{value:'',exists:false}");
    SAYS(p, "MOTHER", "KeyExists", "{key:'key'}", "!4 MOTHER");
    provider_end(p);
}

static void followed_by_something(void)
{
    cp_provider *p = provider_with_a();
    for (size_t i = 0; i < VALID; i++) {
        uint8_t payload[256];
        size_t len = notation_encode(valid[i].message, payload, sizeof payload - 1);
        payload[len] = 0xc0;
        refused(p, valid[i].op, payload, len + 1, "follow", __LINE__);
    }
    SAYS(p, "A", "KeyExists", "{key:'key'}", "{value:'',exists:false}");
    provider_end(p);
}

static void other_things_than_a_message(void)
{
    static const struct {
        const char *hex;
        const char *part;
    } cases[] = {
        {"c0", "nil"},
        {"c1", "0xc1"},
        {"c3", "boolean"},
        {"05", "integer"},
        {"ca3f800000", "float"},
        {"a3616263", "string"},
        {"c403010203", "bytes"},
        {"d40100", "extension"},
        {"ddffffffff", "ends inside"},
        {"dfffffffff", "ends inside"},
        {"dbffffffff", "ends inside"},
        {"c6ffffffff", "ends inside"},
        {"c9ffffffff", "ends inside"},
        {"81dbffffffff", "ends inside"},
        {"81a178dbffffffff", "ends inside"},
        {"81a178ddffffffff", "ends inside"},
        {"81a178dfffffffff", "ends inside"},
        {"81a178c1", "0xc1"},
        {"81a178a1ff", "UTF-8"},
        {"81a1ffc0", "UTF-8"},
        {"810100", "an integer"},
        {"81c000", "nil"},
    };
    cp_provider *p = provider_with_a();
    for (size_t i = 0; i < VALID; i++) {
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
            hex_refused(p, valid[i].op, cases[k].hex, cases[k].part, __LINE__);
        }
    }
    provider_end(p);
}

static void fields_that_are_wrong(void)
{
    static const struct {
        const char *op;
        const char *hex;
        const char *part;
    } cases[] = {
        {"Get", "80", "`key` is missing"},
        {"Get", "90", "`key` is missing"},
        {"Get", "81a178a16b", "`key` is missing"},
        {"Get", "82a36b6579a16ba36b6579a16b", "`key` is there twice"},
        {"Get", "92a16ba16b", "2 elements"},
        {"Get", "81a36b657901", "`key` is an integer, a string is wanted"},
        {"Get", "81a36b6579c0", "`key` is nil"},
        {"Get", "81a36b6579c4016b", "`key` is bytes"},
        {"Get", "81a36b6579a1ff", "UTF-8"},
        {"Get", "81a36b6579a2c080", "UTF-8"},
        {"Get", "81a36b6579a2c16b", "UTF-8"},
        {"Get", "81a36b6579a3e08080", "UTF-8"},
        {"Get", "81a36b6579a3eda080", "UTF-8"},
        {"Get", "81a36b6579a4f0808080", "UTF-8"},
        {"Get", "81a36b6579a4f4908080", "UTF-8"},
        {"Get", "81a36b6579a4f5808080", "UTF-8"},
        {"Get", "81a36b6579a2e282", "UTF-8"},
        {"Get", "81a36b6579a3e28241", "UTF-8"},
        {"Get", "81a36b6579a180", "UTF-8"},
        {"Add", "81a36b6579a16b", "`value` is missing"},
        {"Add", "91a16b", "`value` is missing"},
        {"Add", "82a36b6579a16ba576616c7565cb3ff0000000000000", "`value` is a float"},
        {"Add", "82a36b6579a16ba576616c7565ca3f800000", "`value` is a float"},
        {"Add", "82a36b6579a16ba576616c7565a131", "`value` is a string"},
        {"Add", "82a36b6579a16ba576616c7565ce80000000", "`value` does not fit"},
        {"Add", "82a36b6579a16ba576616c7565cf7fffffffffffffff", "`value` does not fit"},
        {"Add", "82a36b6579a16ba576616c7565cfffffffffffffffff", "`value` does not fit"},
        {"Add", "82a36b6579a16ba576616c7565d3ffffffff7fffffff", "`value` does not fit"},
        {"Add", "82a36b6579a16ba576616c7565d38000000000000000", "`value` does not fit"},
        {"Set", "82a36b6579a16ba576616c7565a176", "`expires` is missing"},
        {"Range", "83a36b6579a16ba5737461727400a473746f70c2", "`stop` is a boolean"},
        {"SetUnion", "81a46b657973a16b", "`keys` is a string, an array of strings"},
        {"SetUnion", "81a46b65797391c0", "`keys` holds nil, an array of strings"},
        {"SetUnion", "81a46b65797391a1ff", "UTF-8"},
        {"SetUnion", "81a46b657973ddffffffff", "ends inside"},
        {"BindActor", "81a66d6f64756c65a141", "`values` is missing"},
        {"BindActor", "82a66d6f64756c6501a676616c75657380", "`module` is an integer"},
        {"BindActor", "82a66d6f64756c65a141a676616c75657390", "`values` is an array, a map"},
        {"BindActor", "82a66d6f64756c65a141a676616c75657381a16101", "`values` holds an integer"},
        {"BindActor", "82a66d6f64756c65a141a676616c7565738101a161", "`values` holds an integer"},
        {"HealthRequest", "81ab706c616365686f6c64657201", "`placeholder` is an integer"},
        {"HealthRequest", "82ab706c616365686f6c646572c3ab706c616365686f6c646572c3", "twice"},
        {"HealthRequest", "92c3c3", "2 elements"},
    };
    cp_provider *p = provider_with_a();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hex_refused(p, cases[i].op, cases[i].hex, cases[i].part, __LINE__);
    }
    provider_end(p);
}

/* {x: [[[...nil...]]], key: 'k'} with so many arrays. */
static size_t nested(uint8_t *payload, size_t arrays, uint8_t opening)
{
    static const uint8_t head[] = {0x82, 0xa1, 'x'};
    static const uint8_t tail[] = {0xc0, 0xa3, 'k', 'e', 'y', 0xa1, 'k'};
    memcpy(payload, head, sizeof head);
    memset(payload + sizeof head, opening, arrays);
    memcpy(payload + sizeof head + arrays, tail, sizeof tail);
    return sizeof head + arrays + sizeof tail;
}

static void depth(void)
{
    enum { DEEP = 1000000 };
    uint8_t *payload = malloc(DEEP + 64);
    cp_provider *p = provider_with_a();
    struct answer answer;
    answer_begin(&answer);
    if (payload == NULL) {
        abort();
    }
    /* The message itself is one. */
    CHECK(call_bytes(p, "A", "Get", payload, nested(payload, 63, 0x91), &answer) == CP_OK);
    refused(p, "Get", payload, nested(payload, 64, 0x91), "deeper than 64", __LINE__);
    refused(p, "Get", payload, nested(payload, DEEP, 0x91), "deeper than 64", __LINE__);
    memset(payload, 0x91, DEEP);
    refused(p, "Get", payload, DEEP, "`key` is an array", __LINE__);
    memset(payload, 0x81, DEEP);
    refused(p, "Get", payload, DEEP, "a map", __LINE__);
    answer_end(&answer);
    provider_end(p);
    free(payload);
}

static uint32_t random_state = 1;

static uint32_t random_number(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(random_state >> 8) * below >> 24);
}

static void mutated(void)
{
    cp_provider *p = provider_with_a();
    for (int round = 0; round < 60000; round++) {
        uint8_t payload[512];
        size_t which = random_number(VALID);
        size_t len = notation_encode(valid[which].message, payload, 256);
        for (uint32_t n = 1 + random_number(4); n > 0; n--) {
            static const uint8_t markers[] = {0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4,
                                              0xc6, 0xc9, 0xcb, 0xcf, 0xd3, 0xd8, 0xd9, 0xdb, 0xdc,
                                              0xdd, 0xde, 0xdf, 0xff, 0x7f, 0x00};
            size_t at = random_number((uint32_t)len);
            switch (random_number(4)) {
            case 0:
                payload[at] = (uint8_t)random_number(256);
                break;
            case 1:
                payload[at] = markers[random_number(sizeof markers)];
                break;
            case 2: /* a piece twice */
                if (len < 256) {
                    memmove(payload + at + 1, payload + at, len - at);
                    len++;
                }
                break;
            default:
                len = at == 0 ? len : at;
                break;
            }
        }
        struct answer answer;
        answer_begin(&answer);
        cp_status status =
            call_bytes(p, actor_of(valid[which].op), valid[which].op, payload, len, &answer);
        if (status != CP_OK && status != CP_BAD_REQUEST && status != CP_FAILED) {
            check_failed(__FILE__, __LINE__, "%s: status %d %s", valid[which].op, (int)status,
                         answer.text);
        }
        answer_end(&answer);
    }
    provider_end(p);
}

static void names_of_operations(void)
{
    char huge[10241];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    /* Cut in the middle, this would not be UTF-8: the name begins one byte early. */
    char wide[301] = "x";
    for (size_t i = 1; i + 3 < sizeof wide; i += 3) {
        memcpy(wide + i, "\xe2\x82\xac", 4);
    }
    static const char *const actors[] = {"A", "", "NOBODY"};
    const char *const names[] = {"DoesNotExist", "Getx", "get", "Ge", "", "\n", huge, wide,
                                 "bindActor"};
    cp_provider *p = provider_with_a();
    for (size_t a = 0; a < 3; a++) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            struct answer answer;
            answer_begin(&answer);
            cp_status status =
                call_bytes(p, actors[a], names[i], (const uint8_t *)"\x80", 1, &answer);
            CHECK(status == CP_UNKNOWN_OPERATION && answer.text[0] == '`');
            CHECK(strlen(answer.text) < 512);
            if (strlen(names[i]) < 64 && names[i][0] != '\n') {
                CHECK(strstr(answer.text, names[i]) != NULL);
            }
            if (names[i] == wide) {
                CHECK(strstr(answer.text, "\xac...`") != NULL);
            }
            answer_end(&answer);
        }
    }
    provider_end(p);
}

const struct test payload_tests[] = {
    {"a request that is cut off at any byte is refused", truncated},
    {"a request that something follows is refused", followed_by_something},
    {"what is no message is refused", other_things_than_a_message},
    {"fields that are missing, doubled or wrong are refused", fields_that_are_wrong},
    {"nesting is bounded at 64", depth},
    {"mutated requests are answered or refused", mutated},
    {"an unknown operation is named", names_of_operations},
    {0, 0},
};
