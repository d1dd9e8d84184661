//! What a provider is known not to keep: `[[expect]]` in `provider-testkit.toml`.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{CheckReport, Identity, Level, UnknownCheck, Verdict, nearest::nearest, select};

/// What is known of a check before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expectation {
    /// The checks, in the words of [`Kit::select`](crate::Kit::select): an id, a group, a glob.
    pub id: String,
    /// What is known of them.
    pub outcome: ExpectedOutcome,
    /// Why, for whoever reads the report.
    pub reason: String,
    /// Where more is written about it: an address, a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The last day on which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub until: Option<Day>,
    /// The word of the verdict, if it must be that one, for example `hang`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

/// What is known of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExpectedOutcome {
    /// It fails.
    Fail,
    /// It is not to be run.
    Skip,
}

/// A day of the calendar, as `2027-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

impl Day {
    /// This day, in UTC.
    #[must_use]
    pub fn today() -> Self {
        Self(Timestamp::now().to_zoned(TimeZone::UTC).date())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A time of the day would be taken as well, and mean nothing.
        let day = (text.len() == "2027-01-31".len()).then(|| text.parse().ok()).flatten();
        day.map(Self).ok_or_else(|| format!("`{text}` is no day: 2027-01-31 would be one"))
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// An entry of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    id: String,
    outcome: ExpectedOutcome,
    reason: String,
    issue: Option<String>,
    /// A date of TOML, or a string.
    until: Option<toml::Value>,
    verdict: Option<String>,
}

impl Entry {
    pub(crate) fn checked(self) -> Result<Expectation, String> {
        let Self { id, outcome, reason, issue, until, verdict } = self;
        let wrong = |what: &str| format!("the `[[expect]]` of `{id}`: {what}");
        if reason.trim().is_empty() {
            return Err(wrong("the reason is empty"));
        }
        let until = match until {
            None => None,
            Some(toml::Value::String(text)) => Some(text),
            Some(toml::Value::Datetime(date)) => Some(date.to_string()),
            Some(other) => return Err(wrong(&format!("until is no {}", other.type_str()))),
        };
        let until = until.map(|text| text.parse()).transpose();
        let until = until.map_err(|error: String| wrong(&format!("until {error}")))?;
        if let Some(word) = &verdict {
            if outcome == ExpectedOutcome::Skip {
                return Err(wrong("a check that is not run has no verdict"));
            }
            if !Verdict::FAILURES.contains(&word.as_str()) {
                let hint = match nearest(word, Verdict::FAILURES) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("one of {} is expected", Verdict::FAILURES.join(", ")),
                };
                return Err(wrong(&format!("`{word}` is no verdict of a failure; {hint}")));
            }
        }
        Ok(Expectation { id, outcome, reason, issue, until, verdict })
    }
}

/// How a check went, held against what was expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Agreement {
    /// It failed, or was not run, as expected.
    AsExpected,
    /// It was expected to fail, and passed.
    UnexpectedPass,
    /// It failed, with another verdict than the expected one.
    UnexpectedVerdict,
    /// The last day of the expectation is over.
    Expired,
    /// It was not made, and nothing can be said.
    Undecided,
}

/// What was expected of a check, and how that agrees with how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expected {
    /// What was expected.
    #[serde(flatten)]
    pub expectation: Expectation,
    /// How it went.
    pub agreement: Agreement,
}

impl Expected {
    /// Holds a check against what was expected of it.
    pub(crate) fn of(expectation: &Expectation, verdict: &Verdict, today: Day) -> Self {
        let right = |word: &String| word == verdict.word();
        let agreement = match (expectation.outcome, verdict) {
            _ if expectation.is_over(today) => Agreement::Expired,
            (ExpectedOutcome::Skip, Verdict::Skipped { .. }) => Agreement::AsExpected,
            (ExpectedOutcome::Fail, Verdict::Pass) => Agreement::UnexpectedPass,
            (ExpectedOutcome::Fail, verdict) if verdict.is_failure() => {
                if expectation.verdict.as_ref().is_none_or(right) {
                    Agreement::AsExpected
                } else {
                    Agreement::UnexpectedVerdict
                }
            }
            _ => Agreement::Undecided,
        };
        Self { expectation: expectation.clone(), agreement }
    }
}

/// In a sentence: what was expected, and what of it did not come.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Expectation { id, outcome, reason, issue, until, verdict } = &self.expectation;
        match (self.agreement, outcome) {
            (Agreement::UnexpectedPass, _) => {
                write!(f, "unexpected pass: remove the `[[expect]]` of `{id}`; it said: {reason}")?;
            }
            (Agreement::UnexpectedVerdict, _) => {
                let word = verdict.as_deref().unwrap_or_default();
                write!(f, "expected to fail, but with the verdict {word}: {reason}")?;
            }
            (Agreement::Expired, ExpectedOutcome::Fail) => {
                write!(f, "no longer expected to fail: {reason}")?;
            }
            (Agreement::Expired, ExpectedOutcome::Skip) => {
                write!(f, "no longer left out: {reason}")?;
            }
            (_, ExpectedOutcome::Fail) => write!(f, "expected to fail: {reason}")?,
            (_, ExpectedOutcome::Skip) => write!(f, "left out: {reason}")?,
        }
        let until = until.map(|day| format!("until {day}"));
        let more: Vec<&str> = [issue, &until].into_iter().flatten().map(String::as_str).collect();
        if more.is_empty() { Ok(()) } else { write!(f, " ({})", more.join(", ")) }
    }
}

