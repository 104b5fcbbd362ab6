//! How does a patch change a value? JSON Merge Patch (RFC 7396): what is named is replaced, `null` takes away.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::http::body::json;

/// Lays a patch over a value and reads the outcome; what does not fit is refused at its place.
pub fn merged<T: Serialize + DeserializeOwned>(present: &T, patch: &Value) -> Result<T> {
    let mut wanted = serde_json::to_value(present)?;
    lay(&mut wanted, patch);
    json(wanted.to_string().as_bytes())
}

fn lay(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, wanted) in changes {
        match wanted {
            Value::Null => {
                fields.shift_remove(name);
            }
            _ => lay(fields.entry(name.clone()).or_insert(Value::Null), wanted),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_takes_away_and_lists_are_replaced_whole() {
        let mut value = json!({"title": "a", "author": {"given": "b", "family": "c"}, "tags": [1, 2]});
        lay(&mut value, &json!({"title": "z", "author": {"family": null}, "tags": [3], "phone": {"home": "1", "work": null}}));
        assert_eq!(value, json!({"title": "z", "author": {"given": "b"}, "tags": [3], "phone": {"home": "1"}}));
    }
}
