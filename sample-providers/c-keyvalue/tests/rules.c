/* The contract's pinned meaning, one rule a test. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"
#include "host.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define A "MALICE"
#define B "MBOB"

static cp_provider *p;

static void begin(void)
{
    p = provider_new();
    link_actor(p, A, NULL);
}

static void end(void)
{
    provider_end(p);
}

static void a_missing_key_is_empty(void)
{
    begin();
    SAYS(p, A, "Get", "{key:'k'}", "{value:'',exists:false}");
    SAYS(p, A, "KeyExists", "{key:'k'}", "{value:'',exists:false}");
    SAYS(p, A, "Del", "{key:'k'}", "{key:'k'}");
    SAYS(p, A, "Clear", "{key:'k'}", "{key:'k'}");
    SAYS(p, A, "Range", "{key:'k',start:0,stop:-1}", "{values:[]}");
    SAYS(p, A, "ListItemDelete", "{key:'k',value:'a'}", "{newCount:0}");
    SAYS(p, A, "SetRemove", "{key:'k',value:'a'}", "{new_count:0}");
    SAYS(p, A, "SetQuery", "{key:'k'}", "{values:[]}");
    SAYS(p, A, "SetUnion", "{keys:['k','l']}", "{values:[]}");
    SAYS(p, A, "SetUnion", "{keys:[]}", "{values:[]}");
    SAYS(p, A, "SetIntersection", "{keys:['k']}", "{values:[]}");
    SAYS(p, A, "SetIntersection", "{keys:[]}", "{values:[]}");
    SAYS(p, A, "KeyExists", "{key:'k'}", "{value:'',exists:false}");
    end();
}

static void set_overwrites_a_key_of_any_type(void)
{
    begin();
    SAYS(p, A, "Push", "{key:'k',value:'a'}", "{newCount:1}");
    SAYS(p, A, "Set", "{key:'k',value:'v',expires:0}", "{value:'v'}");
    SAYS(p, A, "Get", "{key:'k'}", "{value:'v',exists:true}");
    SAYS(p, A, "SetAdd", "{key:'s',value:'a'}", "{new_count:1}");
    SAYS(p, A, "Set", "{key:'s',value:'',expires:0}", "{value:''}");
    SAYS(p, A, "Get", "{key:'s'}", "{value:'',exists:true}");
    SAYS(p, A, "Set", "{key:'s',value:'w',expires:0}", "{value:'w'}");
    SAYS(p, A, "Get", "{key:'s'}", "{value:'w',exists:true}");
    end();
}

static void add_counts_from_0(void)
{
    begin();
    SAYS(p, A, "Add", "{key:'n',value:5}", "{value:5}");
    SAYS(p, A, "Add", "{key:'n',value:-8}", "{value:-3}");
    SAYS(p, A, "Get", "{key:'n'}", "{value:'-3',exists:true}");
    SAYS(p, A, "Set", "{key:'n',value:'+0041',expires:0}", "{value:'+0041'}");
    SAYS(p, A, "Add", "{key:'n',value:1}", "{value:42}");
    SAYS(p, A, "Get", "{key:'n'}", "{value:'42',exists:true}");
    SAYS(p, A, "Add", "{key:'z',value:0}", "{value:0}");
    SAYS(p, A, "Get", "{key:'z'}", "{value:'0',exists:true}");
    end();
}

static void add_refuses_an_overflow_and_changes_nothing(void)
{
    begin();
    SAYS(p, A, "Add", "{key:'n',value:2147483647}", "{value:2147483647}");
    SAYS(p, A, "Add", "{key:'n',value:1}", "!1 `n`");
    SAYS(p, A, "Get", "{key:'n'}", "{value:'2147483647',exists:true}");
    SAYS(p, A, "Add", "{key:'m',value:-2147483648}", "{value:-2147483648}");
    SAYS(p, A, "Add", "{key:'m',value:-1}", "!1 32 bits");
    SAYS(p, A, "Get", "{key:'m'}", "{value:'-2147483648',exists:true}");
    SAYS(p, A, "Add", "{key:'m',value:2147483647}", "{value:-1}");
    end();
}

static void add_refuses_what_is_no_integer_and_changes_nothing(void)
{
    static const char *const values[] = {"",   "x",   "1x",         "-",           "+",  " 1", "1 ",
                                         "--1", "1.0", "2147483648", "-2147483649", "0x1",
                                         "99999999999999999999999999"};
    begin();
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char message[128];
        char held[128];
        snprintf(message, sizeof message, "{key:'n',value:'%s',expires:0}", values[i]);
        snprintf(held, sizeof held, "{value:'%s',exists:true}", values[i]);
        say(p, A, "Set", message);
        SAYS(p, A, "Add", "{key:'n',value:0}", "!1 not an integer");
        SAYS(p, A, "Get", "{key:'n'}", held);
    }
    end();
}

static void an_expired_key_is_gone_for_every_operation(void)
{
    static const char *const keys[] = {"get", "exists", "add", "push", "sadd", "clear",
                                       "range", "del", "query", "union", "lid", "srem"};
    begin();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char message[128];
        snprintf(message, sizeof message, "{key:'%s',value:'7',expires:1}", keys[i]);
        say(p, A, "Set", message);
    }
    SAYS(p, A, "Set", "{key:'kept',value:'7',expires:1}", "{value:'7'}");
    SAYS(p, A, "Add", "{key:'kept',value:1}", "{value:8}");
    SAYS(p, A, "Set", "{key:'later',value:'7',expires:1}", "{value:'7'}");
    SAYS(p, A, "Set", "{key:'later',value:'8',expires:2147483647}", "{value:'8'}");
    SAYS(p, A, "Set", "{key:'never',value:'7',expires:1}", "{value:'7'}");
    SAYS(p, A, "Set", "{key:'never',value:'8',expires:0}", "{value:'8'}");
    SAYS(p, A, "Set", "{key:'minus',value:'8',expires:-1}", "{value:'8'}");
    SAYS(p, A, "Get", "{key:'get'}", "{value:'7',exists:true}");
    SAYS(p, A, "Get", "{key:'kept'}", "{value:'8',exists:true}");
    struct timespec time = {1, 50 * 1000 * 1000};
    nanosleep(&time, NULL);
    SAYS(p, A, "Get", "{key:'get'}", "{value:'',exists:false}");
    SAYS(p, A, "KeyExists", "{key:'exists'}", "{value:'',exists:false}");
    SAYS(p, A, "Add", "{key:'add',value:1}", "{value:1}");
    SAYS(p, A, "Push", "{key:'push',value:'a'}", "{newCount:1}");
    SAYS(p, A, "SetAdd", "{key:'sadd',value:'a'}", "{new_count:1}");
    SAYS(p, A, "Clear", "{key:'clear'}", "{key:'clear'}");
    SAYS(p, A, "Range", "{key:'range',start:0,stop:9}", "{values:[]}");
    SAYS(p, A, "Del", "{key:'del'}", "{key:'del'}");
    SAYS(p, A, "SetQuery", "{key:'query'}", "{values:[]}");
    SAYS(p, A, "SetUnion", "{keys:['union','sadd']}", "{values:['a']}");
    SAYS(p, A, "ListItemDelete", "{key:'lid',value:'7'}", "{newCount:0}");
    SAYS(p, A, "SetRemove", "{key:'srem',value:'7'}", "{new_count:0}");
    /* Add keeps the expiry, Set gives a new one. */
    SAYS(p, A, "Get", "{key:'kept'}", "{value:'',exists:false}");
    SAYS(p, A, "Get", "{key:'later'}", "{value:'8',exists:true}");
    SAYS(p, A, "Get", "{key:'never'}", "{value:'8',exists:true}");
    SAYS(p, A, "Get", "{key:'minus'}", "{value:'8',exists:true}");
    /* What came after an expired key does not inherit its expiry. */
    SAYS(p, A, "Add", "{key:'add',value:1}", "{value:2}");
    SAYS(p, A, "KeyExists", "{key:'push'}", "{value:'',exists:true}");
    end();
}

