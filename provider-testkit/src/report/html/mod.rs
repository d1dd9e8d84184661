//! For a browser: one page that needs nothing else, with every call of every check.

mod check;
mod markup;

use self::markup::Markup;
use super::{
    Document,
    text::{counted, seconds},
};
use crate::Identity;

/// The looks of the page.
const CSS: &str = include_str!("page.css");
/// What a browser may do for this page: show it.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// The run, or the refusal, as one page.
#[must_use]
pub fn html<'a>(document: impl Into<Document<'a>>) -> String {
    let document = document.into();
    let mut page = Markup::default();
    page.raw("<!DOCTYPE html>\n");
    page.element("html", &[("lang", "en")], |page| {
        page.element("head", &[], |page| head(page, document));
        page.element("body", &[], |page| {
            page.element("main", &[], |page| {
                header(page, document);
                match document.identity() {
                    Some(identity) => provider(page, identity),
                    None => refused(page, document),
                }
                checks(page, document);
                footer(page, document);
            });
        });
    });
    page.into_text()
}

fn head(page: &mut Markup, document: Document<'_>) {
    page.void("meta", &[("charset", "utf-8")]);
    page.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)]);
    page.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    page.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    page.text_element("title", "", &format!("{}: conformance", document.name()));
    page.element("style", &[], |page| page.raw(CSS));
}

fn header(page: &mut Markup, document: Document<'_>) {
    let class = match document.exit_code() {
        0 => "result good",
        3 => "result middling",
        _ => "result bad",
    };
    page.element("header", &[], |page| {
        page.text_element("h1", "", &document.name());
        page.text_element("p", class, &document.summary());
        let tally = document.tally();
        page.element("ul", &[("class", "tally")], |page| {
            for (count, class, word) in [
                (tally.failed, "bad", "failed"),
                (tally.unexpected, "bad", "passed unexpectedly"),
                (tally.errors, "bad", "not checked: the testkit went wrong"),
                (tally.blocked, "middling", "blocked"),
                (tally.expected, "middling", "failed as expected"),
                (tally.skipped, "quiet", "skipped"),
                (tally.left_out, "quiet", "left out"),
                (tally.passed, "good", "passed"),
            ] {
                if count > 0 {
                    page.text_element("li", class, &format!("{count} {word}"));
                }
            }
        });
    });
}

/// What the provider is.
fn provider(page: &mut Markup, identity: &Identity) {
    page.element("section", &[("class", "provider")], |page| {
        page.text_element("h2", "", "Provider");
        page.element("table", &[("class", "facts")], |page| {
            let none = |text: String| if text.is_empty() { String::from("none") } else { text };
            for (name, value) in [
                ("contract", identity.contract.clone()),
                ("vendor", identity.vendor.clone()),
                ("name", identity.name.clone()),
                ("version", identity.version.clone()),
                ("revision", identity.revision.to_string()),
                ("ABI", format!("{}.{}", identity.abi.0, identity.abi.1)),
                ("flags", none(identity.flag_names().join(", "))),
                ("build", identity.build.clone()),
                ("library", identity.path.to_string_lossy().into_owned()),
                ("format", format!("{}, {} bytes", identity.format, identity.size)),
                ("SHA-256", identity.sha256.clone()),
            ] {
                fact(page, name, &value);
            }
        });
        page.element("details", &[], |page| {
            page.text_element("summary", "", &counted(identity.ops.len(), "operation"));
            page.element("table", &[("class", "ops")], |page| {
                for op in &identity.ops {
                    page.element("tr", &[], |page| {
                        page.text_element("td", "mono", &op.name);
                        let who = if op.actor_to_provider {
                            "an actor calls the provider"
                        } else {
                            "the provider calls an actor"
                        };
                        page.text_element("td", "", who);
                        page.text_element("td", "", &op.flag_names().join(", "));
                        page.text_element("td", "lines", op.doc.trim());
                    });
                }
            });
        });
    });
}

/// A row of a table with a name and a value.
fn fact(page: &mut Markup, name: &str, value: &str) {
    page.element("tr", &[], |page| {
        page.text_element("th", "", name);
        page.text_element("td", "mono", value);
    });
}

