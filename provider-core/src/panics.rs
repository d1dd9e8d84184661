//! Panics and what they leave: foreign values whose destructors may panic as well.

use std::{
    any::Any,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// How often a value that panics while it is dropped is followed by another one before it is given up.
const PATIENCE: usize = 8;

/// Drops a value whose destructor may panic.
pub fn discard<T>(value: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        discard_panic(panic);
    }
}

/// What a panic says. Its value is dropped.
#[cold]
pub fn message(panic: Box<dyn Any + Send>) -> String {
    let message = if let Some(text) = panic.downcast_ref::<&str>() {
        format!("panicked: {text}")
    } else if let Some(text) = panic.downcast_ref::<String>() {
        format!("panicked: {text}")
    } else {
        String::from("panicked with a value that is no text")
    };
    discard_panic(panic);
    message
}

fn discard_panic(panic: Box<dyn Any + Send>) {
    let mut value = Some(panic);
    for _ in 0..PATIENCE {
        match catch_unwind(AssertUnwindSafe(|| drop(value.take()))) {
            Ok(()) => return,
            Err(again) => value = Some(again),
        }
    }
    // One that goes on like that is given up.
    let _ = ManuallyDrop::new(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    struct PanicsAlways;

    impl Drop for PanicsAlways {
        fn drop(&mut self) {
            std::panic::panic_any(PanicsAlways);
        }
    }

    #[test]
    fn a_value_that_panics_whenever_it_is_dropped_is_given_up() {
        discard(PanicsAlways);
        assert_eq!(message(Box::new(PanicsAlways)), "panicked with a value that is no text");
    }

    #[test]
    fn a_panics_text_is_its_message() {
        assert_eq!(message(Box::new("plain")), "panicked: plain");
        assert_eq!(message(Box::new(String::from("made"))), "panicked: made");
    }
}
