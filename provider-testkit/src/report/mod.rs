//! What people and programs get to see of a run. Nothing here prints.

mod human;
mod json;

pub use self::{
    human::{Style, failure, human, summary_line},
    json::json,
};
