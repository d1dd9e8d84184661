//! The list.

use provider_core::ErrorKind;

use super::{
    Scenario,
    names::{ALICE, BOB, CAROL},
    request::{
        add, changed, clear, cleared, count, del, deleted, exists, found, get, items, key_exists,
        list_item_delete, members, missing, push, range, set, set_add, set_intersection, set_query,
        set_remove, set_union, total, was_set,
    },
    rules::{self, Rule},
};

/// Every pinned rule of the contract, one scenario each.
#[must_use]
pub fn pinned() -> Vec<Scenario> {
    vec![
        a_missing_key_is_empty(),
        set_overwrites_a_key_of_any_type(),
        add_counts_from_0(),
        add_refuses_an_overflow(),
        add_refuses_what_is_no_number(),
        an_expired_key_is_gone_for_every_operation(),
        an_expiry_is_kept_by_add_and_replaced_by_set(),
        push_adds_at_the_head(),
        range_is_inclusive_and_clamped(),
        list_item_delete_removes_every_equal_item(),
        a_list_goes_on_after_items_were_deleted(),
        what_becomes_empty_is_missing(),
        set_counts_say_what_changed(),
        set_replies_are_sorted_by_bytes(),
        an_operation_on_another_type_is_refused(),
        keys_and_values_may_be_any_string(),
        each_actor_has_its_own_namespace(),
        a_named_namespace_is_shared(),
        an_actor_without_a_link_is_refused(),
    ]
}

fn a_missing_key_is_empty() -> Scenario {
    Scenario::new(rules::MISSING_KEY)
        .call(get("k"), missing())
        .call(key_exists("k"), exists(false))
        .call(del("k"), deleted("k"))
        .call(clear("k"), cleared("k"))
        .call(range("k", 0, -1), items([]))
        .call(list_item_delete("k", "a"), count(0))
        .call(set_remove("k", "a"), changed(0))
        .call(set_query("k"), members([]))
        .call(set_union(["k", "l"]), members([]))
        .call(set_union([]), members([]))
        .call(set_intersection(["k"]), members([]))
        .call(set_intersection([]), members([]))
        .call(key_exists("k"), exists(false))
}

fn set_overwrites_a_key_of_any_type() -> Scenario {
    Scenario::new(rules::SET_OVERWRITES)
        .call(push("k", "a"), count(1))
        .call(set("k", "v", 0), was_set("v"))
        .call(get("k"), found("v"))
        .call(set_add("s", "a"), changed(1))
        .call(set("s", "", 0), was_set(""))
        .call(get("s"), found(""))
        .call(set("s", "w", 0), was_set("w"))
        .call(get("s"), found("w"))
        // What was there before does not come back.
        .call(del("k"), deleted("k"))
        .call(range("k", 0, -1), items([]))
        .call(push("k", "b"), count(1))
        .call(range("k", 0, -1), items(["b"]))
        .call(del("s"), deleted("s"))
        .call(set_add("s", "b"), changed(1))
        .call(set_query("s"), members(["b"]))
}

fn add_counts_from_0() -> Scenario {
    Scenario::new(rules::ADD_FROM_ZERO)
        .call(add("n", 5), total(5))
        .call(add("n", -8), total(-3))
        .call(get("n"), found("-3"))
        .call(set("n", "+0041", 0), was_set("+0041"))
        .call(add("n", 1), total(42))
        .call(get("n"), found("42"))
        .call(add("z", 0), total(0))
        .call(get("z"), found("0"))
}

fn add_refuses_an_overflow() -> Scenario {
    Scenario::new(rules::ADD_OVERFLOW)
        .call(add("n", i32::MAX), total(i32::MAX))
        .refused(add("n", 1), "`n`: the total does not fit 32 bits")
        .call(get("n"), found("2147483647"))
        .call(add("m", i32::MIN), total(i32::MIN))
        .refused(add("m", -1), "`m`: the total does not fit 32 bits")
        .call(get("m"), found("-2147483648"))
        .call(add("m", i32::MAX), total(-1))
}

