//! Which number is written: digits, Chinese numerals, or the colloquial `俩`, `仨` and `半`?

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

/// Reads a sum in yuan: `3000`, `3.5k`, `三千五`, `两千`, `1万2`. Nothing above a million is read.
pub(super) fn read_sum(text: &str) -> Option<u32> {
    let (mut total, mut scale) = (0_u32, 1_u32);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let end = if digits > 0 { digits } else { first.len_utf8() };
        let (written, tail) = (rest.get(..end)?, rest.get(end..)?);
        let tenfold = tail.chars().next().and_then(scale_of);
        let after = tail.get(tenfold.map_or(0, |(_, length)| length)..)?;
        let alone = if written.chars().count() == 1 && total > 0 && after.is_empty() { scale / 10 } else { 1 };
        let unit = tenfold.map_or(alone.max(1), |(unit, _)| unit);
        total = total.checked_add(times(written, unit)?)?;
        scale = unit;
        rest = after;
    }
    Some(total).filter(|sum| (1..1_000_000).contains(sum))
}

/// Multiplies a written number by its unit; `3.5` thousands are 3500.
fn times(written: &str, unit: u32) -> Option<u32> {
    match written.split_once('.') {
        Some((whole, tenths)) => {
            let tenths: u32 = tenths.get(..1)?.parse().ok()?;
            whole.parse::<u32>().ok()?.checked_mul(unit)?.checked_add(tenths * unit / 10)
        }
        None if written.starts_with(|c: char| c.is_ascii_digit()) => written.parse::<u32>().ok()?.checked_mul(unit),
        None => read(written)?.checked_mul(unit),
    }
}

fn scale_of(character: char) -> Option<(u32, usize)> {
    let unit = match character {
        '百' => 100,
        '千' | 'k' => 1_000,
        '万' | 'w' => 10_000,
        _ => return None,
    };
    Some((unit, character.len_utf8()))
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
    use super::{read, read_sum};

    #[test]
    fn hours_and_ages_are_read_in_every_spelling() {
        for (text, number) in [("12", 12), ("十二", 12), ("二十", 20), ("两", 2), ("仨", 3), ("十四五", 14), ("三十五", 35)]
        {
            assert_eq!(read(text), Some(number), "{text}");
        }
        assert_eq!(read("好几"), None);
    }

    #[test]
    fn sums_are_read_in_every_spelling() {
        let spellings = [
            ("3000", 3000),
            ("3.5k", 3500),
            ("三千五", 3500),
            ("两千", 2000),
            ("1万2", 12_000),
            ("四千二百", 4200),
            ("3千", 3000),
        ];
        for (text, sum) in spellings {
            assert_eq!(read_sum(text), Some(sum), "{text}");
        }
        assert_eq!((read_sum(""), read_sum("若干")), (None, None));
    }
}
