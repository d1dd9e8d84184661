//! `--update-expectations`: writes down what fails, and strikes out what passes again. The rest of the
//! file stays as it is.

use std::ops::Range;

use provider_testkit::{Agreement, CheckReport, Day, Expectation, Expected, ExpectedOutcome, Run};
use toml_edit::{ArrayOfTables, Document, DocumentMut, Item, Table, value};

/// How much of a summary becomes part of a reason, in characters.
const REASON: usize = 200;

/// A file with its expectations up to date.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Updated {
    pub(crate) text: String,
    /// What is different, a line each; none when nothing is.
    pub(crate) changes: Vec<String>,
    /// The ids of expectations that were not fulfilled and stay.
    kept: Vec<String>,
}

/// The `text` of a `provider-testkit.toml` such that `run` holds no surprise. `named` is what the id
/// of an expectation names among all checks that could have been run.
pub(crate) fn updated(
    text: &str,
    run: &Run,
    today: Day,
    named: impl Fn(&str) -> Vec<String>,
) -> Result<Updated, String> {
    let mut changes = Vec::new();
    let mut added = ArrayOfTables::new();
    let (mut removed, mut kept) = (Vec::new(), Vec::new());
    let mut document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
    for check in &run.checks {
        let known = check.expectation.as_ref().map(|expected| &expected.expectation);
        let exact = known.filter(|known| known.id == check.id);
        match (check.agreement(), exact) {
            (Some(Agreement::UnexpectedPass), _) => {}
            _ if !check.is_red() || !check.verdict.is_failure() || check.denied.is_some() => {}
            (Some(_), Some(known)) if known.outcome == ExpectedOutcome::Fail => {
                renew(&mut document, check)?;
                changes.push(format!("renewed the expectation of `{}`", check.id));
            }
            (_, Some(known)) => {
                removed.push(known.id.clone());
                added.push(fresh(check, today));
                changes.push(format!("`{}` is expected to fail now", check.id));
            }
            _ => {
                added.push(fresh(check, today));
                changes.push(format!("added `{}`", check.id));
            }
        }
    }
    for known in passed(run) {
        let about = |check: &&CheckReport| {
            check.expectation.as_ref().is_some_and(|expected| expected.expectation.id == known)
        };
        let ids: Vec<&str> = run.checks.iter().filter(about).map(|check| &*check.id).collect();
        if !named(known).iter().all(|id| run.checks.iter().any(|check| check.id == *id)) {
            changes.push(format!("kept `{known}`: not all of its checks were run"));
            kept.push(known.to_owned());
            continue;
        }
        let entry = entries(&document)?.find(|entry| id_of(entry) == Some(known)).cloned();
        let Some(entry) = entry else { continue };
        // The others that it names still need it.
        let passes = |check: &&CheckReport| check.agreement() == Some(Agreement::UnexpectedPass);
        let others = run.checks.iter().filter(about).filter(|check| !passes(check));
        let others: Vec<&str> = others.map(|check| &*check.id).collect();
        for id in &others {
            let mut own = entry.clone();
            own["id"] = value(*id);
            own.decor_mut().clear();
            own.set_position(None);
            added.push(own);
        }
        removed.push(known.to_owned());
        let rest = others.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        changes.push(match others.len() {
            0 => format!("removed `{known}`, which passes"),
            _ => format!(
                "replaced `{known}`: {} of {} pass, {rest} is left",
                ids.len() - others.len(),
                ids.len()
            ),
        });
    }
    let text = spliced(&document.to_string(), &removed, added)?;
    Ok(Updated { text, changes, kept })
}

/// The ids of the expectations that a check did not fulfil, since it passed: each once.
fn passed(run: &Run) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    for check in &run.checks {
        if let Some(expected) = &check.expectation
            && expected.agreement == Agreement::UnexpectedPass
            && !ids.contains(&&*expected.expectation.id)
        {
            ids.push(&expected.expectation.id);
        }
    }
    ids
}

impl Updated {
    /// The run, had it been held against the file as it is now.
    pub(crate) fn applied(&self, run: &Run) -> Run {
        let mut run = run.clone();
        for check in &mut run.checks {
            let id = check.expectation.as_ref().map(|expected| &expected.expectation.id);
            if check.agreement() == Some(Agreement::UnexpectedPass)
                && id.is_none_or(|id| !self.kept.contains(id))
            {
                check.expectation = None;
            } else if check.verdict.is_failure() {
                let expectation = Expectation {
                    id: check.id.clone(),
                    outcome: ExpectedOutcome::Fail,
                    reason: String::new(),
                    issue: None,
                    until: None,
                    verdict: None,
                };
                let agreement = Agreement::AsExpected;
                check.expectation = Some(Expected { expectation, agreement });
            }
        }
        run
    }
}

