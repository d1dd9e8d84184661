//! `cargo provider explain`: one check at length.

use provider_testkit::{Check, find};

use crate::{
    cli,
    exit::{Exit, Failure},
    output::Output,
    paragraph::Page,
};

/// Explains a check.
pub(crate) fn run(arguments: &cli::Explain, output: &mut Output) -> Result<Exit, Failure> {
    let check = find(&arguments.id).map_err(|unknown| Failure::unusable(unknown.to_string()))?;
    output.text(&page(check));
    Ok(Exit::Success)
}

fn page(check: &Check) -> String {
    let mut page = Page::default();
    page.line(&format!("{}  [{}]  {}", check.id, check.level, check.title));
    if check.is_family() {
        let id = check.id;
        page.line(&format!("one check for each operation of the contract: {id}::<op>"));
    }
    page.section(&format!("Rule ({})", check.source), check.rule);
    if !check.why.is_empty() {
        page.section("Why", check.why);
    }
    page.section("What is done", check.what);
    page.items("Usual causes of a failure", check.causes);
    page.section("How to mend it", check.fix);
    if !check.example.is_empty() {
        page.markdown("An example", check.example);
    }
    if !check.needs.is_empty() {
        page.items("Builds on", check.needs);
    }
    page.section("Run it", &format!("cargo provider check {}", check.id));
    let name = check.id.replace("::", "-");
    page.section("Its page in the documentation", &format!("docs/src/checks/{name}.md"));
    page.into_text()
}
