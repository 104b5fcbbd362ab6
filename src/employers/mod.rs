//! Who hires? The organisations behind vacancies, found by their 统一社会信用代码 or, where none is given, by name.

mod named;

pub use named::upsert_many;
