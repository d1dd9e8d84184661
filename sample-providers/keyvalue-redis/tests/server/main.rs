//! The provider beside real servers, which are killed, stopped, filled and made read-only.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod away;
mod bind;
mod full;
mod left;
mod meaning;
mod provider;
mod tls;

use std::process::ExitCode;

macro_rules! tests {
    ($($module:ident::$name:ident,)*) => {
        &[$((concat!(stringify!($module), "::", stringify!($name)), $module::$name as fn())),*]
    };
}

fn main() -> ExitCode {
    test_servers::main(
        &["redis-server"],
        tests![
            meaning::every_pinned_rule_holds,
            meaning::sums_of_many_threads_add_up,
            meaning::what_was_set_outlives_the_link,
            meaning::what_other_programs_store_is_refused_and_kept,
            meaning::a_server_that_forgot_the_script_gets_it_again,
            meaning::a_set_that_is_missing_hides_no_wrong_one,
            bind::a_server_that_is_not_there_fails_the_bind,
            bind::a_wrong_password_fails_the_bind_and_is_not_told,
            bind::users_passwords_and_databases_come_from_either_place,
            bind::a_server_that_does_not_answer_fails_the_bind_in_time,
            bind::what_is_no_redis_fails_the_bind,
            bind::values_that_cannot_be_used_are_refused,
            away::nothing_acknowledged_is_lost_when_the_server_is_killed,
            away::a_server_that_is_stopped_costs_time_outs_and_nobody_else_waits,
            away::a_connection_that_the_server_ends_is_made_again,
            away::health_tells_which_link_has_no_server,
            full::a_value_of_1_mib_passes_and_one_above_the_limit_does_not,
            full::a_value_that_only_the_server_refuses_costs_one_connection,
            full::a_server_without_memory_refuses_and_keeps_what_it_has,
            full::a_replica_refuses_changes_until_it_is_one_no_more,
            full::a_server_that_lacks_replicas_refuses_changes,
            tls::a_server_with_tls_is_used_when_its_certificate_is_trusted_and_only_then,
            left::a_link_that_ends_leaves_no_connection,
            left::a_provider_that_stops_leaves_nothing,
            left::a_link_that_ends_while_its_server_is_away_leaves_nothing,
        ],
    )
}
