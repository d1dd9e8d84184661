//! The checks of one run, with what they build on.

use std::{collections::HashMap, sync::OnceLock};

use crate::{CheckReport, Kit, Verdict, check::split, classify::Subject, select};

/// The checks of one run: each is made once, however many others build on it.
pub(crate) struct Bench<'k> {
    kit: &'k Kit,
    reports: HashMap<String, OnceLock<CheckReport>>,
}

impl<'k> Bench<'k> {
    pub(crate) fn new(kit: &'k Kit) -> Self {
        let all = select::all(kit.identity());
        let reports = all.into_iter().map(|(_, id)| (id, OnceLock::new()));
        Self { kit, reports: reports.collect() }
    }

    /// The report of a check, made now if it was not made before.
    pub(crate) fn check(&self, id: &str) -> &CheckReport {
        let Some(report) = self.reports.get(id) else {
            unreachable!("a selection holds checks that there are");
        };
        report.get_or_init(|| {
            let report = self.skipped(id).or_else(|| self.blocked(id));
            let report = report.unwrap_or_else(|| self.kit.work(id));
            self.kit.expectations().hold(report).denied(&self.kit.options().deny)
        })
    }

    /// The report of a check that was made.
    pub(crate) fn done(&self, id: &str) -> Option<&CheckReport> {
        self.reports.get(id)?.get()
    }

    /// The report of a check that does not apply, or is not to be made.
    fn skipped(&self, id: &str) -> Option<CheckReport> {
        let (check, _) = split(id)?;
        let reason = self.kit.not_made(id)?;
        let subject = Subject::of(check, id, self.kit.again(id));
        Some(subject.report(Verdict::Skipped { reason: reason.clone() }, reason))
    }

    /// The report of a check whose prerequisite failed.
    fn blocked(&self, id: &str) -> Option<CheckReport> {
        // What is played again is played whatever else is wrong.
        if self.kit.options().reproduce.is_some() {
            return None;
        }
        let (check, _) = split(id)?;
        let by = check.needs.iter().flat_map(|need| self.members(need)).find_map(|need| {
            // One that is left out breaks nothing as far as is known.
            let report = self.check(&need);
            match &report.verdict {
                Verdict::Pass | Verdict::Skipped { .. } => None,
                Verdict::Blocked { by } => Some(by.clone()),
                _ => Some(need),
            }
        })?;
        let subject = Subject::of(check, id, self.kit.again(id));
        let how = match self.done(&by) {
            Some(blocker) if blocker.failed_as_expected() => "fails, as expected",
            Some(blocker) if blocker.verdict == Verdict::Error => "could not be checked",
            _ => "fails",
        };
        let summary = format!("not checked, because `{by}` {how}");
        Some(subject.report(Verdict::Blocked { by }, summary))
    }

    /// The check `need`; for a family, the one of each operation.
    fn members(&self, need: &str) -> Vec<String> {
        let all = select::all(self.kit.identity()).into_iter();
        all.filter(|(check, _)| check.id == need).map(|(_, id)| id).collect()
    }
}
