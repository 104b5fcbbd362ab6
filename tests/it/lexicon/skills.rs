//! The taxonomy: relations, extraction, negation, the handicraft tests.

use jiangxin::lexicon::{HandicraftRule, Relation, SkillKind};

use super::LEXICON;

/// Extracts `id` or `-id` (negated) or `a/b` (several concepts).
fn extracted(text: &str) -> Vec<String> {
    let mentions = LEXICON.skills.extract(text);
    mentions
        .iter()
        .map(|mention| {
            let ids: Vec<&str> = mention.skills.iter().map(|skill| skill.id.as_str()).collect();
            let sign = if mention.negated { "-" } else { "" };
            format!("{sign}{}", ids.join("/"))
        })
        .collect()
}

#[test]
fn relations_follow_the_taxonomy() {
    use Relation::*;
    for (asked, held, relation, credit) in [
        ("heitao", "heitao", Exact, 1.0),
        ("taoci", "dezhou-heitao", NarrowerThanAsked, 0.95),
        ("dezhou-heitao", "taoci", BroaderThanAsked, 0.6),
        ("gaomi-jianzhi", "binzhou-jianzhi", Sibling, 0.4),
        ("heitao", "p-lapi", ProcessOf, 0.8),
        ("dezhou-heitao", "p-lapi", ProcessOf, 0.8),
        ("p-lapi", "heitao", BroaderThanAsked, 0.6),
        ("taoci", "m-3d", Adjacent, 0.5),
        ("m-3d", "taoci", Adjacent, 0.5),
        ("boshan-liuli", "qufu-liuliwa", None, 0.0),
        ("taoci", "m-waimao", None, 0.0),
        ("taoci", "no-such-skill", None, 0.0),
        ("K05", "heitao", NarrowerThanAsked, 0.95),
    ] {
        let found = LEXICON.skills.relation(asked, held);
        assert_eq!(found, relation, "{asked} {held}");
        assert!((LEXICON.skills.credit(found) - credit).abs() < 1e-9);
    }
}

#[test]
fn words_are_found_longest_first_with_all_their_meanings() {
    for (text, ids) in [
        ("风筝", "fengzheng"),
        ("潍坊风筝扎制学徒", "weifang-fengzheng p-zhagu"),
        ("会扎骨架、糊面、彩绘者优先", "p-zhagu p-humian p-caisu"),
        ("錾刻师傅", "jinyin-shoushi/p-zhanke"),
        ("打版师", "fuzhuang/p-zhiban/p-zhibanfz"),
        ("鲁绣绣工", "luxiu shouxiu"),
        ("苏绣绣工", "shouxiu"),
        ("剪 紙老师", "jianzhi"),
        ("熟练使用PS、AutoCAD和3ds Max", "m-ps m-cad m-3d"),
        ("https://example.invalid/psd", ""),
        ("草柳编工艺", "K08"),
        ("杨柳青年画", ""),
        ("木版年画、扑灰年画", "nianhua gaomi-puhui"),
        ("潍坊某公司招聘普工", ""),
        ("雕刻工", "K07"),
        ("陶瓷产品设计", "m-taocisheji"),
    ] {
        assert_eq!(extracted(text).join(" "), ids, "{text}");
    }
}

#[test]
fn surroundings_decide_what_a_word_means() {
    for (text, ids) in [
        ("琉璃热塑工", "boshan-liuli p-chuizhi"),
        ("琉璃瓦件烧制", "qufu-liuliwa"),
        ("古法琉璃脱蜡", ""),
        ("古琴演奏老师", ""),
        ("皮影戏表演", ""),
        ("皮影雕刻学徒", "piying"),
        ("花边新闻编辑", ""),
        ("手工花边编织", "huabian K08"),
        ("陶瓷电容工程师", ""),
        ("陶瓷刀销售", "m-xiaoshou"),
        ("日用陶瓷质检", "K05/taoci m-zhijian"),
        ("全面人才", ""),
        ("起草编制文件", ""),
        ("游戏服务器开发", ""),
        ("控制版本发布", ""),
        ("材料性能测试", ""),
        ("调整经营策略", ""),
        ("注塑模具设计", ""),
        ("石膏翻模、模具", "p-fanmo p-fanmo"),
        ("土木工程专业", ""),
        ("独立编写文档", ""),
        ("木工学徒", "muyi"),
        ("内核裁剪", ""),
        ("汉服裁剪工", "hanfu p-caijian"),
    ] {
        assert_eq!(extracted(text).join(" "), ids, "{text}");
    }
}

