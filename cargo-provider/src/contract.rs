//! `cargo provider contract`: the contract of a library, for people, programs and books.

use std::fs;

use provider_core::description::{DESCRIPTION_VERSION, Description, Example, Operation};
use provider_testkit::{Identity, Kit, OpIdentity, Options};
use serde_json::json;

use crate::{
    build,
    check::refusal,
    cli,
    exit::{Exit, Failure},
    inspect::{link_value, signature},
    output::{Output, one_line},
    paragraph::Page,
    rustdoc::as_markdown,
};

/// Shows the contract of a library, or writes it to a file.
pub(crate) fn run(arguments: &cli::Contract, output: &mut Output) -> Result<Exit, Failure> {
    let found = build::find(arguments.library.as_deref(), &arguments.package)?;
    let kit =
        Kit::open(&found.library, Options::default()).map_err(|unusable| refusal(&unusable))?;
    let identity = kit.identity();
    let contract = identity.description.clone().unwrap_or_else(|| as_declared(identity));
    let text = if arguments.json {
        // `{:#}` is serde_json's pretty form.
        format!("{:#}\n", json!(contract))
    } else if arguments.markdown {
        markdown(&contract)
    } else {
        listing(&contract)
    };
    if let Some(file) = &arguments.output {
        fs::write(file, text)
            .map_err(|error| Failure::unusable(format!("`{}`: {error}", file.display())))?;
    } else if arguments.json {
        output.json_text(&text);
    } else {
        output.text(&text);
    }
    Ok(Exit::Success)
}

/// What the descriptor of a library says that has no more to say.
fn as_declared(identity: &Identity) -> Description {
    let operation = |op: &OpIdentity| Operation {
        name: op.name.clone(),
        aliases: Vec::new(),
        doc: op.doc.clone(),
        idempotent: op.idempotent,
        deprecated: op.deprecated,
        to_actor: !op.actor_to_provider,
        unary: false,
        arguments: None,
        reply: None,
        examples: Vec::new(),
    };
    Description {
        schema_version: DESCRIPTION_VERSION,
        contract: identity.contract.clone(),
        version: None,
        doc: String::new(),
        asynchronous: false,
        operations: identity.ops.iter().map(operation).collect(),
        link: None,
    }
}

fn listing(contract: &Description) -> String {
    let mut page = Page::default();
    let version = contract.version.as_ref().map(|version| format!(" {version}"));
    page.line(&one_line(&format!("{}{}", contract.contract, version.unwrap_or_default())));
    page.paragraph("", "", contract.doc.trim());
    for op in &contract.operations {
        page.line("");
        page.line(&format!("{}{}", one_line(&op.name), signature(op)));
        let marks = marks(op);
        if !marks.is_empty() {
            page.paragraph("  ", "  ", &marks.join(" "));
        }
        page.paragraph("  ", "  ", op.doc.trim());
        for Example { title, request, reply } in &op.examples {
            let title = title.as_ref().map(|title| format!("{title}: ")).unwrap_or_default();
            let reply = reply.as_ref().map(|reply| format!(" -> {reply}")).unwrap_or_default();
            page.line(&format!("  * {}", one_line(&format!("{title}{request}{reply}"))));
        }
    }
    if let Some(values) = &contract.link {
        page.line("");
        page.line(&format!("link values: {}", values.len()));
        for value in values {
            page.line(&format!("  {}", one_line(&link_value(value))));
            page.paragraph("    ", "    ", value.doc.trim());
        }
    }
    page.into_text()
}