fn add_refuses_what_is_no_number() -> Scenario {
    let scenario = Scenario::new(rules::ADD_NO_NUMBER);
    let values = [
        "",
        "x",
        "1x",
        "-",
        "+",
        " 1",
        "1 ",
        "--1",
        "1.0",
        "0x1",
        "2147483648",
        "-2147483649",
        "99999999999999999999999999",
    ];
    values.into_iter().fold(scenario, |scenario, value| {
        scenario
            .call(set("n", value, 0), was_set(value))
            .refused(add("n", 0), "`n` holds a string that is not an integer")
            .call(get("n"), found(value))
    })
}

fn an_expired_key_is_gone_for_every_operation() -> Scenario {
    let expiring = [
        "get", "exists", "add", "push", "sadd", "clear", "range", "del", "query", "union", "inter",
        "lid", "srem",
    ];
    expiring
        .into_iter()
        .fold(Scenario::new(rules::EXPIRED_KEY), |scenario, key| {
            scenario.call(set(key, "7", 1), was_set("7"))
        })
        .pass(2)
        .call(get("get"), missing())
        .call(key_exists("exists"), exists(false))
        .call(add("add", 1), total(1))
        .call(push("push", "a"), count(1))
        .call(set_add("sadd", "a"), changed(1))
        .call(clear("clear"), cleared("clear"))
        .call(range("range", 0, 9), items([]))
        .call(del("del"), deleted("del"))
        .call(set_query("query"), members([]))
        .call(set_union(["union", "sadd"]), members(["a"]))
        .call(set_intersection(["sadd", "inter"]), members([]))
        .call(list_item_delete("lid", "7"), count(0))
        .call(set_remove("srem", "7"), changed(0))
        // What came after an expired key does not inherit its expiry.
        .pass(2)
        .call(add("add", 1), total(2))
        .call(key_exists("push"), exists(true))
        .call(set_query("sadd"), members(["a"]))
}

fn an_expiry_is_kept_by_add_and_replaced_by_set() -> Scenario {
    Scenario::new(rules::EXPIRY_KEPT)
        .call(set("kept", "7", 1), was_set("7"))
        .call(add("kept", 1), total(8))
        .call(set("later", "7", 1), was_set("7"))
        .call(set("later", "8", i32::MAX), was_set("8"))
        .call(set("never", "7", 1), was_set("7"))
        .call(set("never", "8", 0), was_set("8"))
        .call(set("negative", "8", -1), was_set("8"))
        .call(set("again", "7", 1), was_set("7"))
        .call(del("again"), deleted("again"))
        .call(add("again", 3), total(3))
        .call(get("kept"), found("8"))
        .pass(2)
        .call(get("kept"), missing())
        .call(get("later"), found("8"))
        .call(get("never"), found("8"))
        .call(get("negative"), found("8"))
        .call(get("again"), found("3"))
}

fn push_adds_at_the_head() -> Scenario {
    Scenario::new(rules::PUSH_AT_HEAD)
        .call(push("l", "c"), count(1))
        .call(push("l", "b"), count(2))
        .call(push("l", "a"), count(3))
        .call(push("l", "a"), count(4))
        .call(range("l", 0, 3), items(["a", "a", "b", "c"]))
        .call(clear("l"), cleared("l"))
        .call(push("l", "z"), count(1))
        .call(range("l", 0, -1), items(["z"]))
}

fn range_is_inclusive_and_clamped() -> Scenario {
    Scenario::new(rules::RANGE_CLAMPED)
        .call(push("l", "c"), count(1))
        .call(push("l", "b"), count(2))
        .call(push("l", "a"), count(3))
        .call(range("l", 0, 0), items(["a"]))
        .call(range("l", 0, 2), items(["a", "b", "c"]))
        .call(range("l", 1, 1), items(["b"]))
        .call(range("l", 0, -1), items(["a", "b", "c"]))
        .call(range("l", -1, -1), items(["c"]))
        .call(range("l", -2, -1), items(["b", "c"]))
        .call(range("l", -3, -3), items(["a"]))
        .call(range("l", -100, 1), items(["a", "b"]))
        .call(range("l", 1, 100), items(["b", "c"]))
        .call(range("l", i32::MIN, i32::MAX), items(["a", "b", "c"]))
        .call(range("l", 2, 1), items([]))
        .call(range("l", 3, 100), items([]))
        .call(range("l", i32::MAX, i32::MAX), items([]))
        .call(range("l", 0, -4), items([]))
        .call(range("l", -100, -50), items([]))
        .call(range("l", 0, i32::MIN), items([]))
}

