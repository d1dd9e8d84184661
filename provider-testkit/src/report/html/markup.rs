//! Elements and text of a page. Text never is markup.

use super::super::text::many_lines;

/// A page as it grows. It is XML as well: a parser can tell whether it is well-formed.
#[derive(Default)]
pub(super) struct Markup(String);

impl Markup {
    /// An element with what `content` adds.
    pub(super) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        self.start(name, attributes);
        self.0.push('>');
        content(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push_str(">\n");
    }

    /// An element with text in it, in lines of its own; of no class when `class` is empty.
    pub(super) fn text_element(&mut self, name: &str, class: &str, text: &str) {
        let class = [("class", class)];
        let attributes = if class[0].1.is_empty() { &[][..] } else { &class };
        self.element(name, attributes, |page| page.text(text));
    }

    /// An element that has no content.
    pub(super) fn void(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.0.push_str("/>");
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
    }

    /// Text, whatever is in it.
    pub(super) fn text(&mut self, text: &str) {
        for c in many_lines(text).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
    }

    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}
