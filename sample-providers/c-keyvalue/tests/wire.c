/* What travels, to the byte: the crates of 2021 wrote the requests and read the replies. */
#include "check.h"
#include "host.h"
#include "notation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void exchange(cp_provider *provider, const char *actor, const char *op, const char *request,
                     const char *reply)
{
    uint8_t sent[256];
    uint8_t wanted[256];
    struct answer answer;
    answer_begin(&answer);
    size_t sent_len = hex_decode(request, sent, sizeof sent);
    size_t wanted_len = hex_decode(reply, wanted, sizeof wanted);
    cp_status status = call_bytes(provider, actor, op, sent, sent_len, &answer);
    if (status != CP_OK || answer.len != wanted_len ||
        (wanted_len > 0 && memcmp(answer.bytes, wanted, wanted_len) != 0)) {
        char said[512];
        notation_decode(answer.bytes, answer.len, said, sizeof said);
        check_failed(__FILE__, __LINE__, "%s %s: status %d %s, reply %s", op, request, (int)status,
                     answer.text, said);
    }
    answer_end(&answer);
}

static void golden_standard_operations(void)
{
    static const char *const empty = "82a66d6f64756c65a64d4143544f52a676616c75657380";
    static const char *const port =
        "82a66d6f64756c65d9384d42344f4c4449433354435a3451345447474f56415a43343356584645324a5156524158"
        "514d514658554352454f4f46454b4f4b5a545932a676616c75657381a4504f5254a438303830";
    static const char *const healthy = "82a76865616c746879c3a76d657373616765a0";
    cp_provider *p = provider_new();
    exchange(p, "system", "BindActor", empty, "");
    exchange(p, "system", "BindActor", port, "");
    exchange(p, "MACTOR", "KeyExists", "81a36b6579a16b", "82a576616c7565a0a6657869737473c2");
    exchange(p, "MB4OLDIC3TCZ4Q4TGGOVAZC43VXFE2JQVRAXQMQFXUCREOOFEKOKZTY2", "Get",
             "81a36b6579a16b", "82a576616c7565a0a6657869737473c2");
    exchange(p, "system", "HealthRequest", "81ab706c616365686f6c646572c3", healthy);
    exchange(p, "system", "HealthRequest", "81ab706c616365686f6c646572c2", healthy);
    exchange(p, "system", "HealthRequest", "", healthy);
    exchange(p, "system", "RemoveActor", port, "");
    exchange(p, "system", "RemoveActor", empty, "");
    provider_end(p);
}

static void golden_operations(void)
{
    static const char *const del = "81a36b6579a16b";
    cp_provider *p = provider_new();
    link_actor(p, "MACTOR", NULL);
    exchange(p, "MACTOR", "Add", "82a36b6579a7636f756e746572a576616c75657b", "81a576616c75657b");
    exchange(p, "MACTOR", "Add", "82a36b6579a7636f756e746572a576616c756505", "81a576616c7565cc80");
    exchange(p, "MACTOR", "Add", "82a36b6579a7636f756e746572a576616c7565ff", "81a576616c75657f");
    exchange(p, "MACTOR", "Del", "81a36b6579a7636f756e746572", "81a36b6579a7636f756e746572");
    exchange(p, "MACTOR", "Add", "82a36b6579a7636f756e746572a576616c7565ce7fffffff",
             "81a576616c7565ce7fffffff");
    exchange(p, "MACTOR", "Set", "83a36b6579a16ba576616c7565a176a76578706972657300",
             "81a576616c7565a176");
    exchange(p, "MACTOR", "Get", "81a36b6579a16b", "82a576616c7565a176a6657869737473c3");
    exchange(p, "MACTOR", "Set", "83a36b6579a16ba576616c7565a668c3a96c6c6fa76578706972657300",
             "81a576616c7565a668c3a96c6c6f");
    exchange(p, "MACTOR", "KeyExists", "81a36b6579a16b", "82a576616c7565a0a6657869737473c3");
    exchange(p, "MACTOR", "Del", del, del);
    exchange(p, "MACTOR", "KeyExists", "81a36b6579a16b", "82a576616c7565a0a6657869737473c2");
    exchange(p, "MACTOR", "Push", "82a36b6579a16ca576616c7565a162", "81a86e6577436f756e7401");
    exchange(p, "MACTOR", "Push", "82a36b6579a16ca576616c7565a161", "81a86e6577436f756e7402");
    exchange(p, "MACTOR", "Range", "83a36b6579a16ca5737461727400a473746f7001",
             "81a676616c75657392a161a162");
    exchange(p, "MACTOR", "ListItemDelete", "82a36b6579a16ca576616c7565a161",
             "81a86e6577436f756e7401");
    exchange(p, "MACTOR", "Clear", "81a36b6579a16c", "81a36b6579a16c");
    exchange(p, "MACTOR", "SetAdd", "82a36b6579a173a576616c7565a161", "81a96e65775f636f756e7401");
    exchange(p, "MACTOR", "SetQuery", "81a36b6579a173", "81a676616c75657391a161");
    exchange(p, "MACTOR", "SetUnion", "81a46b65797392a27331a27332", "81a676616c75657390");
    exchange(p, "MACTOR", "SetIntersection", "81a46b65797392a27331a27332", "81a676616c75657390");
    exchange(p, "MACTOR", "SetRemove", "82a36b6579a173a576616c7565a161",
             "81a96e65775f636f756e7401");
    provider_end(p);
}