fn entries(document: &DocumentMut) -> Result<impl Iterator<Item = &Table>, String> {
    let all = match document.get("expect") {
        None => None,
        Some(Item::ArrayOfTables(tables)) => Some(tables),
        Some(_) => return Err(String::from("`expect` is no list of `[[expect]]`")),
    };
    Ok(all.into_iter().flat_map(ArrayOfTables::iter))
}

fn id_of(entry: &Table) -> Option<&str> {
    entry.get("id")?.as_str()
}

/// An expectation that has been there and whose day is over, or whose verdict is another one.
fn renew(document: &mut DocumentMut, check: &CheckReport) -> Result<(), String> {
    let tables = document.get_mut("expect").and_then(Item::as_array_of_tables_mut);
    let tables = tables.ok_or("`expect` is no list of `[[expect]]`")?;
    let entry = tables.iter_mut().find(|entry| id_of(entry) == Some(&check.id));
    let Some(entry) = entry else { return Ok(()) };
    match check.agreement() {
        Some(Agreement::UnexpectedVerdict) => entry["verdict"] = value(check.verdict.word()),
        _ => {
            entry.remove("until");
        }
    }
    Ok(())
}

/// An expectation whose author is still to say why.
fn fresh(check: &CheckReport, today: Day) -> Table {
    let said: String = check.summary.chars().take(REASON).collect();
    let mut table = Table::new();
    table["id"] = value(&check.id);
    table["outcome"] = value("fail");
    table["reason"] = value(format!("{}: {said} (seen {today})", check.verdict.word()));
    table
}

/// The text without the entries `removed`, and with `added` behind the last entry that is left.
fn spliced(text: &str, removed: &[String], added: ArrayOfTables) -> Result<String, String> {
    let document = Document::parse(text).map_err(|error| format!("{error}"))?;
    let tables = document.get("expect").and_then(Item::as_array_of_tables);
    let mut cuts: Vec<Range<usize>> = Vec::new();
    let mut last = text.len();
    for table in tables.into_iter().flat_map(ArrayOfTables::iter) {
        let Some(header) = table.span() else { continue };
        let values = table.iter().filter_map(|(_, item)| item.span());
        let end = values.map(|span| span.end).fold(header.end, usize::max);
        let end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        last = end;
        if id_of(table).is_some_and(|id| removed.iter().any(|gone| gone == id)) {
            cuts.push(with_comment(text, header.start)..end);
        }
    }
    let mut new = DocumentMut::new();
    if !added.is_empty() {
        new.insert("expect", Item::ArrayOfTables(added));
    }
    let new = new.to_string();
    // The place decides about the empty line before.
    let new = new.trim_start();
    let mut out = String::new();
    let mut from = 0;
    for cut in cuts {
        out.push_str(&text[from..cut.start]);
        from = cut.end;
        // What stood between it and the next one goes as well.
        if out.is_empty() || out.ends_with("\n\n") {
            from += text[from..].len() - text[from..].trim_start_matches('\n').len();
        }
    }
    let last = last.max(from);
    out.push_str(&text[from..last]);
    if !new.is_empty() {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        if !out.is_empty() && !out.ends_with("\n\n") {
            out.push('\n');
        }
        out.push_str(new);
        if text[last..].starts_with(|c| c != '\n') {
            out.push('\n');
        }
    }
    out.push_str(&text[last..]);
    if text[last..].is_empty() {
        out.truncate(out.trim_end_matches('\n').len());
        if !out.is_empty() {
            out.push('\n');
        }
    }
    Ok(out)
}

