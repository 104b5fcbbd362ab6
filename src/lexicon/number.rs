//! Which amount is written at the start of a folded text, in digits or in Chinese numerals?

const INTEGER_DIGITS_MAX: usize = 7;
const MILLI: i64 = 1_000;

/// A written number, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// The value in thousandths, the scale included.
    pub(crate) milli: i64,
    /// The scale word's factor; 1 when there is none.
    pub(crate) scale: i64,
    /// How many bytes it takes.
    pub(crate) length: usize,
}

/// Reads a number that the text starts with; a longer run of digits is not an amount.
pub(crate) fn read(text: &str) -> Option<Written> {
    let first = text.chars().next()?;
    if first.is_ascii_digit() { read_digits(text) } else { read_numerals(text) }
}

/// Returns how many bytes of digits and separators the text starts with.
pub(crate) fn digits_length(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count()
}

fn read_digits(text: &str) -> Option<Written> {
    let (integer, length) = grouped_integer(text)?;
    let mut milli = integer.checked_mul(MILLI)?;
    let mut length = length;
    let rest = text.get(length..)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        milli += thousandths(fraction.get(..digits)?);
        length += if digits > 0 { digits + 1 } else { 0 };
    }
    let rest = text.get(length..)?;
    let Some((scale, bytes)) = scale_of(rest) else {
        return Some(Written { milli, scale: 1, length });
    };
    milli = milli.checked_mul(scale)?;
    length += bytes;
    let (tail, bytes) = tail_of(text.get(length..)?, scale);
    Some(Written { milli: milli.checked_add(tail)?, scale, length: length + bytes })
}

/// Reads `12345` or `12,345`.
fn grouped_integer(text: &str) -> Option<(i64, usize)> {
    let first = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut digits = text.get(..first)?.to_owned();
    let mut length = first;
    loop {
        let group = text.get(length..).and_then(|rest| rest.strip_prefix(','));
        let group = group.filter(|_| first <= 3).unwrap_or_default();
        if group.bytes().take_while(u8::is_ascii_digit).count() != 3 {
            break;
        }
        digits.push_str(group.get(..3)?);
        length += 4;
    }
    let short = !digits.is_empty() && digits.len() <= INTEGER_DIGITS_MAX;
    short.then(|| digits.parse().ok()).flatten().map(|value| (value, length))
}

fn thousandths(fraction: &str) -> i64 {
    let mut padded = fraction.chars().chain(std::iter::repeat('0'));
    let mut value = 0;
    for _ in 0..3 {
        let digit = padded.next().and_then(|c| c.to_digit(10)).unwrap_or(0);
        value = value * 10 + i64::from(digit);
    }
    value
}

/// Reads a scale word: `千`, `k`, `万`, `w`, `百`; a letter must end there (`4kg` is no amount).
fn scale_of(text: &str) -> Option<(i64, usize)> {
    let mut characters = text.chars();
    let first = characters.next()?;
    let lettered = characters.next().is_some_and(|next| next.is_ascii_alphabetic());
    match first {
        '百' => Some((100, first.len_utf8())),
        '千' | '仟' => Some((1_000, first.len_utf8())),
        '万' => Some((10_000, first.len_utf8())),
        'k' if !lettered => Some((1_000, 1)),
        'w' if !lettered => Some((10_000, 1)),
        _ => None,
    }
}

/// Reads what follows a scale: the `5` of `4千5`, the `5千` of `1万5千`.
fn tail_of(text: &str, scale: i64) -> (i64, usize) {
    let mut characters = text.chars();
    let Some(digit) = characters.next().and_then(digit_of) else {
        return (0, 0);
    };
    let length = text.len() - characters.as_str().len();
    let next = characters.as_str();
    if let Some((small, bytes)) = scale_of(next) {
        let fits = small < scale;
        return if fits { (digit * small * MILLI, length + bytes) } else { (0, 0) };
    }
    let ends = !next.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '%' || c == '个');
    if ends && scale > 100 { (digit * scale / 10 * MILLI, length) } else { (0, 0) }
}

fn digit_of(character: char) -> Option<i64> {
    let position = "零一二三四五六七八九".chars().position(|known| known == character);
    let chinese = position.and_then(|digit| i64::try_from(digit).ok());
    match character {
        '〇' => Some(0),
        '两' => Some(2),
        _ => chinese.or_else(|| character.to_digit(10).map(i64::from)),
    }
}

/// Reads a Chinese numeral that holds 百, 千 or 万; lone numerals (`五险`) are no amounts.
fn read_numerals(text: &str) -> Option<Written> {
    let (mut total, mut section, mut digit) = (0_i64, 0_i64, None);
    let (mut last_scale, mut largest, mut length) = (1_i64, 1_i64, 0);
    for character in text.chars().take(12) {
        let scale = match character {
            '十' => 10,
            '百' => 100,
            '千' | '仟' => 1_000,
            '万' => 10_000,
            _ => 1,
        };
        match digit_of(character) {
            Some(value) if !character.is_ascii_digit() => {
                if digit.is_some_and(|known| known != 0) {
                    return None;
                }
                digit = Some(value);
                if value == 0 {
                    last_scale = 10;
                }
            }
            _ if scale == 10_000 => {
                total = (section + digit.take().unwrap_or(0)) * scale;
                section = 0;
                last_scale = scale;
            }
            _ if scale > 1 => {
                let implied = i64::from(scale == 10);
                section += digit.take().unwrap_or(implied) * scale;
                last_scale = scale;
            }
            _ => break,
        }
        largest = largest.max(scale);
        length += character.len_utf8();
    }
    let tail = digit.unwrap_or(0) * (last_scale / 10).max(1);
    let value = total + section + tail;
    (largest >= 100 && value > 0).then_some(Written { milli: value * MILLI, scale: largest, length })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn digits_and_numerals_give_the_same_amount() {
        for (text, yuan) in [
            ("4千5", 4_500),
            ("四千五", 4_500),
            ("1万2千", 12_000),
            ("一万二", 12_000),
            ("三千五百", 3_500),
            ("十五万", 150_000),
            ("0.4万", 4_000),
            ("3,500", 3_500),
            ("两万", 20_000),
            ("三千零五十", 3_050),
        ] {
            let written = read(text).unwrap();
            assert_eq!((written.milli, written.length), (yuan * 1_000, text.len()), "{text}");
        }
    }

    #[test]
    fn lone_numerals_and_phone_numbers_are_no_amounts() {
        for text in ["五险一金", "一天", "13800000001", "万"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
