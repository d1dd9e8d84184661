//! What the scenarios pin, in words.

/// A pinned rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// A short name of lower-case words and hyphens, which stays what it is.
    pub(super) slug: &'static str,
    /// A sentence.
    pub(super) name: &'static str,
    /// The contract's words.
    pub(super) text: &'static str,
    /// What goes wrong for an actor where it is broken.
    pub(super) why: &'static str,
}

pub(super) const MISSING_KEY: Rule = Rule {
    slug: "missing-key",
    name: "a missing key is empty",
    text: "A missing key is an empty list, an empty set and the number 0; `Get` answers the empty \
           string that does not exist.",
    why: "An actor asks for keys that nobody wrote yet all the time. Where that is an error, it \
          cannot tell a key that is not there from a store that is not there.",
};
pub(super) const SET_OVERWRITES: Rule = Rule {
    slug: "set-overwrites",
    name: "Set overwrites a key of any type",
    text: "Sets a key to a string, whatever it held, and returns the string.",
    why: "An actor that resets a key must not have to know what was in it before, nor find a part \
          of that again later.",
};
pub(super) const ADD_FROM_ZERO: Rule = Rule {
    slug: "add-from-0",
    name: "Add counts from 0",
    text: "Adds `value` to the number that a key holds, and returns the total. A missing key counts \
           from 0. The total is stored in its shortest form.",
    why: "A counter that does not start by itself needs a call before the first one, and two \
          actors that make it at the same time lose a count.",
};
pub(super) const ADD_OVERFLOW: Rule = Rule {
    slug: "add-overflow",
    name: "Add refuses an overflow and changes nothing",
    text: "A total that does not fit 32 bits is refused and changes nothing.",
    why: "A counter that wraps around turns the largest number into the smallest, and nobody is \
          told.",
};
pub(super) const ADD_NO_NUMBER: Rule = Rule {
    slug: "add-no-number",
    name: "Add refuses what is no number and changes nothing",
    text: "A number is a string of decimal digits with or without a sign that fits 32 bits. A string \
           that is no number is refused and stays as it is.",
    why: "Where such a string counts as 0, an actor's `Add` on the wrong key destroys what the key \
          held.",
};
pub(super) const EXPIRED_KEY: Rule = Rule {
    slug: "expired-key",
    name: "an expired key is gone for every operation",
    text: "The key expires `expires` seconds from now and is then gone for every operation.",
    why: "Sessions and locks rely on it: a key that does not expire keeps somebody logged in or \
          locked out for ever.",
};
pub(super) const EXPIRY_KEPT: Rule = Rule {
    slug: "expiry-kept",
    name: "an expiry is kept by Add and replaced by Set",
    text: "`expires` of 0 or less means never. An expiry that the key had before `Set` is \
           forgotten. `Add` keeps the expiry.",
    why: "A rate limiter counts with `Add` in a key that expires; where counting ends the expiry, \
          its actor is never let in again.",
};
pub(super) const PUSH_AT_HEAD: Rule = Rule {
    slug: "push-at-head",
    name: "Push adds at the head and returns the new length",
    text: "Adds an item at the head of a list and returns the list's new length.",
    why: "Providers that disagree on the end turn an actor's stack into a queue when an operator \
          exchanges one for another.",
};
pub(super) const RANGE_CLAMPED: Rule = Rule {
    slug: "range-clamped",
    name: "Range is inclusive, counts from both ends and is clamped",
    text: "The items from position `start` to position `stop`, both included. The head is position \
           0; negative positions count from the end. Positions outside the list are clamped to it.",
    why: "An actor that reads a page of a list loses its last item, or gets one too many, where \
          the stop is not included.",
};
pub(super) const ITEM_DELETE_ALL: Rule = Rule {
    slug: "item-delete-all",
    name: "ListItemDelete removes every equal item and returns how many",
    text: "Removes every item that equals `value` from a list, and returns how many those were.",
    why: "An actor that removes an item from a list goes on as if it was gone. Where one of \
          several equal ones stays, it is worked on again.",
};
pub(super) const LIST_GOES_ON: Rule = Rule {
    slug: "list-goes-on",
    name: "a list goes on after items were deleted",
    text: "The head is position 0; -1 is the last item. `Push` returns the list's new length.",
    why: "Gaps that deleted items leave behind show up as wrong positions and wrong lengths.",
};
pub(super) const EMPTY_IS_MISSING: Rule = Rule {
    slug: "empty-is-missing",
    name: "a list or a set that becomes empty is a missing key",
    text: "A list or a set without items is a missing key.",
    why: "Where an empty list stays, its key cannot hold anything else until somebody deletes it.",
};
pub(super) const SET_COUNTS: Rule = Rule {
    slug: "set-counts",
    name: "SetAdd and SetRemove return how many members changed",
    text: "Adds a member to a set and returns how many members came: 0 when it was there, else 1. \
           Removes a member and returns how many went.",
    why: "An actor asks with `SetAdd` whether it is the first. Where the size of the set comes \
          back, it never is.",
};
pub(super) const SET_SORTED: Rule = Rule {
    slug: "set-sorted",
    name: "replies of sets are sorted by bytes",
    text: "What is a member of any, or all, of the sets, each member once, sorted by bytes.",
    why: "An actor that compares two replies finds a difference where there is none when each comes \
          in another order.",
};
pub(super) const OTHER_TYPE: Rule = Rule {
    slug: "other-type",
    name: "an operation on a key of another type is refused and changes nothing",
    text: "An operation that wants another type than the key holds fails and changes nothing.",
    why: "Where it does something instead, an actor that mixes up two keys loses what one of them \
          held.",
};
pub(super) const ANY_STRING: Rule = Rule {
    slug: "any-string",
    name: "keys and values may be any string",
    text: "A key holds a string, a list of strings or a set of strings; keys and values are any \
           string, the empty one included.",
    why: "Keys come from outside. Where one with a NUL ends early, an actor's user reads another \
          one's value.",
};
pub(super) const OWN_NAMESPACE: Rule = Rule {
    slug: "own-namespace",
    name: "each actor has its own namespace",
    text: "Each linked actor has a namespace of its own, unless its link value `NAMESPACE` names \
           one. An empty name names nothing.",
    why: "Actors do not know each other. Where they share keys, one reads and overwrites what \
          another one keeps to itself.",
};
pub(super) const SHARED_NAMESPACE: Rule = Rule {
    slug: "shared-namespace",
    name: "actors whose links name the same namespace share it",
    text: "Actors whose links name the same namespace share it.",
    why: "Actors that are to work on the same data have no other way to do so.",
};
pub(super) const WITHOUT_LINK: Rule = Rule {
    slug: "without-link",
    name: "an actor without a link is refused",
    text: "An operation of an actor that is not linked, or not any more, is an error.",
    why: "A link is the operator's permission. An actor that is served without one has a permission \
          that nobody gave.",
};