/// The list `["", "b", "xx", "a"]` with three `"x"` in between.
fn list_with_three_equal_items(rule: Rule) -> Scenario {
    let pushed = ["x", "a", "x", "xx", "x", "b", ""];
    pushed.into_iter().zip(1..).fold(Scenario::new(rule), |scenario, (item, length)| {
        scenario.call(push("l", item), count(length))
    })
}

fn list_item_delete_removes_every_equal_item() -> Scenario {
    list_with_three_equal_items(rules::ITEM_DELETE_ALL)
        .call(list_item_delete("l", "x"), count(3))
        .call(list_item_delete("l", "x"), count(0))
        .call(range("l", 0, -1), items(["", "b", "xx", "a"]))
}

fn a_list_goes_on_after_items_were_deleted() -> Scenario {
    list_with_three_equal_items(rules::LIST_GOES_ON)
        .call(list_item_delete("l", "x"), count(3))
        .call(range("l", 1, 2), items(["b", "xx"]))
        .call(range("l", -2, -1), items(["xx", "a"]))
        .call(range("l", 3, 3), items(["a"]))
        .call(push("l", "new"), count(5))
        .call(range("l", 0, 1), items(["new", ""]))
        .call(range("l", -1, 9), items(["a"]))
        .call(list_item_delete("l", "new"), count(1))
        .call(push("l", "newer"), count(5))
        .call(range("l", 0, -1), items(["newer", "", "b", "xx", "a"]))
}

fn what_becomes_empty_is_missing() -> Scenario {
    Scenario::new(rules::EMPTY_IS_MISSING)
        .call(push("l", "a"), count(1))
        .call(push("l", "a"), count(2))
        .call(list_item_delete("l", "a"), count(2))
        .call(key_exists("l"), exists(false))
        .call(set_add("l", "a"), changed(1))
        .call(set_remove("l", "a"), changed(1))
        .call(key_exists("l"), exists(false))
        .call(push("l", "b"), count(1))
        .call(clear("l"), cleared("l"))
        .call(key_exists("l"), exists(false))
        .call(add("l", 1), total(1))
}

fn set_counts_say_what_changed() -> Scenario {
    Scenario::new(rules::SET_COUNTS)
        .call(set_add("s", "a"), changed(1))
        .call(set_add("s", "a"), changed(0))
        .call(set_add("s", "b"), changed(1))
        .call(set_remove("s", "c"), changed(0))
        .call(set_remove("s", "a"), changed(1))
        .call(set_remove("s", "a"), changed(0))
        .call(set_query("s"), members(["b"]))
}

fn set_replies_are_sorted_by_bytes() -> Scenario {
    Scenario::new(rules::SET_SORTED)
        .call(set_add("s", "b"), changed(1))
        .call(set_add("s", "ab"), changed(1))
        .call(set_add("s", "Z"), changed(1))
        .call(set_add("s", "\u{1f600}"), changed(1))
        .call(set_add("s", ""), changed(1))
        .call(set_add("t", "é"), changed(1))
        .call(set_add("t", "a"), changed(1))
        .call(set_add("t", "b"), changed(1))
        .call(set_add("t", "aa"), changed(1))
        .call(set_query("s"), members(["", "Z", "ab", "b", "\u{1f600}"]))
        .call(set_union(["s", "t"]), members(["", "Z", "a", "aa", "ab", "b", "é", "\u{1f600}"]))
        .call(set_union(["t", "none", "t", "t"]), members(["a", "aa", "b", "é"]))
        .call(set_intersection(["t", "s"]), members(["b"]))
        .call(set_intersection(["t", "t"]), members(["a", "aa", "b", "é"]))
        .call(set_intersection(["s", "none", "t"]), members([]))
}