fn refused(page: &mut Markup, document: Document<'_>) {
    page.element("section", &[("class", "provider")], |page| {
        page.text_element("h2", "", "Not a provider that can be checked");
        page.element("table", &[("class", "facts")], |page| {
            fact(page, "library", &document.path().to_string_lossy());
        });
    });
}

fn checks(page: &mut Markup, document: Document<'_>) {
    page.element("section", &[("class", "checks")], |page| {
        page.text_element("h2", "", "Checks");
        page.element("label", &[("class", "only")], |page| {
            page.void("input", &[("type", "checkbox"), ("id", "only")]);
            page.text(" only what did not pass");
        });
        for report in document.checks() {
            check::check(page, report);
        }
    });
}

fn footer(page: &mut Markup, document: Document<'_>) {
    let said = format!(
        "testkit {}, {}, {} s",
        document.kit_version(),
        document.host(),
        seconds(document.duration_ms())
    );
    page.element("footer", &[], |page| page.text(&said));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use quick_xml::{Reader, events::Event};

    use super::*;
    use crate::{
        Run,
        report::examples::{HOSTILE, hostile, refusal, run, step},
    };

    /// How often there is each element, of a page that is well-formed.
    fn elements(text: &str) -> BTreeMap<String, usize> {
        let mut reader = Reader::from_str(text.strip_prefix("<!DOCTYPE html>\n").unwrap());
        reader.config_mut().check_end_names = true;
        let (mut elements, mut depth) = (BTreeMap::new(), 0);
        loop {
            let start = match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(start) => {
                    depth += 1;
                    start
                }
                Event::Empty(start) => start,
                Event::End(_) => {
                    depth -= 1;
                    continue;
                }
                Event::GeneralRef(reference) => {
                    let name = reference.decode().unwrap().into_owned();
                    assert!(["amp", "lt", "gt", "quot", "#39"].contains(&&*name), "{name}");
                    continue;
                }
                Event::Text(_) => continue,
                other => panic!("{other:?}"),
            };
            for attribute in start.attributes() {
                let name = String::from_utf8(attribute.unwrap().key.0.to_vec()).unwrap();
                assert!(!name.starts_with("on") && name != "src" && name != "href", "{name}");
            }
            let name = String::from_utf8(start.name().0.to_vec()).unwrap();
            *elements.entry(name).or_insert(0) += 1;
        }
        assert_eq!(depth, 0);
        elements
    }

    /// The same run, with what belongs to a place and a time left out.
    fn shown(run: &Run) -> String {
        html(run).replace(CSS, "\n")
    }

    #[test]
    fn a_run_as_a_page() {
        insta::assert_snapshot!(shown(&run()));
    }

    #[test]
    fn a_page_is_well_formed_and_needs_nothing_else() {
        let text = html(&run());
        let elements = elements(&text);
        assert_eq!(elements["html"], 1);
        assert!(!elements.contains_key("script") && !elements.contains_key("link"));
        assert!(!text.contains("url(") && !text.contains("@import"));
        assert_eq!(elements["article"], run().checks.len());
    }

    #[test]
    fn nothing_that_a_provider_says_is_markup() {
        let mut tame = hostile();
        let tamed = serde_json::to_string(&tame)
            .unwrap()
            .replace(&serde_json::to_string(HOSTILE).unwrap().trim_matches('"').to_owned(), "x");
        tame = serde_json::from_str(&tamed).unwrap();
        let text = html(&hostile());
        assert_eq!(elements(&text), elements(&html(&tame)));
        assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(!text.contains(|c: char| c != '\n' && super::super::is_control(c)));
    }

    #[test]
    fn every_call_is_there_and_those_that_were_left_out_are_counted() {
        let mut run = run();
        let calls = |from, to| (from..=to).map(|seq| step(seq, "handle_call", "{}", Some("Ok")));
        run.checks[0].steps = calls(1, 1000).chain(calls(5001, 6000)).collect();
        run.checks[0].calls = 6000;
        let text = html(&run);
        assert_eq!(text.matches("<td class=\"number\">").count(), 2000 + 3 + 1);
        assert!(text.contains("4000 calls left out"));
        assert!(text.contains("6000 calls"));
    }

    #[test]
    fn a_file_that_is_no_provider_is_a_page_too() {
        let text = html(&refusal());
        assert_eq!(elements(&text)["article"], 1);
        assert!(text.contains("no shared library"), "{text}");
    }
}