#[test]
fn what_is_not_asked_for_is_negated() {
    for (text, ids) in [
        ("无需陶艺经验，会剪纸优先", "-taoci jianzhi"),
        ("不要求会PS，会CAD优先", "-m-ps m-cad"),
        ("无需经验会剪纸优先", "jianzhi"),
        ("陶艺不限", "-taoci"),
        ("技能不限于剪纸", "jianzhi"),
        ("不会拉坯也可，包教", "-p-lapi"),
        ("不会拉坯者勿投", "p-lapi"),
        ("会PS者优先，剪辑不作要求", "m-ps -m-duanshipin"),
        ("熟练剪纸。无需学历", "jianzhi"),
        ("有无剪纸经验均可", "-jianzhi"),
        ("招剪纸工+无责底薪+经验不限", "jianzhi"),
    ] {
        assert_eq!(extracted(text).join(" "), ids, "{text}");
    }
}

#[test]
fn a_mention_points_into_the_original_text() {
    let text = "招聘：ＰＳ 美工，剪 紙 師傅😀";
    for mention in LEXICON.skills.extract(text) {
        assert_eq!(&text[mention.start..mention.end], mention.surface);
    }
    let surfaces: Vec<&str> = LEXICON.skills.extract(text).iter().map(|mention| mention.surface).collect();
    assert_eq!(surfaces, ["ＰＳ", "剪 紙"]);
}

#[test]
fn the_taxonomy_is_whole() {
    let skills = &LEXICON.skills;
    let count = |kind| skills.iter().filter(|skill| skill.kind == kind).count();
    let counts = [SkillKind::Category, SkillKind::Craft, SkillKind::Process, SkillKind::Modern].map(count);
    assert_eq!(counts, [15, 139, 39, 43]);
    for skill in skills.iter() {
        assert!(skill.name_en.is_some(), "{}", skill.id);
        assert!(skills.find(&skill.name).contains(&skill), "{}", skill.name);
        for home in &skill.homes {
            assert!(LEXICON.places.get(home).is_some(), "{} {home}", skill.id);
        }
        for code in &skill.occupations {
            assert!(LEXICON.occupations.get(code).is_some(), "{} {code}", skill.id);
        }
        if skill.kind == SkillKind::Craft {
            let top = skills.broader_chain(&skill.id).pop().unwrap();
            assert_eq!(top.kind, SkillKind::Category, "{}", skill.id);
        }
    }
    assert!(skills.narrower("taoci").iter().any(|skill| skill.id == "dezhou-heitao"));
    assert!(skills.uses("dezhou-heitao").iter().any(|skill| skill.id == "p-lapi"));
    assert!(skills.adjacent("taoci").iter().any(|skill| skill.id == "m-3d"));
    assert!(skills.words().all(|word| word.chars().count() > 1));
}

#[test]
fn names_are_found_and_searched() {
    let skills = &LEXICON.skills;
    let ids = |found: Vec<&jiangxin::lexicon::Skill>| found.iter().map(|skill| skill.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(skills.find("陶艺")), ["taoci"]);
    assert_eq!(ids(skills.find("3D建模")), ["m-3d"]);
    assert_eq!(ids(skills.find("m-3d")), ["m-3d"]);
    assert_eq!(ids(skills.find("棒槌花边")).len(), 2);
    assert_eq!(ids(skills.search("年画", Some(SkillKind::Craft)))[0], "nianhua");
    assert_eq!(skills.search("", Some(SkillKind::Process)).len(), 39);
    assert!(skills.confusable("琉璃瓦", "博山琉璃"));
    assert!(skills.confusable("鲁绣", "苏绣"));
    assert!(!skills.confusable("鲁绣", "手绣"));
}

#[test]
fn a_major_gives_its_default_skills() {
    let found = LEXICON.skills.major_skills("陶瓷工艺");
    assert!(found.iter().any(|(skill, weight)| skill.id == "p-lapi" && *weight == 0.5));
    assert!(LEXICON.skills.major_skills("法学").is_empty());
}

#[test]
fn the_handicraft_test_that_fired_is_told() {
    let rule =
        |industry, occupation, title, description| LEXICON.skills.handicraft_rule(industry, occupation, title, description);
    assert_eq!(rule(Some("2439"), None, "客服", ""), Some(HandicraftRule::Industry));
    assert_eq!(rule(None, Some("6-09-03-17"), "学徒", ""), Some(HandicraftRule::Occupation));
    assert_eq!(rule(None, None, "风筝扎制学徒", ""), Some(HandicraftRule::Title));
    assert_eq!(rule(None, None, "学徒", "学习拉坯、施釉"), Some(HandicraftRule::Description));
    assert_eq!(rule(None, None, "学徒", "学习拉坯"), None);
    assert_eq!(rule(Some("6510"), Some("2-02-10-03"), "Java开发", "负责全面人才系统"), None);
}
