//! Where graphs are: a link's own memory, or a folder.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Weak, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use provider_core::{Error, ErrorKind};

use crate::{folder::Folder, graph::Graph};

/// The graphs of one place.
pub(crate) struct Root {
    /// Nothing for graphs in memory.
    folder: Option<Folder>,
    graphs: Mutex<HashMap<String, Arc<Graph>>>,
    /// How many idle connections its graphs keep.
    kept: AtomicUsize,
    /// What the disk said last, until it works again.
    trouble: Mutex<Option<String>>,
}

impl Root {
    pub(crate) fn in_memory() -> Self {
        Self::new(None)
    }

    fn new(folder: Option<Folder>) -> Self {
        Self {
            folder,
            graphs: Mutex::default(),
            kept: AtomicUsize::new(0),
            trouble: Mutex::default(),
        }
    }

    pub(crate) fn kept(&self) -> &AtomicUsize {
        &self.kept
    }

    fn graph(&self, name: &str) -> Arc<Graph> {
        let mut graphs = self.graphs.lock();
        if let Some(graph) = graphs.get(name) {
            return Arc::clone(graph);
        }
        let file = self.folder.as_ref().map(|folder| folder.file(name));
        let graph = Arc::new(Graph::new(file));
        graphs.insert(name.to_owned(), Arc::clone(&graph));
        graph
    }

    /// Acts in a graph, which is not deleted meanwhile.
    pub(crate) fn within<T>(
        &self,
        name: &str,
        until: Instant,
        act: impl FnOnce(&Graph) -> Result<T, Error>,
    ) -> Result<T, Error> {
        loop {
            let graph = self.graph(name);
            if let Some(_alive) = graph.enter(until)? {
                return act(&graph);
            }
            self.forget(name, &graph);
        }
    }

    /// Deletes a graph: whether there was one.
    pub(crate) fn delete(&self, name: &str, until: Instant) -> Result<bool, Error> {
        let graph = self.graph(name);
        let deleted = graph.delete(&self.kept, until);
        self.notice(deleted.as_ref().err());
        if deleted.is_ok() {
            self.forget(name, &graph);
        }
        deleted
    }

    fn forget(&self, name: &str, graph: &Arc<Graph>) {
        let mut graphs = self.graphs.lock();
        if graphs.get(name).is_some_and(|known| Arc::ptr_eq(known, graph)) {
            graphs.remove(name);
        }
    }

    /// Remembers whether the disk works.
    pub(crate) fn notice(&self, error: Option<&Error>) {
        let Some(folder) = &self.folder else { return };
        match error {
            Some(error) if error.kind() == ErrorKind::Unavailable => {
                let path = folder.path().display();
                *self.trouble.lock() = Some(format!("`{path}`: {}", error.message()));
            }
            None => *self.trouble.lock() = None,
            // The query's own fault says nothing of the disk.
            Some(_) => {}
        }
    }

    fn trouble(&self) -> Option<String> {
        let folder = self.folder.as_ref()?;
        folder.trouble().or_else(|| self.trouble.lock().clone())
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.folder.as_ref().map(Folder::path);
        f.debug_struct("Root").field("path", &path).finish_non_exhaustive()
    }
}

/// The folders in use: links of the same one share it.
#[derive(Debug)]
pub(crate) struct Roots {
    open: Mutex<HashMap<PathBuf, Weak<Root>>>,
    patience: Duration,
}

impl Roots {
    /// No folders. Opening one waits for `patience` while another process has it.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { open: Mutex::default(), patience }
    }

    /// Opens the folder, or joins those who have.
    pub(crate) fn open(&self, path: &Path) -> Result<Arc<Root>, Error> {
        let real = Folder::make(path)?;
        let until = Instant::now() + self.patience;
        loop {
            let mut open = self.open.lock();
            open.retain(|_, root| root.strong_count() > 0);
            if let Some(root) = open.get(&real).and_then(Weak::upgrade) {
                return Ok(root);
            }
            // Whoever else wants this folder finds it open; nothing here waits.
            if let Some(folder) = Folder::lock(&real)? {
                let root = Arc::new(Root::new(Some(folder)));
                open.insert(real, Arc::downgrade(&root));
                return Ok(root);
            }
            drop(open);
            if Instant::now() >= until {
                let message = format!("`{}`: another process has it open", path.display());
                return Err(Error::new(ErrorKind::Unavailable, message));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What is wrong with a folder in use.
    pub(crate) fn trouble(&self) -> Option<String> {
        let roots: Vec<Arc<Root>> = self.open.lock().values().filter_map(Weak::upgrade).collect();
        roots.iter().find_map(|root| root.trouble())
    }
}
