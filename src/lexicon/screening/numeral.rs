//! Which small number is written: digits, Chinese numerals, or the colloquial `俩` and `仨`?

/// Reads hours, days or years; of a pair (`十四五`) the lower one. Nothing above 999 is read.
pub(super) fn read(text: &str) -> Option<u32> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        return digits.parse().ok().filter(|number| *number < 1_000);
    }
    let (mut total, mut digit) = (0, None);
    for character in text.chars() {
        match (character, unit(character)) {
            ('十', _) => total += digit.take().unwrap_or(1) * 10,
            ('百', _) => total += digit.take().unwrap_or(1) * 100,
            (_, Some(_)) if digit.is_some() => break,
            (_, Some(value)) => digit = Some(value),
            _ => return None,
        }
    }
    Some(total + digit.unwrap_or(0))
}

fn unit(character: char) -> Option<u32> {
    match character {
        '俩' | '两' => return Some(2),
        '仨' => return Some(3),
        _ => {}
    }
    "零一二三四五六七八九".chars().position(|known| known == character).and_then(|at| u32::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn hours_and_ages_are_read_in_every_spelling() {
        for (text, number) in [("12", 12), ("十二", 12), ("二十", 20), ("两", 2), ("仨", 3), ("十四五", 14), ("三十五", 35)]
        {
            assert_eq!(read(text), Some(number), "{text}");
        }
        assert_eq!(read("好几"), None);
    }
}
