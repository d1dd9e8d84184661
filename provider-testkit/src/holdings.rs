//! What a process holds: threads and open files.

use std::{collections::BTreeMap, fs, thread, time::Duration};

/// How long threads of a provider that is gone may take to end.
const SETTLE: Duration = Duration::from_millis(500);

/// What a process holds.
#[derive(Debug)]
pub(crate) struct Holdings {
    /// Names by number.
    threads: BTreeMap<String, String>,
    /// Paths by number.
    files: BTreeMap<String, String>,
}

impl Holdings {
    pub(crate) fn now() -> Self {
        Self {
            threads: listed("/proc/self/task", |task| {
                let name = fs::read_to_string(task.join("comm")).ok()?;
                Some(name.trim().to_owned())
            }),
            files: listed("/proc/self/fd", |file| {
                let path = fs::read_link(file).ok()?;
                // The listing itself.
                (!path.ends_with("fd")).then(|| path.to_string_lossy().into_owned())
            }),
        }
    }

    /// What is held now and was not then, when it does not go away soon.
    pub(crate) fn grown(&self) -> Option<String> {
        const TRIES: u32 = 10;
        let mut more = self.more();
        for _ in 0..TRIES {
            if more.is_empty() {
                return None;
            }
            thread::sleep(SETTLE / TRIES);
            more = self.more();
        }
        Some(more.join(", "))
    }

    fn more(&self) -> Vec<String> {
        let now = Self::now();
        let threads = now
            .threads
            .iter()
            .filter(|(number, _)| !self.threads.contains_key(*number))
            .map(|(_, name)| format!("thread `{name}`"));
        let files = now
            .files
            .iter()
            .filter(|(number, path)| self.files.get(*number) != Some(path))
            .map(|(_, path)| format!("file `{path}`"));
        threads.chain(files).collect()
    }
}

fn listed(
    folder: &str,
    name: impl Fn(&std::path::Path) -> Option<String>,
) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().into_string().ok()?;
            Some((number, name(&entry.path())?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_stays_open_is_told() {
        let before = Holdings::now();
        let file = fs::File::open("/proc/self/maps").unwrap();
        let more = before.grown().unwrap();
        assert!(more.contains("maps"), "{more}");
        drop(file);
    }
}
