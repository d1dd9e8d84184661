//! What came of one upload: in files, so that it takes no memory and outlives the process.
//!
//! `NAME.part` has the bytes, each chunk at its place. `NAME.chunks` says which chunks are there: a line of
//! JSON with what the upload is of, and 16 bytes for the record of each chunk. It is locked while somebody
//! works on the upload. A record is written after its chunk, and has the chunk's checksum: what a crash
//! of the process leaves is whole, and what a crash of the machine leaves is found out.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::Serialize;

/// The ends of the two names.
const PART: &str = "part";
const CHUNKS: &str = "chunks";
/// How long a record is: the number, the chunk's checksum, the record's.
const RECORD: usize = 16;
/// How often what a removed folder made fail is tried.
const TRIES: usize = 1_000;

/// What an upload is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    pub(crate) container: String,
    pub(crate) id: String,
    pub(crate) total_bytes: u64,
    pub(crate) chunk_size: u64,
}

impl Shape {
    /// How many chunks it has.
    pub(crate) fn chunks(&self) -> u64 {
        if self.total_bytes == 0 { 0 } else { self.total_bytes.div_ceil(self.chunk_size) }
    }

    /// Where a chunk begins, and how long it is.
    pub(crate) fn place(&self, number: u64) -> Option<(u64, u64)> {
        let offset = number.checked_mul(self.chunk_size)?;
        let rest = self.total_bytes.checked_sub(offset).filter(|rest| *rest > 0)?;
        Some((offset, rest.min(self.chunk_size)))
    }

    fn line(&self) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

/// An upload's files, which are this one's alone.
#[derive(Debug)]
pub(crate) struct Spooled {
    pub(crate) shape: Shape,
    part: File,
    part_path: PathBuf,
    chunks: File,
    chunks_path: PathBuf,
    /// Where the records begin.
    records: u64,
    came: Came,
}

/// Which chunks are there.
#[derive(Debug)]
struct Came {
    bits: Vec<u64>,
    count: u64,
    /// The checksum of chunk 0.
    first: Option<u32>,
}

impl Came {
    fn none(chunks: u64) -> Self {
        let words = usize::try_from(chunks.div_ceil(64)).unwrap_or_default();
        Self { bits: vec![0; words], count: 0, first: None }
    }

    fn insert(&mut self, number: u64, sum: u32) {
        let word = usize::try_from(number / 64).ok().and_then(|word| self.bits.get_mut(word));
        let Some(word) = word else { return };
        let bit = 1 << (number % 64);
        if *word & bit == 0 {
            *word |= bit;
            self.count += 1;
        }
        if number == 0 {
            self.first = Some(sum);
        }
    }
}

impl Spooled {
    /// Opens an upload's files. What came before of an upload of the same shape is there again.
    ///
    /// # Errors
    ///
    /// [`ResourceBusy`](ErrorKind::ResourceBusy) when somebody else receives it.
    pub(crate) fn open(folder: &Path, name: &str, shape: Shape) -> io::Result<Self> {
        let chunks_path = folder.join(name).with_extension(CHUNKS);
        let part_path = chunks_path.with_extension(PART);
        let chunks = locked(folder, &chunks_path)?;
        let records = shape.line()?.len() as u64;
        let came = Came::none(shape.chunks());
        if let Ok(part) = file(false).open(&part_path) {
            let mut found = Self { shape, part, part_path, chunks, chunks_path, records, came };
            if !found.recall()? {
                found.reset()?;
            }
            return Ok(found);
        }
        let part = file(true).open(&part_path)?;
        let mut made = Self { shape, part, part_path, chunks, chunks_path, records, came };
        made.reset()?;
        Ok(made)
    }

    /// Forgets what came.
    pub(crate) fn reset(&mut self) -> io::Result<()> {
        self.came = Came::none(self.shape.chunks());
        self.chunks.set_len(0)?;
        self.chunks.write_all_at(&self.shape.line()?, 0)?;
        self.part.set_len(0)?;
        self.part.set_len(self.shape.total_bytes)
    }