static void push_adds_at_the_head(void)
{
    begin();
    SAYS(p, A, "Push", "{key:'l',value:'c'}", "{newCount:1}");
    SAYS(p, A, "Push", "{key:'l',value:'b'}", "{newCount:2}");
    SAYS(p, A, "Push", "{key:'l',value:'a'}", "{newCount:3}");
    SAYS(p, A, "Range", "{key:'l',start:0,stop:2}", "{values:['a','b','c']}");
    end();
}

static void range_is_inclusive_and_clamped(void)
{
    static const struct {
        int start;
        int stop;
        const char *values;
    } cases[] = {
        {0, 0, "['a']"},
        {0, 2, "['a','b','c']"},
        {1, 1, "['b']"},
        {0, -1, "['a','b','c']"},
        {-1, -1, "['c']"},
        {-2, -1, "['b','c']"},
        {-3, -3, "['a']"},
        {-100, 1, "['a','b']"},
        {1, 100, "['b','c']"},
        {-2147483647 - 1, 2147483647, "['a','b','c']"},
        {2, 1, "[]"},
        {3, 100, "[]"},
        {2147483647, 2147483647, "[]"},
        {0, -4, "[]"},
        {-100, -50, "[]"},
        {0, -2147483647 - 1, "[]"},
    };
    begin();
    say(p, A, "Push", "{key:'l',value:'c'}");
    say(p, A, "Push", "{key:'l',value:'b'}");
    say(p, A, "Push", "{key:'l',value:'a'}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[128];
        char reply[128];
        snprintf(message, sizeof message, "{key:'l',start:%d,stop:%d}", cases[i].start,
                 cases[i].stop);
        snprintf(reply, sizeof reply, "{values:%s}", cases[i].values);
        SAYS(p, A, "Range", message, reply);
    }
    end();
}

