#include "ops.h"

#include <stdlib.h>
#include <string.h>

/* What the heads, names and numbers of a reply of one or two fields never exceed. */
#define REPLY_FRAME 64

static cp_status refuse(struct op_call *call, enum store_result result, cp_bytes key,
                        const char *wanted)
{
    static const char *const held[] = {
        [STORE_NOTHING] = "nothing",
        [STORE_STRING] = "a string",
        [STORE_LIST] = "a list",
        [STORE_SET] = "a set",
    };
    if (result == STORE_NO_MEMORY) {
        text_add(call->why, "no memory");
        return CP_NO_MEMORY;
    }
    text_add(call->why, "key ");
    text_add_name(call->why, key.ptr, key.len);
    if (result == STORE_OTHER_KIND) {
        text_add(call->why, " holds ");
        text_add(call->why, held[store_kind(call->store, key, call->now)]);
        text_add(call->why, ", not ");
        text_add(call->why, wanted);
    } else if (result == STORE_NOT_A_NUMBER) {
        text_add(call->why, " holds a string that is not an integer of 32 bits");
    } else if (result == STORE_OVERFLOW) {
        text_add(call->why, ": the total does not fit 32 bits");
    } else {
        text_add(call->why, ": the list is full");
    }
    return CP_FAILED;
}

static void reply_one_string(struct reply *reply, const char *name, cp_bytes string)
{
    reply_map(reply, 1);
    reply_name(reply, name);
    reply_string(reply, string);
}

static void reply_one_number(struct reply *reply, const char *name, int32_t number)
{
    reply_map(reply, 1);
    reply_name(reply, name);
    reply_integer(reply, number);
}

static void reply_value_exists(struct reply *reply, cp_bytes value, bool exists)
{
    reply_map(reply, 2);
    reply_name(reply, "value");
    reply_string(reply, value);
    reply_name(reply, "exists");
    reply_boolean(reply, exists);
}

static const cp_bytes empty = {(const uint8_t *)"", 0};

static cp_status run_get(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    const struct kept *string;
    enum store_result result = store_string(call->store, key, call->now, &string);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a string");
    }
    reply_value_exists(call->reply, string == NULL ? empty : kept_bytes(string), string != NULL);
    return CP_OK;
}

static cp_status run_add(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    int32_t total = 0;
    enum store_result result =
        store_add(call->store, key, call->args[1].number, call->now, &total);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a string");
    }
    reply_one_number(call->reply, "value", total);
    return CP_OK;
}

static cp_status run_set(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    cp_bytes value = call->args[1].string;
    int32_t seconds = call->args[2].number;
    uint64_t deadline =
        seconds <= 0 ? STORE_FOREVER : call->now + (uint64_t)seconds * UINT64_C(1000);
    enum store_result result = store_set(call->store, key, value, deadline, call->now);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a string");
    }
    reply_one_string(call->reply, "value", value);
    return CP_OK;
}

static cp_status run_del(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    store_delete(call->store, key, call->now);
    reply_one_string(call->reply, "key", key);
    return CP_OK;
}

static cp_status run_clear(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    enum store_result result = store_list_clear(call->store, key, call->now);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a list");
    }
    reply_one_string(call->reply, "key", key);
    return CP_OK;
}

static cp_status run_range(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    const struct list *list;
    enum store_result result = store_list(call->store, key, call->now, &list);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a list");
    }
    int64_t count = list == NULL ? 0 : (int64_t)list->count;
    int64_t start = call->args[1].number;
    int64_t stop = call->args[2].number;
    start += start < 0 ? count : 0;
    stop += stop < 0 ? count : 0;
    start = start < 0 ? 0 : start;
    stop = stop >= count ? count - 1 : stop;
    reply_map(call->reply, 1);
    reply_name(call->reply, "values");
    reply_array(call->reply, start <= stop ? (size_t)(stop - start + 1) : 0);
    for (int64_t i = start; i <= stop && call->reply->status == CP_OK; i++) {
        reply_string(call->reply, list_item(list, (size_t)i));
    }
    return CP_OK;
}

