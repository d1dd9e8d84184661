//! The schemas of what programs read, made from the types that are written.

use provider_core::description::Description;
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use super::{
    Refusal,
    json::{Event, Whole},
};
use crate::Identity;

/// The schema of [`json`](super::json()): JSON Schema 2020-12.
#[must_use]
pub fn report_schema() -> Value {
    let mut generator = generator();
    let either = [generator.subschema_for::<Whole<'_>>(), generator.subschema_for::<Refusal>()];
    whole(&mut generator, "A report of the conformance testkit", &json!({ "anyOf": either }))
}

/// The schema of one line of [`Event`]s: JSON Schema 2020-12.
#[must_use]
pub fn lines_schema() -> Value {
    let mut generator = generator();
    let event = generator.subschema_for::<Event<'_>>();
    whole(&mut generator, "One line of a running report of the conformance testkit", &json!(event))
}

/// The schema of what a provider is, as `inspect` writes it: JSON Schema 2020-12.
#[must_use]
pub fn identity_schema() -> Value {
    let mut generator = generator();
    let identity = generator.subschema_for::<Identity>();
    let version = json!({ "type": "integer", "const": crate::SCHEMA_VERSION });
    let description = generator.subschema_for::<Description>();
    let all = json!({
        "allOf": [identity],
        "properties": { "schema_version": version, "description": description },
        "required": ["schema_version"],
    });
    whole(&mut generator, "A capability provider", &all)
}

/// The schema of what a library says of itself: JSON Schema 2020-12.
#[must_use]
pub fn description_schema() -> Value {
    let mut generator = generator();
    let description = generator.subschema_for::<Description>();
    whole(
        &mut generator,
        "What a capability provider's library says of itself",
        &json!(description),
    )
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

fn whole(generator: &mut SchemaGenerator, title: &str, body: &Value) -> Value {
    let mut schema = Schema::default();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!(title));
    if let Value::Object(members) = body {
        for (name, value) in members {
            schema.insert(name.clone(), value.clone());
        }
    }
    schema.insert("$defs".into(), Value::Object(generator.take_definitions(true)));
    schema.to_value()
}