static void list_item_delete_removes_every_equal_item(void)
{
    begin();
    static const char *const items[] = {"x", "a", "x", "xx", "x", "b", ""};
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        char message[64];
        snprintf(message, sizeof message, "{key:'l',value:'%s'}", items[i]);
        say(p, A, "Push", message);
    }
    SAYS(p, A, "ListItemDelete", "{key:'l',value:'x'}", "{newCount:3}");
    SAYS(p, A, "ListItemDelete", "{key:'l',value:'x'}", "{newCount:0}");
    SAYS(p, A, "Range", "{key:'l',start:0,stop:-1}", "{values:['','b','xx','a']}");
    end();
}

static void what_becomes_empty_is_missing(void)
{
    begin();
    SAYS(p, A, "Push", "{key:'l',value:'a'}", "{newCount:1}");
    SAYS(p, A, "Push", "{key:'l',value:'a'}", "{newCount:2}");
    SAYS(p, A, "ListItemDelete", "{key:'l',value:'a'}", "{newCount:2}");
    SAYS(p, A, "KeyExists", "{key:'l'}", "{value:'',exists:false}");
    SAYS(p, A, "SetAdd", "{key:'l',value:'a'}", "{new_count:1}");
    SAYS(p, A, "SetRemove", "{key:'l',value:'a'}", "{new_count:1}");
    SAYS(p, A, "KeyExists", "{key:'l'}", "{value:'',exists:false}");
    SAYS(p, A, "Push", "{key:'l',value:'b'}", "{newCount:1}");
    SAYS(p, A, "Clear", "{key:'l'}", "{key:'l'}");
    SAYS(p, A, "KeyExists", "{key:'l'}", "{value:'',exists:false}");
    SAYS(p, A, "Add", "{key:'l',value:1}", "{value:1}");
    end();
}

static void set_counts_say_what_changed(void)
{
    begin();
    SAYS(p, A, "SetAdd", "{key:'s',value:'a'}", "{new_count:1}");
    SAYS(p, A, "SetAdd", "{key:'s',value:'a'}", "{new_count:0}");
    SAYS(p, A, "SetAdd", "{key:'s',value:'b'}", "{new_count:1}");
    SAYS(p, A, "SetRemove", "{key:'s',value:'c'}", "{new_count:0}");
    SAYS(p, A, "SetRemove", "{key:'s',value:'a'}", "{new_count:1}");
    SAYS(p, A, "SetRemove", "{key:'s',value:'a'}", "{new_count:0}");
    SAYS(p, A, "SetQuery", "{key:'s'}", "{values:['b']}");
    end();
}

static void set_replies_are_sorted_by_bytes(void)
{
    static const char *const members[] = {"b", "ab", "\xc3\xa9", "a",
                                          "Z", "",   "aa",       "\xf0\x9f\x98\x80"};
    begin();
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        char message[64];
        snprintf(message, sizeof message, "{key:'s%zu',value:'%s'}", i % 2, members[i]);
        say(p, A, "SetAdd", message);
    }
    say(p, A, "SetAdd", "{key:'s0',value:'a'}");
    SAYS(p, A, "SetQuery", "{key:'s1'}", "{values:['','a','ab','\xf0\x9f\x98\x80']}");
    SAYS(p, A, "SetUnion", "{keys:['s1','s0']}",
         "{values:['','Z','a','aa','ab','b','\xc3\xa9','\xf0\x9f\x98\x80']}");
    SAYS(p, A, "SetUnion", "{keys:['s1','none','s1','s1']}",
         "{values:['','a','ab','\xf0\x9f\x98\x80']}");
    SAYS(p, A, "SetIntersection", "{keys:['s0','s1']}", "{values:['a']}");
    SAYS(p, A, "SetIntersection", "{keys:['s1','s1']}",
         "{values:['','a','ab','\xf0\x9f\x98\x80']}");
    SAYS(p, A, "SetIntersection", "{keys:['s0','none','s1']}", "{values:[]}");
    end();
}