/// Where the comment right above an entry begins, which is about that entry.
fn with_comment(text: &str, entry: usize) -> usize {
    let mut start = entry;
    for line in text[..entry].split_inclusive('\n').rev() {
        if !line.trim_start().starts_with('#') {
            break;
        }
        start -= line.len();
    }
    start
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn today() -> Day {
        "2026-11-22".parse().unwrap()
    }

    fn known(id: &str, agreement: Agreement) -> Expected {
        let expectation = Expectation {
            id: id.into(),
            outcome: ExpectedOutcome::Fail,
            reason: "r".into(),
            issue: None,
            until: None,
            verdict: None,
        };
        Expected { expectation, agreement }
    }

    fn check(id: &str, verdict: &str, expected: Option<Expected>) -> CheckReport {
        let report = json!({
            "id": id, "level": "must", "title": "", "verdict": {"kind": verdict},
            "summary": if verdict == "pass" { "" } else { "it \"broke\"" }, "rule": "",
            "steps": [], "calls": 0, "expected": null, "got": null, "likely": null, "panic": null,
            "signal": null, "threads": [], "notes": [], "stderr_tail": "", "duration_ms": 0, "again": "",
        });
        let report: CheckReport = serde_json::from_value(report).unwrap();
        CheckReport { expectation: expected, ..report }
    }

    fn run(checks: Vec<CheckReport>) -> Run {
        let run = json!({
            "schema_version": 1, "kit_version": "", "host": "", "duration_ms": 0, "checks": [],
            "identity": {
                "path": "", "sha256": "", "size": 0, "format": "", "abi": {"major": 1, "minor": 0}, "contract": "",
                "vendor": "", "name": "", "version": "", "revision": 0, "build": "", "flags": [],
                "ops": [],
            },
        });
        let run: Run = serde_json::from_value(run).unwrap();
        Run { checks, ..run }
    }

    fn update(text: &str, checks: Vec<CheckReport>) -> Updated {
        let updated = updated(text, &run(checks), today(), |id| vec![id.replace('*', "bind")]);
        let updated = updated.unwrap();
        // It can be read, and a second time changes nothing.
        let _: DocumentMut = updated.text.parse().unwrap();
        updated
    }

    const FILE: &str = "\
# Ours.
[run]
level = \"should\"   # all of it

# It is slow.
[[expect]]
id = \"links::bind\"   # the first
outcome = \"fail\"
reason = \"r\"

[[expect]]
id = \"stop::clean\"
outcome = \"fail\"
reason = \"r\"

[env]
A = \"b\"
";

    #[test]
    fn what_fails_is_written_behind_the_others_and_the_rest_stays_as_it_is() {
        let updated = update(FILE, vec![check("links::remove", "panic", None)]);
        let new = "\n[[expect]]\nid = \"links::remove\"\noutcome = \"fail\"\n\
                   reason = 'panic: it \"broke\" (seen 2026-11-22)'\n\n[env]";
        assert_eq!(updated.text, FILE.replace("\n[env]", new));
        assert_eq!(updated.changes, ["added `links::remove`"]);
        let alone = update("", vec![check("links::remove", "panic", None)]).text;
        assert!(alone.starts_with("[[expect]]\nid = \"links::remove\"\n"), "{alone}");
        let behind = update("[run]\njobs = 1", vec![check("links::remove", "panic", None)]).text;
        assert!(behind.starts_with("[run]\njobs = 1\n\n[[expect]]\n"), "{behind}");
    }

    #[test]
    fn what_passes_is_struck_out_with_the_comment_above() {
        let passes = |id| check(id, "pass", Some(known(id, Agreement::UnexpectedPass)));
        let first = update(FILE, vec![passes("links::bind")]);
        let gone = "# It is slow.\n[[expect]]\nid = \"links::bind\"   # the first\n\
                    outcome = \"fail\"\nreason = \"r\"\n\n";
        assert_eq!(first.text, FILE.replace(gone, ""));
        assert_eq!(first.changes, ["removed `links::bind`, which passes"]);
        let both = update(FILE, vec![passes("links::bind"), passes("stop::clean")]);
        assert_eq!(
            both.text,
            "# Ours.\n[run]\nlevel = \"should\"   # all of it\n\n[env]\nA = \"b\"\n"
        );
    }

    #[test]
    fn a_glob_of_which_some_pass_becomes_those_that_do_not() {
        let text = "[[expect]]\nid = \"links::*\"\noutcome = \"fail\"\nreason = \"r\"\n";
        let checks = vec![
            check("links::bind", "pass", Some(known("links::*", Agreement::UnexpectedPass))),
            check("links::remove", "fail", Some(known("links::*", Agreement::AsExpected))),
        ];
        let updated = update(text, checks);
        assert_eq!(updated.text, text.replace("links::*", "links::remove"));
        assert!(updated.changes[0].contains("1 of 2 pass, `links::remove` is left"));
        // `links::bind` is not there.
        let checks =
            vec![check("links::x", "pass", Some(known("links::*", Agreement::UnexpectedPass)))];
        assert_eq!(update(text, checks).text, text);
    }

    #[test]
    fn what_is_over_is_renewed() {
        let text = "[[expect]]\nid = \"links::bind\"\noutcome = \"fail\"\nreason = \"r\"\nuntil = 2020-01-31\n";
        let checks =
            vec![check("links::bind", "fail", Some(known("links::bind", Agreement::Expired)))];
        assert_eq!(update(text, checks).text, text.replace("until = 2020-01-31\n", ""));
    }

    #[test]
    fn nothing_changes_where_everything_is_as_expected() {
        let checks = vec![
            check("links::bind", "fail", Some(known("links::bind", Agreement::AsExpected))),
            check("create::ok", "pass", None),
            check("stop::clean", "error", None),
        ];
        let updated = update(FILE, checks);
        assert_eq!((updated.text.as_str(), updated.changes.len()), (FILE, 0));
    }
}
