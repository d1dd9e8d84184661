//! What a file is, before any check: looked at without running it, then asked in a process of its own.

use std::path::{Path, PathBuf};

use crate::{
    Options, Problem, Unusable, Verdict,
    classify::{Subject, classify},
    identity::Described,
    image,
    protocol::{Bounds, DescribedRecord, Job, Task},
    supervise::{Limits, supervise},
};

/// Looks at the file without running any of its code.
pub(crate) fn look(path: &Path) -> Result<(PathBuf, (Vec<u8>, image::Image)), Unusable> {
    let unusable = |problem| Unusable { path: path.to_owned(), problem };
    let (data, image) = image::read(path).map_err(unusable)?;
    image.exports().map_err(unusable)?;
    image.needed().map_err(unusable)?;
    let path =
        path.canonicalize().map_err(|error| unusable(Problem::Unreadable(error.to_string())))?;
    Ok((path, (data, image)))
}

/// Lets the library describe itself in a process of its own.
pub(crate) fn describe(path: &Path, options: &Options) -> Result<Described, Problem> {
    let subject = Subject::other("load::describe", "the library is loaded and describes itself");
    let job = Job::new(path.to_owned(), Task::Describe);
    let limits = Limits { bounds: Bounds::DESCRIPTION, ..Limits::check(options.timeout_scale) };
    let mut evidence = supervise(&job, &options.env, limits).map_err(Problem::Testkit)?;
    let described = evidence.described.take();
    let complete = evidence.ended.is_some();
    let report = classify(&subject, evidence);
    match described {
        Some(described) if complete => Err(match described {
            DescribedRecord::Fine(described) => return Ok(described),
            DescribedRecord::Load(reason) => Problem::Load(reason),
            DescribedRecord::OldInterface => Problem::OldInterface,
            DescribedRecord::NoSymbols => {
                Problem::NoSymbols { missing: provider_core::abi::CREATE_SYMBOL, nearest: None }
            }
            DescribedRecord::Abi(theirs) => Problem::Abi { theirs },
            DescribedRecord::Descriptor(problem) => Problem::Descriptor(problem),
        }),
        _ if report.verdict == Verdict::Error => Err(Problem::Testkit(report.summary)),
        _ => Err(Problem::Died(Box::new(report))),
    }
}
