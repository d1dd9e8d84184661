//! The command from end to end: the real program, real libraries, real packages.

mod actions;
mod answers;
mod arguments;
mod call;
mod check;
mod command;
mod contract;
mod debug;
mod exit_codes;
mod expectations;
mod faulty;
mod fool;
mod fuzz;
mod help;
mod inspect;
mod interrupt;
mod libraries;
mod new;
mod package;
mod packages;
mod reports;
mod run;
mod unusable;