static void integers_take_their_shortest_form(void)
{
    static const struct {
        const char *number;
        const char *reply;
    } cases[] = {
        {"0", "00"},           {"127", "7f"},           {"128", "cc80"},
        {"255", "ccff"},       {"256", "cd0100"},       {"65535", "cdffff"},
        {"65536", "ce00010000"}, {"2147483647", "ce7fffffff"},
        {"-1", "ff"},          {"-32", "e0"},           {"-33", "d0df"},
        {"-128", "d080"},      {"-129", "d1ff7f"},      {"-32768", "d18000"},
        {"-32769", "d2ffff7fff"}, {"-2147483648", "d280000000"},
    };
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[64];
        char reply[64];
        uint8_t bytes[64];
        char hex[129];
        snprintf(message, sizeof message, "{key:'%zu',value:%s}", i, cases[i].number);
        snprintf(reply, sizeof reply, "81a576616c7565%s", cases[i].reply);
        size_t len = notation_encode(message, bytes, sizeof bytes);
        for (size_t k = 0; k < len; k++) {
            snprintf(hex + 2 * k, 3, "%02x", bytes[k]);
        }
        exchange(p, "A", "Add", hex, reply);
    }
    provider_end(p);
}

static void every_form_of_a_request_is_read(void)
{
    static const char *const reply = "81a576616c756505";
    static const char *const forms[] = {
        "82a576616c756505a36b6579a163",                                     /* another order */
        "92a16305",                                                         /* an array */
        "dc0002a16305", "dd00000002da00016305",                             /* longer arrays */
        "de0002a36b6579a163a576616c756505",                                 /* a longer map */
        "df00000002d9036b6579db0000000163da000576616c756505",               /* longer strings */
        "82a36b6579a163a576616c7565cc05", "82a36b6579a163a576616c7565cd0005", /* wider integers */
        "82a36b6579a163a576616c7565ce00000005",
        "82a36b6579a163a576616c7565cf0000000000000005",
        "82a36b6579a163a576616c7565d005", "82a36b6579a163a576616c7565d10005",
        "82a36b6579a163a576616c7565d200000005",
        "82a36b6579a163a576616c7565d30000000000000005",
        /* fields that nobody knows, of every kind, in front and behind, twice */
        "84a178c0a36b6579a163a178cb7ff8000000000000a576616c756505",
        "83a36b6579a163a576616c756505a178c403000102",
        "83a36b6579a163a576616c756505a178c70305000102",
        "83a36b6579a163a576616c756505a178d4ff00",
        "83a36b6579a163a576616c756505a178d8ff000102030405060708090a0b0c0d0e0f",
        "83a178828081c2c39291c091ca00000000c0a36b6579a163a576616c756505",
        "83a0a0a36b6579a163a576616c756505",
    };
    cp_provider *p = provider_new();
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        link_actor(p, "A", NULL);
        exchange(p, "A", "Add", forms[i], reply);
        unlink_actor(p, "A");
    }
    exchange(p, "system", "HealthRequest", "80", "82a76865616c746879c3a76d657373616765a0");
    exchange(p, "system", "HealthRequest", "90", "82a76865616c746879c3a76d657373616765a0");
    exchange(p, "system", "HealthRequest", "91c3", "82a76865616c746879c3a76d657373616765a0");
    exchange(p, "system", "HealthRequest", "81a178c0", "82a76865616c746879c3a76d657373616765a0");
    exchange(p, "system", "BindActor", "92a14180", "");
    exchange(p, "A", "Add", "92a16305", reply);
    provider_end(p);
}

