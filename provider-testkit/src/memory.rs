//! The memory of this process: what lies where.

use std::{fs, ops::Range, path::Path};

/// The memory of this process, as it was when it was read.
pub(crate) struct Map(Vec<Place>);

/// A part of it.
pub(crate) struct Place {
    start: usize,
    end: usize,
    pub(crate) executable: bool,
    /// Where in the file it begins.
    offset: u64,
    pub(crate) path: String,
}

impl Map {
    pub(crate) fn read() -> Option<Self> {
        let text = fs::read_to_string("/proc/self/maps").ok()?;
        Some(Self(text.lines().filter_map(Place::read).collect()))
    }

    /// The code of the file `path`.
    pub(crate) fn code_of(&self, path: &Path) -> impl Iterator<Item = &Place> {
        self.0.iter().filter(move |place| place.executable && Path::new(&place.path) == path)
    }

    /// Whether anything of the file at `path` lies there.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.0.iter().any(|place| Path::new(&place.path) == path)
    }

    pub(crate) fn at(&self, address: usize) -> Option<&Place> {
        self.0.iter().find(|place| (place.start..place.end).contains(&address))
    }
}

impl Place {
    /// Its addresses.
    pub(crate) fn addresses(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Where in the file `address` is.
    pub(crate) fn offset_of(&self, address: usize) -> u64 {
        self.offset + (address - self.start) as u64
    }

    /// Reads a line like `7f01-7f02 r-xp 00001000 08:01 42   /lib/x.so`.
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let rights = fields.next()?;
        let offset = u64::from_str_radix(fields.next()?, 16).ok()?;
        let number = |text| usize::from_str_radix(text, 16).ok();
        Some(Self {
            start: number(start)?,
            end: number(end)?,
            executable: rights.contains('x'),
            offset,
            path: line.find('/').map(|at| line[at..].to_owned()).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn our_own_functions_are_found() {
        let map = Map::read().unwrap();
        let place = map.at(Map::read as *const () as usize).unwrap();
        assert!(place.executable && place.path.starts_with('/'), "{}", place.path);
        assert!(map.at(1).is_none());
        assert!(map.has(&std::env::current_exe().unwrap()) && !map.has(Path::new("/nowhere")));
    }
}
