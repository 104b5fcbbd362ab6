//! Properties: no reader panics on any text, folding keeps its way back, made codes verify.

use jiangxin::lexicon::fold::{Spaces, fold, fold_text};
use jiangxin::lexicon::uscc::{check_character, organisation_check_character};
use jiangxin::lexicon::{Uscc, date, experience, headcount, phone};
use proptest::prelude::*;

use super::LEXICON;

const ALPHABET: &str = "[0-9A-HJ-NP-RTUWXY]";

/// Texts as they come: anything at all, or pieces that the readers look for.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "4000",
        "-",
        "千",
        "万",
        "元/月",
        "3",
        ".",
        ",",
        "面议",
        "底薪",
        "+",
        "以上",
        "薪",
        "13",
        "一",
        "两",
        "十",
        "年",
        "个月",
        "市中区",
        "济南",
        "莱芜",
        "博山",
        "剪纸",
        "面人",
        "无需",
        "不限",
        "PS",
        "138",
        "0000",
        " ",
        "\n",
        "㎏",
        "Ⅲ",
        "０",
        "風箏",
        "\u{200B}",
        "😀",
        "99999999999999999999",
        ":",
        "%",
        "至",
        "本科",
        "2026",
        "年11月",
        "İ",
        "ﷺ",
    ]);
    prop_oneof![any::<String>(), prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat()),]
}

proptest! {
    #[test]
    fn no_reader_panics(text in texts()) {
        LEXICON.salary.parse(&text);
        LEXICON.places.resolve(&text, "37").ok();
        LEXICON.places.locate(&text, "37");
        LEXICON.education.parse_wording(&text);
        LEXICON.education.parse_programme(&text);
        LEXICON.grades.parse(&text);
        LEXICON.employment.parse(&text);
        LEXICON.benefits.find(&text);
        LEXICON.occupations.read(&text, &text);
        LEXICON.skills.find(&text);
        Uscc::parse(&text).ok();
        date::parse(&text, None);
        date::parse(&text, "2026-11-23".parse().ok());
        experience::parse(&text);
        headcount::parse(&text);
        phone::mask_all(&text);
    }

    #[test]
    fn a_salary_range_is_never_reversed_or_negative(text in texts()) {
        let read = LEXICON.salary.parse(&text);
        if let (Some(min), Some(max)) = (read.min, read.max) {
            prop_assert!(0 <= min && min <= max);
        }
    }

    #[test]
    fn mentions_are_ordered_slices_of_the_text(text in texts()) {
        let mut last = 0;
        for mention in LEXICON.skills.extract(&text) {
            prop_assert!(last <= mention.start && mention.start < mention.end);
            prop_assert_eq!(text.get(mention.start..mention.end), Some(mention.surface));
            prop_assert!(!mention.skills.is_empty());
            last = mention.end;
        }
    }

    #[test]
    fn folded_characters_lead_back_to_character_boundaries(text in texts(), drop in any::<bool>()) {
        let spaces = if drop { Spaces::Drop } else { Spaces::Keep };
        let folded = fold(&text, spaces);
        prop_assert_eq!(&folded.text, &fold_text(&text, spaces));
        let mut last = 0;
        for (at, character) in folded.text.char_indices() {
            let origin = folded.origin(at..at + character.len_utf8());
            prop_assert!(text.get(origin.clone()).is_some_and(|source| !source.is_empty()));
            prop_assert!(last <= origin.start);
            last = origin.start;
        }
        prop_assert_eq!(fold_text(&folded.text, spaces), folded.text);
    }

    #[test]
    fn a_made_credit_code_verifies_and_one_wrong_character_is_seen(
        head in "[159][1-9][1-6][0-9]{5}",
        organisation in "[0-9]{8}|MA[0-9A-HJ-NP-RTUWXY]{6}",
        wrong in 0..18_usize,
        other in ALPHABET,
    ) {
        let check = organisation_check_character(&organisation).unwrap();
        let body = format!("{head}{organisation}{check}");
        let code = format!("{body}{}", check_character(&body).unwrap());
        let read = Uscc::parse(&code.to_lowercase()).unwrap();
        prop_assert_eq!(read.as_str(), code.as_str());
        let mut changed = code.clone();
        changed.replace_range(wrong..=wrong, &other);
        prop_assert!(changed == code || Uscc::parse(&changed).is_err());
    }
}