/// A page of Markdown.
fn markdown(contract: &Description) -> String {
    let mut parts = vec![format!("# The contract `{}`", contract.contract)];
    parts.extend(contract.version.as_ref().map(|version| format!("Version {version}.")));
    if contract.asynchronous {
        parts.push("Calls need not wait for each other: the provider is asynchronous.".into());
    }
    parts.push(as_markdown(&contract.doc, 1));
    parts.push("## Operations".into());
    for op in &contract.operations {
        parts.push(format!("### {}", op.name));
        parts.push(fenced("text", &format!("{}{}", op.name, signature(op))));
        parts.push(as_markdown(&op.doc, 3));
        parts.push(marks(op).iter().map(|mark| format!("*{mark}*")).collect::<Vec<_>>().join(" "));
        for Example { title, request, reply } in &op.examples {
            let title = title.as_ref().map(|title| format!(", {title}")).unwrap_or_default();
            parts.push(format!("Example{title}:"));
            parts.push(fenced("json", &request.to_string()));
            if let Some(reply) = reply {
                parts.push("is answered with".into());
                parts.push(fenced("json", &reply.to_string()));
            }
        }
    }
    if let Some(values) = &contract.link {
        parts.push("## Link values".into());
        parts.extend(values.is_empty().then(|| String::from("None.")));
        for value in values {
            let doc = as_markdown(&value.doc, 3).replace('\n', "\n  ");
            // What it is has code in it: the key alone is code.
            let line = link_value(value);
            let mut item = format!("- `{}`{}", value.key, &line[value.key.len()..]);
            if !doc.is_empty() {
                item = format!("{item}\n\n  {doc}");
            }
            parts.push(item);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

/// What is to be known of an operation besides its documentation.
fn marks(op: &Operation) -> Vec<String> {
    let mut marks = Vec::new();
    if op.to_actor {
        marks.push("The provider calls it on its actors.".into());
    }
    if op.idempotent {
        marks.push("May be sent again.".into());
    }
    if op.deprecated {
        marks.push("Deprecated.".into());
    }
    if op.unary {
        marks.push("The argument is the whole message.".into());
    }
    if !op.aliases.is_empty() {
        marks.push(format!("Also answers to {}.", op.aliases.join(", ")));
    }
    marks
}

/// A block of code, whatever is in it.
fn fenced(language: &str, code: &str) -> String {
    let mut fence = String::from("```");
    while code.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{code}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> Description {
        let document = json!({
            "schema_version": 1, "contract": "test:notes", "version": "0.3", "doc": "Notes.",
            "operations": [{
                "name": "Find", "aliases": ["Search"], "doc": "Finds.\n\nAll of them.", "idempotent": true,
                "arguments": [{ "name": "text", "type": "String" }], "reply": "Vec<String>",
                "examples": [{ "title": "none", "request": { "text": "x" }, "reply": [] }],
            }],
            "link": [{ "key": "FOLDER", "type": "text", "required": true, "doc": "Where." }],
        });
        Description::from_json(document.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_listing_has_every_part() {
        assert_eq!(
            listing(&contract()),
            "test:notes 0.3\nNotes.\n\nFind(text: String) -> Vec<String>\n  May be sent again. Also answers to \
             Search.\n  Finds.\n\n  All of them.\n  * none: {\"text\":\"x\"} -> []\n\nlink values: 1\n  \
             FOLDER: text (required)\n    Where.\n"
        );
    }

    #[test]
    fn the_page_has_every_part() {
        assert_eq!(
            markdown(&contract()),
            "# The contract `test:notes`\n\nVersion 0.3.\n\nNotes.\n\n## Operations\n\n### Find\n\n```text\n\
             Find(text: String) -> Vec<String>\n```\n\nFinds.\n\nAll of them.\n\n*May be sent again.* *Also \
             answers to Search.*\n\nExample, none:\n\n```json\n{\"text\":\"x\"}\n```\n\nis answered \
             with\n\n```json\n[]\n```\n\n## Link values\n\n- `FOLDER`: text (required)\n\n  Where.\n"
        );
    }

    #[test]
    fn code_with_a_fence_in_it_has_a_longer_one() {
        assert_eq!(fenced("text", "```"), "````text\n```\n````");
    }
}
