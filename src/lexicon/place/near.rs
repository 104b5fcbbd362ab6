//! Which known names look like a mistyped one?

/// Counts the insertions, deletions and replacements between two names (Levenshtein, 1966).
pub(super) fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, left_char) in left.chars().enumerate() {
        let mut next = vec![above + 1];
        let mut last = above + 1;
        for ((right_char, diagonal), up) in right.iter().zip(&row).zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(*right_char != left_char);
            last = replaced.min(up + 1).min(last + 1);
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn one_wrong_character_is_one_edit() {
        assert_eq!(edits("维坊", "潍坊"), 1);
        assert_eq!(edits("", "潍坊"), 2);
        assert_eq!(edits("济南市", "济南"), 1);
        assert_eq!(edits("潍坊", "潍坊"), 0);
    }
}
