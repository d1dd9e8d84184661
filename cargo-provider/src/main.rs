//! The command `cargo provider`: begins, checks, inspects and calls capability providers.
//!
//! Cargo starts `cargo-provider provider …` for `cargo provider …`; it can be started directly as
//! well.

mod actions;
mod build;
mod call;
mod check;
mod cli;
mod color;
mod contract;
mod debug;
mod exit;
mod expectations;
mod explain;
mod fuzz;
mod inspect;
mod list;
mod log_lines;
mod new;
mod output;
mod paragraph;
mod progress;
mod reports;
mod run;
mod rustdoc;

use std::{
    env, panic,
    process::{self, ExitCode},
};

use clap::Parser;

use crate::{
    cli::{Cli, Command},
    exit::{Exit, Failure},
    output::Output,
};

fn main() -> ExitCode {
    // The process of a check, or of a call, is this program once more.
    provider_testkit::enter_worker_if_asked();
    // Whatever we know no better answer to has an exit code of its own.
    panic::catch_unwind(command_line).unwrap_or(Exit::Internal).into()
}

fn command_line() -> Exit {
    let mut output = Output::standard();
    // Workers die with the process that started them.
    let handler = ctrlc::set_handler(|| {
        // What was found until now is worth more than an end at once; who insists gets that.
        if fuzz::interrupt() || run::interrupt() {
            return;
        }
        provider_testkit::abandon();
        Output::standard().error("interrupted");
        process::exit(i32::from(Exit::Interrupted as u8));
    });
    if let Err(error) = handler {
        output.message("warning", &format!("cannot watch for interrupts: {error}"));
    }
    let exit = match Cli::try_parse_from(cli::without_subcommand(env::args_os())) {
        Ok(cli) => command(cli.command, &mut output).unwrap_or_else(|failure| {
            output.error(&failure.message);
            failure.exit
        }),
        Err(error) => {
            // Help and version are answers, the rest is a mistake.
            let text = error.render().to_string();
            if error.use_stderr() {
                output.usage(&text);
                Exit::Unusable
            } else {
                output.text(&text);
                Exit::Success
            }
        }
    };
    output.finish(exit)
}

fn command(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::New(arguments) => new::run(&arguments, output),
        Command::Check(arguments) => check::run(arguments, output),
        Command::List(arguments) => Ok(list::run(&arguments, output)),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::Fuzz(arguments) => fuzz::run(arguments, output),
        Command::Inspect(arguments) => inspect::run(&arguments, output),
        Command::Contract(arguments) => contract::run(&arguments, output),
        Command::Call(arguments) => call::run(arguments, output),
        Command::Run(arguments) => run::run(arguments, output),
    }
}
