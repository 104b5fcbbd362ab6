//! What has changed since a vacancy was last handed in? Compares two snapshots field by field.

use serde_json::{Map, Value};

/// Names the fields of the first level that differ, as pointers (RFC 6901), in the order of the newer snapshot.
pub fn changed(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let differs = |key: &&String| before.get(*key) != after.get(*key);
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    after.keys().filter(differs).chain(gone).map(|key| format!("/{key}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_field_that_differs_came_or_went_is_named_once() {
        let before = fields(&json!({"title": "剪纸师", "headcount": 2, "salary": {"min": 4000}, "note": "x"}));
        let after = fields(&json!({"title": "剪纸师", "headcount": 3, "salary": {"min": 4500}, "place": null}));
        assert_eq!(changed(&before, &after), ["/headcount", "/salary", "/place", "/note"]);
    }

    #[test]
    fn equal_snapshots_differ_in_nothing() {
        let same = fields(&json!({"title": "剪纸师"}));
        assert_eq!(changed(&same, &same), Vec::<String>::new());
    }
}
