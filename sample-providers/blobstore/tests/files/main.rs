//! Objects in files and in memory.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

#[path = "../linked/mod.rs"]
mod linked;

mod disk;
mod ids;
mod killed;
mod limits;
mod meaning;

use std::process::ExitCode;

/// The tests of a module, by their paths.
macro_rules! tests {
    ($($module:ident::$test:ident,)*) => {
        &[$((concat!(stringify!($module), "::", stringify!($test)), $module::$test as fn())),*]
    };
}

fn main() -> ExitCode {
    let tests: &[(&str, fn())] = tests![
        disk::a_full_disk_refuses_chunks_with_its_reason_and_loses_nothing,
        disk::a_disk_that_becomes_read_only_is_told_and_can_be_read,
        ids::whatever_an_id_holds_its_object_stays_below_the_root_and_comes_back,
        killed::child_that_uploads_until_it_is_killed,
        killed::an_object_in_random_chunks_that_come_twice_with_a_crash_in_between_is_whole,
        limits::a_chunk_of_1_mib_is_taken_and_one_above_the_limit_is_refused,
        limits::uploads_in_progress_and_objects_are_bounded_and_what_is_too_much_is_told,
        limits::an_abandoned_upload_is_forgotten_and_its_files_are_removed,
        limits::two_links_of_one_root_share_objects_and_receive_an_object_one_at_a_time,
        limits::a_removed_link_leaves_no_uploads_and_its_downloads_end,
        meaning::files_and_memory_keep_every_pinned_rule_and_give_the_same_transcript,
    ];
    test_servers::main(&[], tests)
}