fn an_operation_on_another_type_is_refused() -> Scenario {
    Scenario::new(rules::OTHER_TYPE)
        .call(push("list", "a"), count(1))
        .call(set_add("set", "a"), changed(1))
        .call(set("string", "a", 0), was_set("a"))
        .refused(get("list"), "`list` holds a list, not a string")
        .refused(add("list", 1), "`list` holds a list, not a string")
        .refused(set_add("list", "b"), "`list` holds a list, not a set")
        .refused(set_remove("list", "a"), "`list` holds a list, not a set")
        .refused(set_query("list"), "`list` holds a list, not a set")
        .refused(get("set"), "`set` holds a set, not a string")
        .refused(add("set", 1), "`set` holds a set, not a string")
        .refused(clear("set"), "`set` holds a set, not a list")
        .refused(range("set", 0, 1), "`set` holds a set, not a list")
        .refused(push("set", "b"), "`set` holds a set, not a list")
        .refused(list_item_delete("set", "a"), "`set` holds a set, not a list")
        .refused(clear("string"), "`string` holds a string, not a list")
        .refused(range("string", 0, 1), "`string` holds a string, not a list")
        .refused(push("string", "b"), "`string` holds a string, not a list")
        .refused(list_item_delete("string", "a"), "a string, not a list")
        .refused(set_add("string", "b"), "`string` holds a string, not a set")
        .refused(set_remove("string", "a"), "a string, not a set")
        .refused(set_query("string"), "`string` holds a string, not a set")
        .refused(set_union(["set", "list"]), "`list` holds a list, not a set")
        .refused(set_intersection(["none", "string"]), "`string` holds a string")
        .call(range("list", 0, -1), items(["a"]))
        .call(set_query("set"), members(["a"]))
        .call(get("string"), found("a"))
        .call(key_exists("list"), exists(true))
        .call(del("list"), deleted("list"))
        .call(del("set"), deleted("set"))
        .call(key_exists("list"), exists(false))
        .call(key_exists("set"), exists(false))
}

fn keys_and_values_may_be_any_string() -> Scenario {
    Scenario::new(rules::ANY_STRING)
        .call(set("", "empty", 0), was_set("empty"))
        .call(set("\0", "nul", 0), was_set("nul"))
        .call(set("a\0b", "x", 0), was_set("x"))
        .call(push("a\0", "i"), count(1))
        .call(push("a", "\0"), count(1))
        .call(push("a", ""), count(2))
        .call(set_add("a\0\0", "é\n"), changed(1))
        .call(get(""), found("empty"))
        .call(get("\0"), found("nul"))
        .call(get("a\0b"), found("x"))
        .call(range("a", 0, -1), items(["", "\0"]))
        .call(range("a\0", 0, -1), items(["i"]))
        .call(clear("a"), cleared("a"))
        .call(range("a\0", 0, -1), items(["i"]))
        .call(set_query("a\0\0"), members(["é\n"]))
}

fn each_actor_has_its_own_namespace() -> Scenario {
    Scenario::new(rules::OWN_NAMESPACE)
        .link(BOB, None)
        .call(set("k", "a", 0), was_set("a"))
        .by(BOB)
        .call(get("k"), missing())
        .call(push("k", "b"), count(1))
        .by(ALICE)
        .call(get("k"), found("a"))
        .unlink(BOB)
        .call(get("k"), found("a"))
        // An empty name names nothing.
        .link(BOB, Some(""))
        .link(CAROL, Some(""))
        .by(BOB)
        .call(add("n", 1), total(1))
        .by(CAROL)
        .call(add("n", 1), total(1))
        // A namespace that is called like an actor is not the actor's own.
        .unlink(BOB)
        .link(BOB, Some(ALICE))
        .by(BOB)
        .call(get("k"), missing())
}

fn a_named_namespace_is_shared() -> Scenario {
    Scenario::new(rules::SHARED_NAMESPACE)
        .unlink(ALICE)
        .link(ALICE, Some("shared"))
        .link(BOB, Some("shared"))
        .link(CAROL, Some("other"))
        .call(set("k", "v", 0), was_set("v"))
        .by(BOB)
        .call(get("k"), found("v"))
        .by(CAROL)
        .call(get("k"), missing())
        .unlink(ALICE)
        .by(BOB)
        .call(get("k"), found("v"))
        .link(ALICE, Some("shared"))
        .unlink(BOB)
        .by(ALICE)
        .call(get("k"), found("v"))
}

fn an_actor_without_a_link_is_refused() -> Scenario {
    Scenario::new(rules::WITHOUT_LINK)
        .by(BOB)
        .fails(get("k"), ErrorKind::NotLinked, BOB)
        .link(BOB, None)
        .call(get("k"), missing())
        .unlink(BOB)
        .fails(get("k"), ErrorKind::NotLinked, BOB)
}