impl Expectation {
    fn is_over(&self, today: Day) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// Whether its checks are not to be run.
    fn leaves_out(&self, today: Day) -> bool {
        self.outcome == ExpectedOutcome::Skip && !self.is_over(today)
    }
}

/// What is expected of the checks of one provider.
#[derive(Debug)]
pub(crate) struct Expectations {
    all: Vec<Expectation>,
    /// The ids that each of them names.
    ids: Vec<Vec<String>>,
    today: Day,
}

impl Expectations {
    /// Fails for one that names no check of the provider.
    pub(crate) fn new(
        all: Vec<Expectation>,
        identity: &Identity,
        today: Day,
    ) -> Result<Self, UnknownCheck> {
        let ids = all.iter().map(|expectation| {
            let selection = select::select(identity, &[&expectation.id], Level::Perf)?;
            Ok(selection.ids().to_vec())
        });
        let ids = ids.collect::<Result<_, UnknownCheck>>()?;
        Ok(Self { all, ids, today })
    }

    /// What is expected of the check `id`: who names it alone says more than who names many; else
    /// the first of them counts.
    fn about(&self, id: &str) -> Option<&Expectation> {
        let mut found = self.all.iter().zip(&self.ids);
        let alone = self.all.iter().find(|expectation| expectation.id == id);
        alone.or_else(|| {
            found.find(|(_, ids)| ids.iter().any(|named| named == id)).map(|(found, _)| found)
        })
    }

    /// Why the check `id` is not to be run, if it is not.
    pub(crate) fn left_out(&self, id: &str) -> Option<&str> {
        let expectation = self.about(id)?;
        expectation.leaves_out(self.today).then_some(&expectation.reason)
    }

    /// The report, held against what is expected.
    pub(crate) fn hold(&self, mut report: CheckReport) -> CheckReport {
        report.expectation =
            self.about(&report.id).map(|known| Expected::of(known, &report.verdict, self.today));
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hang, kit};

    fn expectation(id: &str) -> Expectation {
        Expectation {
            id: id.into(),
            outcome: ExpectedOutcome::Fail,
            reason: "the port is kept".into(),
            issue: None,
            until: None,
            verdict: None,
        }
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn agreement(expectation: &Expectation, verdict: &Verdict) -> Agreement {
        Expected::of(expectation, verdict, day("2027-02-01")).agreement
    }

    #[test]
    fn a_failure_agrees_and_a_pass_does_not() {
        let fails = expectation("links::bind");
        let hang = Verdict::Hang { hang: Hang::Spin };
        let blocked = Verdict::Blocked { by: "create::ok".into() };
        assert_eq!(agreement(&fails, &Verdict::Fail), Agreement::AsExpected);
        assert_eq!(agreement(&fails, &hang), Agreement::AsExpected);
        assert_eq!(agreement(&fails, &Verdict::Pass), Agreement::UnexpectedPass);
        assert_eq!(agreement(&fails, &blocked), Agreement::Undecided);
        assert_eq!(agreement(&fails, &Verdict::Error), Agreement::Undecided);
    }

    #[test]
    fn a_verdict_that_is_named_must_be_that_one() {
        let hangs = Expectation { verdict: Some("hang".into()), ..expectation("links::bind") };
        let hang = Verdict::Hang { hang: Hang::Spin };
        assert_eq!(agreement(&hangs, &hang), Agreement::AsExpected);
        assert_eq!(agreement(&hangs, &Verdict::Fail), Agreement::UnexpectedVerdict);
    }

    #[test]
    fn the_last_day_counts_and_the_next_does_not() {
        let until = |text| Expectation { until: Some(day(text)), ..expectation("links::bind") };
        assert_eq!(agreement(&until("2027-02-01"), &Verdict::Fail), Agreement::AsExpected);
        assert_eq!(agreement(&until("2027-01-31"), &Verdict::Fail), Agreement::Expired);
        for wrong in ["2027-02-30", "2027-2-1", "2027-01-31T10:00", "soon", ""] {
            wrong.parse::<Day>().unwrap_err();
        }
    }

    #[test]
    fn who_names_a_check_alone_is_heard_before_who_names_many() {
        let identity = kit::tests::identity(vec![]);
        let leaves_out = Expectation { outcome: ExpectedOutcome::Skip, ..expectation("links::*") };
        let all = vec![leaves_out, expectation("links::bind")];
        let known = Expectations::new(all, &identity, Day::today()).unwrap();
        assert_eq!(known.left_out("links::bind"), None);
        assert_eq!(known.left_out("links::remove"), Some("the port is kept"));
        assert_eq!(known.left_out("stop::clean"), None);
        let unknown = Expectations::new(vec![expectation("links::bnd")], &identity, Day::today());
        assert_eq!(unknown.unwrap_err().nearest.as_deref(), Some("links::bind"));
    }

    #[test]
    fn everything_of_it_is_in_its_sentence() {
        let known = Expectation {
            issue: Some("#7".into()),
            until: Some(day("2027-01-31")),
            ..expectation("links::bind")
        };
        let said = |verdict: &Verdict, today| Expected::of(&known, verdict, day(today)).to_string();
        assert_eq!(
            said(&Verdict::Fail, "2027-01-01"),
            "expected to fail: the port is kept (#7, until 2027-01-31)"
        );
        assert!(said(&Verdict::Pass, "2027-01-01").starts_with("unexpected pass: remove the "));
        assert!(said(&Verdict::Fail, "2027-03-01").starts_with("no longer expected to fail"));
    }
}