static void strings_of_every_length_come_back(void)
{
    static const size_t lengths[] = {0, 1, 31, 32, 255, 256, 65535, 65536, 70000};
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t len = lengths[i];
        char *notation = malloc(len + 64);
        uint8_t *bytes = malloc(len + 64);
        uint8_t *wanted = malloc(len + 64);
        if (notation == NULL || bytes == NULL || wanted == NULL) {
            abort();
        }
        char *value = malloc(len + 1);
        if (value == NULL) {
            abort();
        }
        memset(value, 'x', len);
        value[len] = '\0';
        struct answer answer;
        answer_begin(&answer);
        snprintf(notation, len + 64, "{key:'k',value:'%s',expires:0}", value);
        size_t sent = notation_encode(notation, bytes, len + 64);
        CHECK(call_bytes(p, "A", "Set", bytes, sent, &answer) == CP_OK);
        snprintf(notation, len + 64, "{value:'%s'}", value);
        size_t expected = notation_encode(notation, wanted, len + 64);
        CHECK(answer.len == expected && memcmp(answer.bytes, wanted, expected) == 0);
        CHECK(answer.given == 0);
        sent = notation_encode("{key:'k'}", bytes, len + 64);
        CHECK(call_bytes(p, "A", "Get", bytes, sent, &answer) == CP_OK);
        snprintf(notation, len + 64, "{value:'%s',exists:true}", value);
        expected = notation_encode(notation, wanted, len + 64);
        CHECK(answer.len == expected && memcmp(answer.bytes, wanted, expected) == 0);
        CHECK(answer.given == (expected >= 65536));
        answer_end(&answer);
        free(value);
        free(wanted);
        free(bytes);
        free(notation);
    }
    provider_end(p);
}

static void arrays_of_every_length_come_back(void)
{
    static const struct {
        uint8_t index[5]; /* of the last item, as it is sent */
        size_t index_len;
        uint8_t head[5];
        size_t head_len;
        size_t items;
    } cases[] = {
        {{0x0e}, 1, {0x9f}, 1, 15},
        {{0x0f}, 1, {0xdc, 0, 16}, 3, 16},
        {{0x10}, 1, {0xdc, 0, 17}, 3, 17},
        {{0xcd, 0xff, 0xfe}, 3, {0xdc, 0xff, 0xff}, 3, 65535},
        {{0xcd, 0xff, 0xff}, 3, {0xdd, 0, 1, 0, 0}, 5, 65536},
    };
    static const uint8_t push[] = {0x92, 0xa1, 'l', 0xa1, 'x'};
    cp_provider *p = provider_new();
    link_actor(p, "A", NULL);
    struct answer answer;
    answer_begin(&answer);
    for (int i = 0; i < 65536; i++) {
        CHECK(call_bytes(p, "A", "Push", push, sizeof push, &answer) == CP_OK);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t range[16] = {0x93, 0xa1, 'l', 0x00};
        memcpy(range + 4, cases[i].index, cases[i].index_len);
        CHECK(call_bytes(p, "A", "Range", range, 4 + cases[i].index_len, &answer) == CP_OK);
        CHECK(answer.len == 8 + cases[i].head_len + 2 * cases[i].items);
        CHECK(memcmp(answer.bytes + 8, cases[i].head, cases[i].head_len) == 0);
    }
    answer_end(&answer);
    provider_end(p);
}

const struct test wire_tests[] = {
    {"the standard operations' golden vectors", golden_standard_operations},
    {"the operations' golden vectors", golden_operations},
    {"integers take their shortest form", integers_take_their_shortest_form},
    {"every form of a request that readers accept is read", every_form_of_a_request_is_read},
    {"strings of every length come back", strings_of_every_length_come_back},
    {"arrays of every length come back", arrays_of_every_length_come_back},
    {0, 0},
};
