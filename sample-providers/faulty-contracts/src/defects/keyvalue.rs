//! `wasmcloud:keyvalue`.

use faulty_defects::{Defect, Made};

const ROW: Defect =
    Defect { verdict: "fail", made: Made::Example { example: "keyvalue" }, ..Defect::BLANK };

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "keyvalue-no-sets-is-an-error",
        what: "refuses to intersect no sets at all",
        red: &["keyvalue::missing-key"],
        last: "SetIntersection",
        says: "does not go as pinned",
        ..ROW
    },
    Defect {
        name: "keyvalue-set-hides-a-list",
        what: "keeps the list that `Set` overwrites, and shows it again after `Del`",
        red: &["keyvalue::set-overwrites"],
        last: "Range",
        ..ROW
    },
    Defect {
        name: "keyvalue-add-keeps-the-sign",
        what: "stores `+42` where the number had a sign before",
        red: &["keyvalue::add-from-0"],
        last: "Get",
        ..ROW
    },
    Defect {
        name: "keyvalue-add-wraps",
        what: "lets a total that is too large wrap around",
        red: &["keyvalue::add-overflow"],
        last: "Add",
        ..ROW
    },
    Defect {
        name: "keyvalue-add-takes-any-text-for-0",
        what: "counts from 0 where the key holds no number",
        red: &["keyvalue::add-no-number"],
        last: "Add",
        ..ROW
    },
    Defect {
        name: "keyvalue-expires-ignored",
        what: "ignores `expires`",
        red: &["keyvalue::expired-key", "keyvalue::expiry-kept"],
        last: "Get",
        ..ROW
    },
    Defect {
        name: "keyvalue-exists-ignores-expiry",
        what: "says that an expired key is there until another operation looks at it",
        red: &["keyvalue::expired-key"],
        last: "KeyExists",
        ..ROW
    },
    Defect {
        name: "keyvalue-add-ends-expiry",
        what: "forgets when a key expires once it was added to",
        red: &["keyvalue::expiry-kept"],
        last: "Get",
        ..ROW
    },
    Defect {
        name: "keyvalue-push-at-tail",
        what: "adds items at the tail of a list",
        red: &[
            "keyvalue::any-string",
            "keyvalue::item-delete-all",
            "keyvalue::list-goes-on",
            "keyvalue::push-at-head",
            "keyvalue::range-clamped",
        ],
        last: "Range",
        ..ROW
    },
    Defect {
        name: "keyvalue-push-returns-what-came",
        what: "returns from `Push` how many items came, always 1",
        red: &[
            "keyvalue::any-string",
            "keyvalue::empty-is-missing",
            "keyvalue::item-delete-all",
            "keyvalue::list-goes-on",
            "keyvalue::push-at-head",
            "keyvalue::range-clamped",
        ],
        last: "Push",
        ..ROW
    },
    Defect {
        name: "keyvalue-range-without-stop",
        what: "leaves out the item at `stop`",
        red: &["keyvalue::list-goes-on", "keyvalue::push-at-head", "keyvalue::range-clamped"],
        last: "Range",
        ..ROW
    },
    Defect {
        name: "keyvalue-range-only-forward",
        what: "finds nothing for negative positions",
        red: &[
            "keyvalue::any-string",
            "keyvalue::item-delete-all",
            "keyvalue::list-goes-on",
            "keyvalue::other-type",
            "keyvalue::push-at-head",
            "keyvalue::range-clamped",
            "keyvalue::set-overwrites",
        ],
        last: "Range",
        ..ROW
    },
    Defect {
        name: "keyvalue-item-delete-first-only",
        what: "deletes the first of several equal items",
        red: &["keyvalue::empty-is-missing", "keyvalue::item-delete-all", "keyvalue::list-goes-on"],
        last: "ListItemDelete",
        ..ROW
    },
    Defect {
        name: "keyvalue-item-delete-returns-rest",
        what: "returns from `ListItemDelete` how many items are left",
        red: &["keyvalue::empty-is-missing", "keyvalue::item-delete-all", "keyvalue::list-goes-on"],
        last: "ListItemDelete",
        ..ROW
    },
    Defect {
        name: "keyvalue-push-counts-deleted",
        what: "counts items that were deleted as a part of the list",
        red: &["keyvalue::list-goes-on"],
        last: "Push",
        ..ROW
    },
    Defect {
        name: "keyvalue-empty-list-stays",
        what: "keeps the key of a list that became empty",
        red: &["keyvalue::empty-is-missing"],
        last: "KeyExists",
        ..ROW
    },
    Defect {
        name: "keyvalue-set-add-returns-size",
        what: "returns from `SetAdd` how large the set is",
        red: &["keyvalue::set-counts", "keyvalue::set-sorted"],
        last: "SetAdd",
        ..ROW
    },
    Defect {
        name: "keyvalue-set-remove-returns-size",
        what: "returns from `SetRemove` how large the set is",
        red: &["keyvalue::empty-is-missing", "keyvalue::set-counts"],
        last: "SetRemove",
        ..ROW
    },
    Defect {
        name: "keyvalue-sets-unsorted",
        what: "lists the members of sets the other way round",
        red: &["keyvalue::set-sorted"],
        last: "SetQuery",
        ..ROW
    },
    Defect {
        name: "keyvalue-clear-removes-a-set",
        what: "clears a set where a list is asked for",
        red: &["keyvalue::other-type"],
        last: "Clear",
        ..ROW
    },
    Defect {
        name: "keyvalue-key-ends-at-nul",
        what: "reads keys up to their first NUL",
        red: &["keyvalue::any-string"],
        last: "",
        ..ROW
    },
    Defect {
        name: "keyvalue-one-namespace",
        what: "keeps the keys of all actors in one place",
        red: &["keyvalue::own-namespace", "keyvalue::shared-namespace"],
        last: "Get",
        ..ROW
    },
    Defect {
        name: "keyvalue-namespace-ignored",
        what: "does not read `NAMESPACE`",
        red: &["keyvalue::shared-namespace"],
        last: "Get",
        ..ROW
    },
    Defect {
        name: "keyvalue-remove-does-nothing",
        what: "answers `RemoveActor` and removes nothing",
        red: &[
            "links::unlinked-op",
            "fuzz::lifecycle",
            "keyvalue::own-namespace",
            "keyvalue::shared-namespace",
            "keyvalue::without-link",
        ],
        last: "handle_call",
        ..ROW
    },
    Defect {
        name: "keyvalue-panics-on-malformed",
        what: "unwraps the payload of `Get`",
        red: &["ops::declared::Get", "ops::malformed::Get"],
        verdict: "panic",
        last: "\"Get\"",
        ..ROW
    },
];
