//! What people and programs get to see of a run. Nothing here prints.

mod document;
mod failure;
pub mod github;
mod html;
mod human;
mod json;
mod junit;
#[cfg(feature = "schema")]
mod schema;
mod standing;
mod style;
mod text;

#[cfg(test)]
mod examples;

#[cfg(feature = "schema")]
pub use self::schema::{description_schema, identity_schema, lines_schema, report_schema};
pub use self::{
    document::{Document, Refusal},
    failure::failure,
    html::html,
    human::{human, summary_line},
    json::{Event, json},
    junit::junit,
    style::Style,
    text::is_control,
};
