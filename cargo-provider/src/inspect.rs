//! `cargo provider inspect`: what a library says of itself.

use provider_core::description::{Argument, LinkValue, Operation};
use provider_testkit::{Identity, Kit, Options, SCHEMA_VERSION};
use serde_json::{Value, json};

use crate::{
    build,
    check::refusal,
    cli,
    exit::{Exit, Failure},
    output::{Output, one_line},
    paragraph::Page,
};

/// Shows what a library says of itself.
pub(crate) fn run(arguments: &cli::Inspect, output: &mut Output) -> Result<Exit, Failure> {
    let found = build::find(arguments.library.as_deref(), &arguments.package)?;
    let kit =
        Kit::open(&found.library, Options::default()).map_err(|unusable| refusal(&unusable))?;
    let identity = kit.identity();
    if arguments.json {
        output.json(&document(identity));
    } else {
        output.text(&page(identity));
    }
    Ok(Exit::Success)
}

fn document(identity: &Identity) -> Value {
    let mut document = json!({ "schema_version": SCHEMA_VERSION });
    // What a provider is can always be written: it has been read from such a document.
    if let (Value::Object(all), Ok(Value::Object(identity))) =
        (&mut document, serde_json::to_value(identity))
    {
        all.extend(identity);
    }
    if let Some(description) = &identity.description {
        document["description"] = json!(description);
    }
    document
}

fn page(identity: &Identity) -> String {
    let mut page = Page::default();
    let mut row = |label: &str, value: &str| {
        page.line(format!("{label:10}{}", one_line(value)).trim_end());
    };
    row("contract", &identity.contract);
    row("vendor", &identity.vendor);
    row("name", &identity.name);
    row("version", &identity.version);
    if identity.revision != 0 {
        row("revision", &identity.revision.to_string());
    }
    row("abi", &format!("{}.{}", identity.abi.0, identity.abi.1));
    row("build", &identity.build);
    row("flags", &joined(&identity.flag_names()));
    row("library", &identity.path.to_string_lossy());
    row("format", &format!("{}, {} bytes", identity.format, identity.size));
    row("sha256", &identity.sha256);
    page.line("");
    page.line(&format!("operations: {}", identity.ops.len()));
    let more = identity.description.as_ref();
    for op in &identity.ops {
        let more = more.and_then(|more| more.operation(&op.name));
        let arrow = if op.actor_to_provider { "->" } else { "<-" };
        let flags = op.flag_names();
        let flags =
            if flags.is_empty() { String::new() } else { format!("  [{}]", joined(&flags)) };
        let signature = more.map(signature).unwrap_or_default();
        page.line(&format!("  {arrow} {}{signature}{flags}", one_line(&op.name)));
        if let Some(more) = more.filter(|more| !more.aliases.is_empty()) {
            page.line(&format!("       also: {}", one_line(&more.aliases.join(", "))));
        }
        page.paragraph("       ", "       ", op.doc.trim());
    }
    if !identity.ops.is_empty() {
        page.line("");
        page.line("-> an actor calls the provider   <- the provider calls an actor");
    }
    if let Some(values) = more.and_then(|more| more.link.as_ref()) {
        page.line("");
        page.line(&format!("link values: {}", values.len()));
        for value in values {
            page.line(&format!("  {}", one_line(&link_value(value))));
            page.paragraph("       ", "       ", value.doc.trim());
        }
    }
    page.into_text()
}

/// An operation's arguments and its reply, as far as they are known.
pub(crate) fn signature(op: &Operation) -> String {
    let mut signature = String::new();
    if let Some(arguments) = &op.arguments {
        let typed = |argument: &Argument| match &argument.r#type {
            Some(written) => format!("{}: {written}", argument.name),
            None => argument.name.clone(),
        };
        let arguments: Vec<String> = arguments.iter().map(typed).collect();
        signature = format!("({})", arguments.join(", "));
    }
    if let Some(reply) = &op.reply {
        signature = format!("{signature} -> {reply}");
    }
    one_line(&signature)
}

/// A link's value: its key, what it is, and whether it must be there.
pub(crate) fn link_value(value: &LinkValue) -> String {
    let written = value.r#type.as_deref().map(|written| format!(": {written}")).unwrap_or_default();
    let secret = if value.secret { ", a secret" } else { "" };
    let standing = match &value.default {
        Some(default) => format!("default `{default}`"),
        None => String::from(if value.required { "required" } else { "optional" }),
    };
    format!("{}{written}{secret} ({standing})", value.key)
}

fn joined(names: &[String]) -> String {
    if names.is_empty() { String::from("none") } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use provider_core::abi::{descriptor_flags, op_flags};
    use provider_testkit::OpIdentity;

    use super::*;

    fn identity() -> Identity {
        Identity {
            path: "/lib/x.so".into(),
            sha256: "00".into(),
            size: 7,
            format: "Elf, x86_64".into(),
            abi: (1, 0),
            contract: "wasmcloud:keyvalue".into(),
            vendor: String::new(),
            name: "n\u{1b}[31m".into(),
            version: "0.1.0".into(),
            revision: 0,
            build: "cc".into(),
            flags: descriptor_flags::UNLOADABLE | 0x100,
            ops: vec![OpIdentity {
                name: "Get".into(),
                doc: " Reads a key.\n\n Missing keys are empty.".into(),
                flags: op_flags::IDEMPOTENT,
                actor_to_provider: true,
                idempotent: true,
                deprecated: false,
            }],
            description: None,
        }
    }

    #[test]
    fn the_page_names_every_part_and_flags_without_a_name_by_number() {
        let page = page(&identity());
        assert!(page.contains("contract  wasmcloud:keyvalue\nvendor\nname      n\\u{1b}[31m\n"));
        assert!(page.contains("flags     unloadable, 0x100\n"));
        assert!(
            page.contains(
                "operations: 1\n  -> Get  [idempotent]\n       Reads a key.\n\n        Missing"
            ),
            "{page}"
        );
    }

    #[test]
    fn the_document_says_who_calls_whom() {
        let document = document(&identity());
        assert_eq!(document["schema_version"], 1);
        assert_eq!(document["abi"], json!({ "major": 1, "minor": 0 }));
        assert_eq!(document["flags"], json!(["unloadable", "0x100"]));
        assert_eq!(document["ops"][0]["direction"], "actor-to-provider");
        assert_eq!(document["ops"][0]["flags"], json!(["idempotent"]));
    }
}
