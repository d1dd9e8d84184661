//! The provider beside real servers, which are killed and stopped during traffic.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

#[path = "../../../messaging-local/tests/actors/mod.rs"]
mod actors;
mod away;
mod bind;
mod jwt;
mod left;
mod meaning;
mod provider;

use std::process::ExitCode;

macro_rules! tests {
    ($($module:ident::$name:ident,)*) => {
        &[$((concat!(stringify!($module), "::", stringify!($name)), $module::$name as fn())),*]
    };
}

fn main() -> ExitCode {
    test_servers::main(
        &["nats-server"],
        tests![
            meaning::every_pinned_rule_is_kept_to_the_word,
            meaning::a_queue_group_over_two_hosts_shares_evenly_and_in_order,
            meaning::a_slow_actor_loses_messages_and_not_its_connection,
            meaning::slow_actors_hold_up_nobody,
            meaning::a_body_of_1_mib_passes_and_one_above_the_limit_is_refused,
            bind::a_server_that_is_not_there_fails_the_bind_and_leaves_nothing,
            bind::wrong_credentials_are_named_and_not_told,
            bind::credentials_come_from_the_url,
            bind::a_server_that_does_not_answer_fails_the_bind_in_time,
            bind::a_subscription_that_the_server_forbids_fails_the_bind,
            bind::values_that_cannot_be_used_are_refused,
            bind::the_next_server_of_the_list_is_taken,
            jwt::a_user_logs_in_with_a_jwt_and_its_seed_or_with_a_file_of_both,
            away::a_server_that_is_killed_during_traffic_costs_errors_and_no_message_twice,
            away::a_server_that_is_stopped_costs_time_outs_and_nobody_else_waits,
            left::a_link_that_ends_leaves_no_connection,
            left::a_provider_that_stops_leaves_nothing,
            left::a_link_that_ends_while_its_server_is_away_leaves_nothing,
        ],
    )
}