static cp_status run_push(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    int32_t count = 0;
    enum store_result result =
        store_list_push(call->store, key, call->args[1].string, call->now, &count);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a list");
    }
    reply_one_number(call->reply, "newCount", count);
    return CP_OK;
}

static cp_status run_list_item_delete(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    int32_t removed;
    enum store_result result =
        store_list_remove(call->store, key, call->args[1].string, call->now, &removed);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a list");
    }
    reply_one_number(call->reply, "newCount", removed);
    return CP_OK;
}

static cp_status run_set_add(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    int32_t changed;
    enum store_result result =
        store_member_add(call->store, key, call->args[1].string, call->now, &changed);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a set");
    }
    reply_one_number(call->reply, "new_count", changed);
    return CP_OK;
}

static cp_status run_set_remove(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    int32_t changed;
    enum store_result result =
        store_member_remove(call->store, key, call->args[1].string, call->now, &changed);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a set");
    }
    reply_one_number(call->reply, "new_count", changed);
    return CP_OK;
}

typedef bool combine_sets(const struct set **sets, size_t count, struct members *members);

static cp_status reply_members(struct op_call *call, combine_sets *combine, const struct set **sets,
                               size_t count)
{
    struct members members;
    if (!combine(sets, count, &members)) {
        return refuse(call, STORE_NO_MEMORY, empty, "");
    }
    reply_map(call->reply, 1);
    reply_name(call->reply, "values");
    reply_array(call->reply, members.count);
    for (size_t i = 0; i < members.count && call->reply->status == CP_OK; i++) {
        reply_string(call->reply, members.list[i]);
    }
    free(members.list);
    return CP_OK;
}

static cp_status combine_keys(struct op_call *call, combine_sets *combine)
{
    size_t count = call->args[0].count;
    struct mp_reader keys = call->args[0].strings;
    /* calloc: as many as the payload has keys, and it looks at the product. */
    const struct set **sets = calloc(count == 0 ? 1 : count, sizeof *sets);
    if (sets == NULL) {
        return refuse(call, STORE_NO_MEMORY, empty, "");
    }
    cp_status status = CP_OK;
    for (size_t i = 0; i < count && status == CP_OK; i++) {
        cp_bytes key = strings_next(&keys);
        enum store_result result = store_members(call->store, key, call->now, &sets[i]);
        if (result != STORE_OK) {
            status = refuse(call, result, key, "a set");
        }
    }
    if (status == CP_OK) {
        status = reply_members(call, combine, sets, count);
    }
    free(sets);
    return status;
}

static cp_status run_set_union(struct op_call *call)
{
    return combine_keys(call, set_union);
}

static cp_status run_set_intersection(struct op_call *call)
{
    return combine_keys(call, set_intersection);
}

static cp_status run_set_query(struct op_call *call)
{
    cp_bytes key = call->args[0].string;
    const struct set *set;
    enum store_result result = store_members(call->store, key, call->now, &set);
    if (result != STORE_OK) {
        return refuse(call, result, key, "a set");
    }
    return reply_members(call, set_union, &set, 1);
}

static cp_status run_key_exists(struct op_call *call)
{
    enum store_kind kind = store_kind(call->store, call->args[0].string, call->now);
    reply_value_exists(call->reply, empty, kind != STORE_NOTHING);
    return CP_OK;
}

static const struct field key_only[] = {{"key", FIELD_STRING, false}};
static const struct field key_and_value[] = {
    {"key", FIELD_STRING, false},
    {"value", FIELD_STRING, false},
};
static const struct field key_and_number[] = {
    {"key", FIELD_STRING, false},
    {"value", FIELD_INT32, false},
};
static const struct field key_value_expires[] = {
    {"key", FIELD_STRING, false},
    {"value", FIELD_STRING, false},
    {"expires", FIELD_INT32, false},
};
static const struct field key_start_stop[] = {
    {"key", FIELD_STRING, false},
    {"start", FIELD_INT32, false},
    {"stop", FIELD_INT32, false},
};
static const struct field keys_only[] = {{"keys", FIELD_STRINGS, false}};