    /// Puts a chunk into its place. The bytes are as long as the place.
    pub(crate) fn put(&mut self, number: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.part.write_all_at(bytes, offset)?;
        let sum = crc32fast::hash(bytes);
        let mut record = [0; RECORD];
        record[..8].copy_from_slice(&number.to_le_bytes());
        record[8..12].copy_from_slice(&sum.to_le_bytes());
        let check = crc32fast::hash(&record[..12]);
        record[12..].copy_from_slice(&check.to_le_bytes());
        self.chunks.write_all_at(&record, self.records + number * RECORD as u64)?;
        self.came.insert(number, sum);
        Ok(())
    }

    /// Whether chunk 0 came with other bytes than these.
    pub(crate) fn began_otherwise(&self, bytes: &[u8]) -> bool {
        self.came.first.is_some_and(|sum| sum != crc32fast::hash(bytes))
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.came.count == self.shape.chunks()
    }

    /// The bytes, and where they are.
    pub(crate) fn part(&self) -> (&File, &Path) {
        (&self.part, &self.part_path)
    }

    /// Removes the files.
    pub(crate) fn forget(self) -> io::Result<()> {
        remove(&self.part_path)?;
        remove(&self.chunks_path)
    }

    /// Reads the records, and whether what they say is there. Returns whether this is the same upload.
    fn recall(&mut self) -> io::Result<bool> {
        let line = self.shape.line()?;
        let most = self.records + self.shape.chunks() * RECORD as u64;
        let length = self.chunks.metadata()?.len();
        if length > most || self.part.metadata()?.len() != self.shape.total_bytes {
            return Ok(false);
        }
        let mut all = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.chunks.read_exact_at(&mut all, 0)?;
        let Some(records) = all.strip_prefix(&*line) else { return Ok(false) };
        let mut bytes = Vec::new();
        for (number, record) in (0..).zip(records.chunks_exact(RECORD)) {
            let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| record[at + i]));
            let whole = word(12) == crc32fast::hash(&record[..12]);
            if !whole || record[..8] != u64::to_le_bytes(number) {
                continue;
            }
            let Some((offset, length)) = self.shape.place(number) else { continue };
            bytes.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
            self.part.read_exact_at(&mut bytes, offset)?;
            let sum = word(8);
            if crc32fast::hash(&bytes) == sum {
                self.came.insert(number, sum);
            }
        }
        Ok(true)
    }
}

/// Removes the uploads in a folder that nobody works on and nobody went on with for `age`.
pub(crate) fn sweep(folder: &Path, age: Duration) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|end| end != CHUNKS) {
            continue;
        }
        let Ok(file) = file(false).open(&path) else { continue };
        let changed = file.metadata()?.modified()?;
        let old = SystemTime::now().duration_since(changed).is_ok_and(|since| since >= age);
        if old && file.try_lock().is_ok() {
            remove(&path.with_extension(PART))?;
            remove(&path)?;
        }
    }
    Ok(())
}

/// Does what needs a folder that the end of another link may remove between any two steps: it is empty then.
fn again<T>(done: impl Fn() -> io::Result<T>) -> io::Result<T> {
    for _ in 1..TRIES {
        match done() {
            Err(error)
                if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {}
            done => return done,
        }
    }
    done()
}

/// Makes a folder that is this user's alone.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let found = again(|| {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        fs::symlink_metadata(folder)
    });
    let found = found.map_err(|error| {
        io::Error::new(error.kind(), format!("`{}`: {error}", folder.display()))
    })?;
    if !found.is_dir() || found.uid() != rustix::process::getuid().as_raw() {
        let text = format!("`{}` is not this user's own folder", folder.display());
        return Err(io::Error::new(ErrorKind::PermissionDenied, text));
    }
    Ok(())
}

fn file(new: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(new).mode(0o600);
    options
}

/// The file of records, which is locked.
fn locked(folder: &Path, path: &Path) -> io::Result<File> {
    loop {
        let opened = again(|| match file(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                private_folder(folder)?;
                file(true).open(path)
            }
            opened => opened,
        })?;
        match opened.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ErrorKind::ResourceBusy.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had it before may have removed it meanwhile.
        if fs::metadata(path)
            .is_ok_and(|now| opened.metadata().is_ok_and(|our| our.ino() == now.ino()))
        {
            return Ok(opened);
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