/* 'a', 'ab', 'b', ...: all words of up to three letters out of four, added in a mixed order. */
static void many_members_are_sorted(void)
{
    enum { WORDS = 4 + 16 + 64 };
    char words[WORDS][4];
    char reply[WORDS * 6 + 32] = "{values:[";
    int count = 0;
    for (int n = 0; n < 4 * 5 * 5; n++) {
        int letters[] = {n / 25, n / 5 % 5, n % 5}; /* a 0 behind the first is no letter */
        if (letters[1] == 0 && letters[2] != 0) {
            continue;
        }
        char *word = words[count++];
        *word++ = (char)('a' + letters[0]);
        for (int i = 1; i < 3 && letters[i] > 0; i++) {
            *word++ = (char)('a' + letters[i] - 1);
        }
        *word = '\0';
        snprintf(reply + strlen(reply), 8, "%s'%s'", count > 1 ? "," : "", words[count - 1]);
    }
    CHECK(count == WORDS);
    strcat(reply, "]}");
    begin();
    for (int i = 0; i < WORDS; i++) {
        char message[64];
        snprintf(message, sizeof message, "{key:'s',value:'%s'}", words[i * 25 % WORDS]);
        SAYS(p, A, "SetAdd", message, "{new_count:1}");
    }
    SAYS(p, A, "SetQuery", "{key:'s'}", reply);
    SAYS(p, A, "SetIntersection", "{keys:['s']}", reply);
    end();
}

static void another_type_is_an_error_and_changes_nothing(void)
{
    static const struct {
        const char *key;
        const char *op;
        const char *rest;
    } cases[] = {
        {"list", "Get", ""},
        {"list", "Add", ",value:1"},
        {"list", "SetAdd", ",value:'a'"},
        {"list", "SetRemove", ",value:'a'"},
        {"list", "SetQuery", ""},
        {"set", "Get", ""},
        {"set", "Add", ",value:1"},
        {"set", "Clear", ""},
        {"set", "Range", ",start:0,stop:1"},
        {"set", "Push", ",value:'a'"},
        {"set", "ListItemDelete", ",value:'a'"},
        {"string", "Clear", ""},
        {"string", "Range", ",start:0,stop:1"},
        {"string", "Push", ",value:'a'"},
        {"string", "ListItemDelete", ",value:'a'"},
        {"string", "SetAdd", ",value:'a'"},
        {"string", "SetRemove", ",value:'a'"},
        {"string", "SetQuery", ""},
    };
    begin();
    say(p, A, "Push", "{key:'list',value:'a'}");
    say(p, A, "SetAdd", "{key:'set',value:'a'}");
    say(p, A, "Set", "{key:'string',value:'a',expires:0}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[128];
        char text[128];
        snprintf(message, sizeof message, "{key:'%s'%s}", cases[i].key, cases[i].rest);
        snprintf(text, sizeof text, "!1 `%s`: key `%s` holds a %s, not a", cases[i].op,
                 cases[i].key, cases[i].key);
        SAYS(p, A, cases[i].op, message, text);
    }
    SAYS(p, A, "SetUnion", "{keys:['set','list']}", "!1 `list` holds a list");
    SAYS(p, A, "SetIntersection", "{keys:['none','string']}", "!1 `string` holds a string");
    SAYS(p, A, "Range", "{key:'list',start:0,stop:-1}", "{values:['a']}");
    SAYS(p, A, "SetQuery", "{key:'set'}", "{values:['a']}");
    SAYS(p, A, "Get", "{key:'string'}", "{value:'a',exists:true}");
    SAYS(p, A, "KeyExists", "{key:'list'}", "{value:'',exists:true}");
    SAYS(p, A, "Del", "{key:'list'}", "{key:'list'}");
    SAYS(p, A, "Del", "{key:'set'}", "{key:'set'}");
    SAYS(p, A, "KeyExists", "{key:'list'}", "{value:'',exists:false}");
    SAYS(p, A, "KeyExists", "{key:'set'}", "{value:'',exists:false}");
    end();
}

