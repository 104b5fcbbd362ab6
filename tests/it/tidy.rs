//! What a test can hold of the house: floors, sizes and words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The rooms that each room may name, besides `error`; changing a row is a design decision.
const FLOORS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("config", &["db"]),
    ("db", &[]),
    ("lexicon", &["http", "config"]),
    ("calendar", &["db", "http"]),
    ("http", &["db", "config"]),
    // Two lower rooms that the others beside them may name: what was done is written down, who registers is bound.
    ("audit", &["db", "http"]),
    ("accounts", &["audit", "db", "http", "lexicon"]),
    ("employers", &["accounts", "audit", "config", "db", "http", "lexicon"]),
    ("schools", &["accounts", "audit", "config", "db", "http", "lexicon"]),
    ("graduates", &["accounts", "audit", "config", "db", "http", "lexicon"]),
    ("vacancies", &["audit", "calendar", "config", "db", "http", "lexicon"]),
    ("ingest", &["audit", "config", "db", "employers", "http", "lexicon", "vacancies"]),
    ("search", &["config", "db", "http", "lexicon", "vacancies"]),
    // A class is of graduates and at a school; who fits and who is placed is asked above.
    ("training", &["audit", "config", "db", "graduates", "http", "lexicon", "schools"]),
    ("matching", &["audit", "config", "db", "graduates", "http", "lexicon", "schools", "training", "vacancies"]),
    (
        "fairs",
        &[
            "accounts",
            "audit",
            "calendar",
            "config",
            "db",
            "employers",
            "graduates",
            "http",
            "lexicon",
            "schools",
            "search",
            "vacancies",
        ],
    ),
    ("feeds", &["config", "db", "http", "lexicon", "search", "vacancies"]),
    ("workers", &["accounts", "db", "fairs", "feeds", "http", "ingest", "lexicon", "matching", "search", "server", "vacancies"]),
    (
        "server",
        &[
            "accounts",
            "audit",
            "calendar",
            "config",
            "db",
            "employers",
            "fairs",
            "feeds",
            "graduates",
            "http",
            "ingest",
            "lexicon",
            "matching",
            "schools",
            "search",
            "training",
            "vacancies",
        ],
    ),
    (
        "cli",
        &[
            "accounts",
            "audit",
            "config",
            "db",
            "employers",
            "fairs",
            "graduates",
            "http",
            "ingest",
            "lexicon",
            "matching",
            "schools",
            "search",
            "server",
            "vacancies",
            "workers",
        ],
    ),
];

/// The longest file, in lines.
const FILE_LINES_MAX: usize = 400;
/// The longest function, in lines.
const FUNCTION_LINES_MAX: usize = 70;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn a_room_names_only_rooms_below_it() {
    let floors: BTreeMap<&str, &[&str]> = FLOORS.iter().copied().collect();
    for path in files(&root().join("src"), "rs") {
        let room = room_of(&path);
        if room == "lib" || room == "main" {
            continue;
        }
        let below = floors.get(room.as_str()).unwrap_or_else(|| panic!("the room {room} is not in the table"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("use crate::{") || room == "server", "{}: name one room a line", path.display());
        for named in text.split("crate::").skip(1) {
            let named: String = named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let known = floors.contains_key(named.as_str());
            let fine = !known || named == room || named == "error" || below.contains(&named.as_str());
            assert!(fine, "{} looks up or sideways at {named}", path.display());
        }
    }
}

#[test]
fn files_and_functions_fit_on_their_pages() {
    for path in files(&root().join("src"), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        let tables = path.ends_with("db/schema.rs");
        assert!(lines <= FILE_LINES_MAX || tables, "{} has {lines} lines", path.display());
        let parsed = syn::parse_file(&text).unwrap();
        let mut longest = Longest::default();
        syn::visit::Visit::visit_file(&mut longest, &parsed);
        assert!(longest.lines <= FUNCTION_LINES_MAX, "{}: {} has {} lines", path.display(), longest.name, longest.lines);
    }
}

#[derive(Default)]
struct Longest {
    name: String,
    lines: usize,
}

impl Longest {
    fn see(&mut self, name: &syn::Ident, block: &syn::Block) {
        use syn::spanned::Spanned;
        let span = block.span();
        let lines = span.end().line - span.start().line + 1;
        if lines > self.lines {
            (self.name, self.lines) = (name.to_string(), lines);
        }
    }
}

impl<'ast> syn::visit::Visit<'ast> for Longest {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.see(&item.sig.ident, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.see(&item.sig.ident, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }
}

#[test]
fn every_module_says_which_question_it_answers() {
    for folder in ["src", "tests"] {
        for path in files(&root().join(folder), "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("//! "), "{} begins without a question", path.display());
        }
    }
}

#[test]
fn nothing_is_left_open_and_nothing_is_waved_through() {
    for path in files(&root().join("src"), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["TODO", "FIXME", "XXX", "todo!", "unimplemented!", ".unwrap()", ".expect(\"", "#[allow(", "println!(\"{"] {
            let fine = !code.contains(word) || (word == "println!(\"{" && path.ends_with("main.rs"));
            assert!(fine, "{} contains {word}", path.display());
        }
    }
}

#[test]
fn main_fits_on_forty_lines_and_the_top_level_is_as_drawn() {
    assert!(std::fs::read_to_string(root().join("src/main.rs")).unwrap().lines().count() <= 40);
    let wanted = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "deny.toml",
        "index",
        "migrations",
        "openapi",
        "rustfmt.toml",
        "src",
        "tests",
    ];
    for entry in std::fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let hidden = name.starts_with('.') || matches!(name.as_str(), "target" | "data" | "jiangxin.toml");
        assert!(hidden || wanted.contains(&name.as_str()), "{name} does not belong at the top");
    }
}
