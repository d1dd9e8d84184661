//! For build servers: `JUnit`'s XML, a test suite for each group of checks.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::{
    Document, Style, failure,
    standing::{Standing, said, word},
    text::{many_lines, one_line},
};
use crate::CheckReport;

/// How wide the texts of failures are.
const STYLE: Style = Style { color: false, width: 100 };

/// The run, or the refusal, as one XML document.
///
/// What fails the run is a `<failure>` with the text for people; what the testkit could not check an
/// `<error>`; what was blocked, does not apply or fails as expected is `<skipped>` with the reason. A
/// measurement that is not met fails nothing: it is told as the test's output.
#[must_use]
pub fn junit<'a>(document: impl Into<Document<'a>>) -> String {
    let document = document.into();
    let mut report = Report::new(one_line(&document.name()));
    report.set_time(Duration::from_millis(document.duration_ms()));
    for group in document.checks().chunk_by(|a, b| group(a) == group(b)) {
        report.add_test_suite(suite(document, group));
    }
    // Writing to memory does not fail, and there is nothing in it that XML has no form for.
    report.to_string().unwrap_or_default()
}

fn group(check: &CheckReport) -> &str {
    check.id.split("::").next().unwrap_or_default()
}

fn suite(document: Document<'_>, checks: &[CheckReport]) -> TestSuite {
    let name = checks.first().map(group).unwrap_or_default();
    let mut suite = TestSuite::new(name);
    let duration: u64 = checks.iter().map(|check| check.duration_ms).sum();
    suite.set_time(Duration::from_millis(duration));
    suite.add_properties(properties(document));
    suite.add_test_cases(checks.iter().map(case));
    suite
}

/// What was checked, and by what.
fn properties(document: Document<'_>) -> Vec<Property> {
    let mut properties = vec![
        ("path", document.path().to_string_lossy().into_owned()),
        ("host", document.host().to_owned()),
        ("testkit", document.kit_version().to_owned()),
    ];
    if let Some(identity) = document.identity() {
        let (major, minor) = identity.abi;
        properties.extend([
            ("sha256", identity.sha256.clone()),
            ("provider", format!("{} {}", identity.name, identity.version)),
            ("contract", identity.contract.clone()),
            ("abi", format!("{major}.{minor}")),
            ("build", identity.build.clone()),
        ]);
    }
    properties.into_iter().map(|(name, value)| Property::new(name, attribute(&value))).collect()
}

fn case(check: &CheckReport) -> TestCase {
    let standing = Standing::of(check);
    let status = match standing {
        Standing::Pass | Standing::Told => TestCaseStatus::success(),
        Standing::Known | Standing::Blocked | Standing::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(attribute(&said(check)));
            status
        }
        Standing::Red | Standing::Error => {
            let error = standing == Standing::Error;
            let kind = if error { NonSuccessKind::Error } else { NonSuccessKind::Failure };
            let mut status = TestCaseStatus::non_success(kind);
            status
                .set_type(word(check))
                .set_message(attribute(&said(check)))
                .set_description(failure(check, STYLE));
            status
        }
    };
    let mut case = TestCase::new(attribute(&check.id), status);
    case.set_classname(group(check));
    case.set_time(Duration::from_millis(check.duration_ms));
    case.add_property(("level", check.level.name()));
    if matches!(standing, Standing::Told | Standing::Known) {
        case.set_system_out(failure(check, STYLE));
    } else if !check.notes.is_empty() || !check.metrics.is_empty() {
        let mut lines = check.notes.clone();
        lines.extend(check.metrics.iter().map(ToString::to_string));
        case.set_system_out(many_lines(&lines.join("\n")));
    }
    case
}

/// Text for an attribute: a reader would make spaces of its line ends.
fn attribute(text: &str) -> String {
    one_line(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Run,
        report::examples::{hostile, refusal, run},
    };

    fn counted(run: &Run) {
        let text = junit(run);
        let report = Report::deserialize_from_str(&text).unwrap();
        let tally = run.tally();
        let red = run.checks.iter().filter(|check| check.is_red()).count();
        assert!(red > 0);
        assert_eq!((report.failures, report.errors), (red, tally.errors));
        assert_eq!(report.tests, run.checks.len());
        let (mut failures, mut errors, mut skipped) = (0, 0, 0);
        for case in report.test_suites.iter().flat_map(|suite| &suite.test_cases) {
            match &case.status {
                TestCaseStatus::NonSuccess { kind, ty, description, .. } => {
                    assert!(ty.is_some() && description.is_some(), "{case:?}");
                    match kind {
                        NonSuccessKind::Failure => failures += 1,
                        NonSuccessKind::Error => errors += 1,
                    }
                }
                TestCaseStatus::Skipped { message, .. } => {
                    assert!(message.is_some(), "{case:?}");
                    skipped += 1;
                }
                TestCaseStatus::Success { .. } => {}
            }
        }
        assert_eq!((failures, errors), (red, tally.errors));
        assert_eq!(skipped, tally.blocked + tally.skipped + tally.expected);
        assert_eq!(text.matches("<failure ").count(), red);
    }

    #[test]
    fn a_run_for_build_servers() {
        insta::assert_snapshot!(junit(&run()));
    }

    #[test]
    fn each_failure_is_one_when_it_is_read_back() {
        counted(&run());
        counted(&hostile());
    }

    #[test]
    fn nothing_that_a_provider_says_is_markup() {
        let text = junit(&hostile());
        for c in ['\u{0}', '\u{b}', '\u{1b}', '\u{fffe}'] {
            assert!(!text.contains(c), "{c:?}");
        }
        assert!(!text.contains("<script>"), "{text}");
    }

    #[test]
    fn what_a_provider_is_is_a_property() {
        let text = junit(&run());
        for property in [
            r#"<property name="sha256" value="00ff"/>"#,
            r#"<property name="contract" value="wasmcloud:keyvalue"/>"#,
            r#"<property name="abi" value="1.0"/>"#,
        ] {
            assert!(text.contains(property), "{property}: {text}");
        }
    }

    #[test]
    fn a_file_that_is_no_provider_fails_the_check_of_its_rule() {
        let report = Report::deserialize_from_str(&junit(&refusal())).unwrap();
        assert_eq!((report.tests, report.failures), (1, 1));
        let case = &report.test_suites[0].test_cases[0];
        assert_eq!(case.name.as_str(), "abi::format");
    }
}
