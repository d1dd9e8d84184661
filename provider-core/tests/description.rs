//! What the SDK writes of a provider with a contract, and reads back.

use provider_core::{
    description::{Argument, Description, Example},
    prelude::*,
};
use serde_json::json;

/// Notes.
#[contract("test:notes", version = "0.3")]
trait Notes {
    /// Finds notes.
    #[op(
        idempotent,
        alias = "Search",
        example(title = "none", request = r#"{"text": "x"}"#, reply = "[]"),
        example(request = r#"{"text": "x", "at most": 2}"#)
    )]
    fn find(
        &self,
        cx: Cx<'_, Self>,
        text: &str,
        #[arg(name = "at most")] most: Option<u32>,
    ) -> OpResult<Vec<String>>;

    #[op(unary)]
    #[deprecated]
    fn keep(&self, cx: Cx<'_, Self>, note: Option<String>) -> Result<(), Error>;
}

#[derive(LinkValues)]
#[expect(dead_code, reason = "only its schema is of interest")]
struct Settings {
    /// Where the notes are.
    folder: String,
    #[value(default = "hunter2")]
    password: Secret,
}

struct Nobody;

impl Provider for Nobody {
    type Link = ();
    const LINK: LinkSchema = Settings::SCHEMA;

    fn link(&self, _: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Notes for Nobody {
    fn find(&self, _: Cx<'_, Self>, _: &str, _: Option<u32>) -> OpResult<Vec<String>> {
        Ok(Vec::new())
    }

    fn keep(&self, _: Cx<'_, Self>, _: Option<String>) -> Result<(), Error> {
        Ok(())
    }
}

fn description() -> Description {
    Description::of(provider_core::contract_of!(Nobody: Notes), &Nobody::LINK)
}

#[test]
fn everything_that_the_contract_says_is_in_it() {
    let description = description();
    let about = (&*description.contract, description.version.as_deref(), &*description.doc);
    assert_eq!(about, ("test:notes", Some("0.3"), "Notes."));
    let find = description.operation("Search").unwrap();
    assert_eq!((&*find.name, &*find.doc, find.idempotent), ("Find", "Finds notes.", true));
    let argument = |name: &str, written: &str, optional| Argument {
        name: name.into(),
        r#type: Some(written.into()),
        optional,
    };
    let arguments = [argument("text", "&str", false), argument("at most", "Option<u32>", true)];
    assert_eq!(find.arguments.as_deref(), Some(&arguments[..]));
    assert_eq!(find.reply.as_deref(), Some("Vec<String>"));
    let examples = [
        Example {
            title: Some("none".into()),
            request: json!({ "text": "x" }),
            reply: Some(json!([])),
        },
        Example { title: None, request: json!({ "text": "x", "at most": 2 }), reply: None },
    ];
    assert_eq!(find.examples, examples);
    let keep = description.operation("Keep").unwrap();
    assert!(keep.unary && keep.deprecated && !keep.idempotent);
    // The message itself cannot be left out.
    assert!(!keep.arguments.as_ref().unwrap()[0].optional);
}

#[test]
fn a_secrets_default_is_not_said() {
    let link = description().link.unwrap();
    assert_eq!((&*link[0].key, link[0].required, link[0].secret), ("FOLDER", true, false));
    assert_eq!((link[1].required, link[1].secret, &link[1].default), (false, true, &None));
    assert!(!String::from_utf8(description().to_json()).unwrap().contains("hunter2"));
}

#[test]
fn what_is_written_reads_back() {
    assert_eq!(Description::from_json(&description().to_json()), Ok(description()));
}