#define FIELDS(list) (list), sizeof(list) / sizeof(list)[0]
#define OP(name, doc, flags) { CP_STR(name), CP_STR(doc), (flags), CP_ACTOR_TO_PROVIDER }

/* In the contract's order. Sent twice, the operations without the flag answer something else the
 * second time, even where they change nothing any more. */
const struct op ops[OP_COUNT] = {
    {OP("Get", "The string that a key holds, and whether there is one.", CP_OP_IDEMPOTENT),
     FIELDS(key_only), REPLY_GROWS, run_get},
    {OP("Add", "Adds to the number that a key holds, 0 when it is missing, and returns the total.",
        0),
     FIELDS(key_and_number), REPLY_NUMBER, run_add},
    {OP("Set", "Sets a key to a string that expires after so many seconds, never when 0 or less.",
        CP_OP_IDEMPOTENT),
     FIELDS(key_value_expires), REPLY_SECOND, run_set},
    {OP("Del", "Removes a key, whatever it holds.", CP_OP_IDEMPOTENT),
     FIELDS(key_only), REPLY_FIRST, run_del},
    {OP("Clear", "Empties a list.", CP_OP_IDEMPOTENT),
     FIELDS(key_only), REPLY_FIRST, run_clear},
    {OP("Range", "The items of a list from start to stop, both included; negatives count from the "
                 "end.",
        CP_OP_IDEMPOTENT),
     FIELDS(key_start_stop), REPLY_GROWS, run_range},
    {OP("Push", "Adds an item at the head of a list and returns the list's length.", 0),
     FIELDS(key_and_value), REPLY_NUMBER, run_push},
    {OP("ListItemDelete", "Removes every equal item from a list and returns how many.", 0),
     FIELDS(key_and_value), REPLY_NUMBER, run_list_item_delete},
    {OP("SetAdd", "Adds a member to a set and returns how many members changed.", 0),
     FIELDS(key_and_value), REPLY_NUMBER, run_set_add},
    {OP("SetRemove", "Removes a member from a set and returns how many members changed.", 0),
     FIELDS(key_and_value), REPLY_NUMBER, run_set_remove},
    {OP("SetUnion", "What is in any of the sets, sorted.", CP_OP_IDEMPOTENT),
     FIELDS(keys_only), REPLY_GROWS, run_set_union},
    {OP("SetIntersection", "What is in all of the sets, sorted.", CP_OP_IDEMPOTENT),
     FIELDS(keys_only), REPLY_GROWS, run_set_intersection},
    {OP("SetQuery", "The members of a set, sorted.", CP_OP_IDEMPOTENT),
     FIELDS(key_only), REPLY_GROWS, run_set_query},
    {OP("KeyExists", "Whether there is a key, whatever it holds.", CP_OP_IDEMPOTENT),
     FIELDS(key_only), REPLY_GROWS, run_key_exists},
};

static bool is_named(const struct op *op, cp_str name)
{
    return op->said.name.len == name.len && memcmp(op->said.name.ptr, name.ptr, name.len) == 0;
}

const struct op *op_find(cp_str name, uint32_t hint)
{
    if (hint < OP_COUNT && is_named(&ops[hint], name)) {
        return &ops[hint];
    }
    for (size_t i = 0; i < OP_COUNT; i++) {
        if (is_named(&ops[i], name)) {
            return &ops[i];
        }
    }
    return NULL;
}

size_t op_reply_room(const struct op *op, const struct field_value *args)
{
    switch (op->reply) {
    case REPLY_FIRST:
        return size_with(REPLY_FRAME, args[0].string.len);
    case REPLY_SECOND:
        return size_with(REPLY_FRAME, args[1].string.len);
    case REPLY_GROWS:
    case REPLY_NUMBER:
        break;
    }
    return REPLY_FRAME;
}