static void each_actor_has_its_own_namespace(void)
{
    begin();
    link_actor(p, B, NULL);
    SAYS(p, A, "Set", "{key:'k',value:'a',expires:0}", "{value:'a'}");
    SAYS(p, B, "Get", "{key:'k'}", "{value:'',exists:false}");
    SAYS(p, B, "Push", "{key:'k',value:'b'}", "{newCount:1}");
    SAYS(p, A, "Get", "{key:'k'}", "{value:'a',exists:true}");
    unlink_actor(p, B);
    SAYS(p, A, "Get", "{key:'k'}", "{value:'a',exists:true}");
    link_actor(p, B, NULL);
    SAYS(p, B, "KeyExists", "{key:'k'}", "{value:'',exists:false}");
    /* An empty name names nothing. */
    unlink_actor(p, A);
    unlink_actor(p, B);
    link_actor(p, A, "");
    link_actor(p, B, "");
    SAYS(p, A, "Add", "{key:'k',value:1}", "{value:1}");
    SAYS(p, B, "Add", "{key:'k',value:1}", "{value:1}");
    end();
}

static void a_shared_namespace_lives_with_its_links(void)
{
    begin();
    link_actor(p, "S1", "shared");
    link_actor(p, "S2", "shared");
    link_actor(p, "S3", "other");
    SAYS(p, "S1", "Set", "{key:'k',value:'v',expires:0}", "{value:'v'}");
    SAYS(p, "S2", "Get", "{key:'k'}", "{value:'v',exists:true}");
    SAYS(p, "S3", "Get", "{key:'k'}", "{value:'',exists:false}");
    SAYS(p, A, "Get", "{key:'k'}", "{value:'',exists:false}");
    unlink_actor(p, "S1");
    SAYS(p, "S1", "Get", "{key:'k'}", "!4 `S1`");
    SAYS(p, "S2", "Get", "{key:'k'}", "{value:'v',exists:true}");
    link_actor(p, "S1", "shared");
    unlink_actor(p, "S2");
    SAYS(p, "S1", "Get", "{key:'k'}", "{value:'v',exists:true}");
    unlink_actor(p, "S1");
    link_actor(p, "S1", "shared");
    SAYS(p, "S1", "Get", "{key:'k'}", "{value:'',exists:false}");
    end();
}

static void thousands_of_keys_come_and_go(void)
{
    enum { KEYS = 3000 };
    char message[64];
    char reply[64];
    begin();
    for (int i = 0; i < KEYS; i++) {
        snprintf(message, sizeof message, "{key:'k%d',value:%d}", i, i);
        say(p, A, "Add", message);
    }
    for (int i = 0; i < KEYS; i++) {
        snprintf(message, sizeof message, "{key:'k%d'}", i);
        snprintf(reply, sizeof reply, "{value:'%d',exists:true}", i);
        SAYS(p, A, "Get", message, reply);
        if (i % 3 != 0) {
            say(p, A, "Del", message);
        }
    }
    for (int i = 0; i < KEYS; i++) {
        snprintf(message, sizeof message, "{key:'k%d'}", i);
        SAYS(p, A, "KeyExists", message,
             i % 3 == 0 ? "{value:'',exists:true}" : "{value:'',exists:false}");
        say(p, A, "Del", message);
    }
    SAYS(p, A, "KeyExists", "{key:'k0'}", "{value:'',exists:false}");
    end();
}

const struct test rule_tests[] = {
    {"a missing key is empty", a_missing_key_is_empty},
    {"Set overwrites a key of any type", set_overwrites_a_key_of_any_type},
    {"Add counts from 0", add_counts_from_0},
    {"Add refuses an overflow and changes nothing", add_refuses_an_overflow_and_changes_nothing},
    {"Add refuses what is no integer and changes nothing",
     add_refuses_what_is_no_integer_and_changes_nothing},
    {"an expired key is gone for every operation", an_expired_key_is_gone_for_every_operation},
    {"Push adds at the head", push_adds_at_the_head},
    {"Range is inclusive and clamped", range_is_inclusive_and_clamped},
    {"ListItemDelete removes every equal item", list_item_delete_removes_every_equal_item},
    {"a list or set that becomes empty is a missing key", what_becomes_empty_is_missing},
    {"SetAdd and SetRemove say what changed", set_counts_say_what_changed},
    {"set replies are sorted by bytes", set_replies_are_sorted_by_bytes},
    {"sets of many members are sorted", many_members_are_sorted},
    {"a key of another type is an error and nothing changes",
     another_type_is_an_error_and_changes_nothing},
    {"each actor has its own namespace", each_actor_has_its_own_namespace},
    {"a shared namespace lives until its last link is removed",
     a_shared_namespace_lives_with_its_links},
    {"thousands of keys come and go", thousands_of_keys_come_and_go},
    {0, 0},
};
