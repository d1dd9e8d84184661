//! A file that records are appended to, and that makes room for the next one when it is long enough.
//!
//! A record is in it as a whole or not at all: what is left of one that could not be written is cut
//! away. The file is locked, so that no other process writes to it or moves it.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// What a link says of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rotating {
    pub(crate) path: PathBuf,
    pub(crate) max_bytes: u64,
    pub(crate) max_files: u32,
    pub(crate) timeout: Duration,
    pub(crate) sync: bool,
}

/// Where records go.
pub(crate) trait Store: Send + 'static {
    /// How many bytes go there before what follows goes elsewhere.
    fn room(&self) -> u64;

    /// Appends whole records, all of them or none.
    fn append(&mut self, records: &[u8]) -> io::Result<()>;
}

/// An open file.
#[derive(Debug)]
pub(crate) struct LogFile {
    rotating: Rotating,
    /// Nothing between the end of one file and the beginning of the next.
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    file: File,
    /// How long it was when it was last looked at.
    length: u64,
    /// Where the rest of a record begins that could be neither written nor cut away.
    torn: Option<u64>,
}

impl LogFile {
    /// Opens the file, or makes it.
    pub(crate) fn open(rotating: Rotating) -> io::Result<Self> {
        let current = Some(Current::open(&rotating.path)?);
        Ok(Self { rotating, current })
    }

    fn current(&mut self) -> io::Result<&mut Current> {
        // One that was moved or deleted is nobody's to read.
        if self.current.as_ref().is_some_and(|current| !current.is_at(&self.rotating.path)) {
            self.current = None;
        }
        match &mut self.current {
            Some(current) => Ok(current),
            none => Ok(none.insert(Current::open(&self.rotating.path)?)),
        }
    }

    fn rotate(&mut self) -> io::Result<()> {
        let path = &self.rotating.path;
        let Some(oldest) = self.rotating.max_files.checked_sub(1) else {
            return self.current()?.cut(0);
        };
        for number in (1..=oldest).rev() {
            moved(&numbered(path, number), &numbered(path, number + 1))?;
        }
        moved(path, &numbered(path, 1))?;
        self.current = None;
        Ok(())
    }
}

impl Store for LogFile {
    fn room(&self) -> u64 {
        let length = self.current.as_ref().map_or(0, |current| current.length);
        self.rotating.max_bytes.saturating_sub(length)
    }

    fn append(&mut self, records: &[u8]) -> io::Result<()> {
        let (sync, max_bytes) = (self.rotating.sync, self.rotating.max_bytes);
        let length = self.current()?.length;
        if length > 0 && length.saturating_add(records.len() as u64) > max_bytes {
            self.rotate()?;
        }
        self.current()?.append(records, sync)
    }
}

impl Current {
    fn open(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) if !found.is_file() => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
            }
            _ => {}
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::WouldBlock, "another program writes to it")
            }
        })?;
        let length = file.seek(SeekFrom::End(0))?;
        if length > 0 {
            // Whoever wrote it before may have ended in the middle of a line.
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != [b'\n'] {
                file.write_all(b"\n")?;
                return Ok(Self { file, length: length + 1, torn: None });
            }
        }
        Ok(Self { file, length, torn: None })
    }

    fn append(&mut self, records: &[u8], sync: bool) -> io::Result<()> {
        // Others may have emptied it.
        self.length = self.file.metadata()?.len();
        if let Some(whole) = self.torn {
            self.cut(whole.min(self.length))?;
        }
        let written = self.file.write_all(records);
        let written = written.and_then(|()| if sync { self.file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            self.torn = Some(self.length);
            // What cannot be cut away now is cut away before the next record.
            let _ = self.cut(self.length);
            return Err(error);
        }
        self.length += records.len() as u64;
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        (self.length, self.torn) = (length, None);
        Ok(())
    }

    #[cfg(unix)]
    fn is_at(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;

        let same = |mine: &fs::Metadata, there: &fs::Metadata| {
            (mine.dev(), mine.ino()) == (there.dev(), there.ino())
        };
        match (self.file.metadata(), fs::metadata(path)) {
            (Ok(mine), Ok(there)) => same(&mine, &there),
            (_, Err(error)) => error.kind() != io::ErrorKind::NotFound,
            (Err(_), _) => true,
        }
    }

    /// Elsewhere an open file is not moved by others.
    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "it is what the other one takes")]
    fn is_at(&self, _path: &Path) -> bool {
        true
    }
}

/// `FILE.1` and so on.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    name.into()
}

/// Moves a file over another one, if it is there.
fn moved(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}
