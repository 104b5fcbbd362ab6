//! Every dirty wording and every collision of the domain, tried on the real analysis and a real index.

use super::{Shelf, raw};

fn crafts() -> Shelf {
    let rows = [
        raw("风筝扎制工", "潍坊", "扎骨架、糊面、彩绘"),
        raw("潍坊风筝讲解员", "青岛", "向游客讲解潍坊风筝"),
        raw("年画印制学徒", "潍坊", "杨家埠木版年画的刻版与印制"),
        raw("杨柳青年画画师", "济南", "杨柳青年画的绘制"),
        raw("古琴演奏老师", "济南", "教授古琴演奏"),
        raw("古琴斫制师", "济南", "斫琴、髹漆、上弦"),
        raw("琉璃热塑工", "淄博", "博山琉璃的热塑与吹制"),
        raw("琉璃瓦烧制工", "济宁", "曲阜琉璃瓦的烧制"),
        raw("陶瓷刀销售", "淄博", "销售陶瓷刀与陶瓷刀具"),
        raw("陶艺拉坯师", "淄博", "手工拉坯、修坯、施釉"),
        raw("软件工程师", "济南", "数据分析师优先，需教师资格证"),
        raw("仓库管理员", "寒亭区", "五险一金，月休四天"),
        raw("剪 纸 艺 人", "滨州", "Ｐｈｏｔｏｓｈｏｐ、C++、ＣＡＤ，①级"),
        raw("會計", "威海", "負責財務報表與稅務申報"),
        raw("社会计划助理", "威海", "编写社会计划"),
    ];
    Shelf::of(&rows, "37")
}

#[test]
fn width_case_script_spaces_and_signs_do_not_matter() {
    let shelf = crafts();
    for (words, title) in [
        ("剪纸艺人", "剪 纸 艺 人"),
        ("剪纸", "剪 纸 艺 人"),
        ("photoshop", "剪 纸 艺 人"),
        ("ＰＨＯＴＯＳＨＯＰ", "剪 纸 艺 人"),
        ("c++", "剪 纸 艺 人"),
        ("cad", "剪 纸 艺 人"),
        ("1级", "剪 纸 艺 人"),
        ("財務報表", "會計"),
        ("税务申报", "會計"),
        ("風箏紮製", "风筝扎制工"),
    ] {
        assert!(shelf.titles(words).contains(&title), "{words}: {:?}", shelf.titles(words));
    }
}

#[test]
fn what_a_segmenter_would_hide_is_found_by_its_characters() {
    let shelf = crafts();
    for (words, title) in [
        ("教师资格", "软件工程师"),
        ("软件工程", "软件工程师"),
        ("数据分析", "软件工程师"),
        ("寒亭", "仓库管理员"),
        ("五险一金", "仓库管理员"),
        ("库管理", "仓库管理员"),
        ("绘", "风筝扎制工"),
        ("扎骨架、糊面", "风筝扎制工"),
    ] {
        assert!(shelf.titles(words).contains(&title), "{words}: {:?}", shelf.titles(words));
    }
}

#[test]
fn a_word_stands_above_the_same_characters_across_words() {
    let shelf = crafts();
    assert_eq!(shelf.titles("会计"), ["會計", "社会计划助理"]);
}

#[test]
fn a_place_in_the_name_of_a_craft_is_no_place() {
    let shelf = crafts();
    assert_eq!(shelf.titles("潍坊风筝").first(), Some(&"潍坊风筝讲解员"));
    assert!(!shelf.titles("潍坊风筝").contains(&"年画印制学徒"));
    assert!(shelf.find("潍坊风筝").understood.places.is_empty());
    assert!(!shelf.titles("潍坊").contains(&"潍坊风筝讲解员"));
    assert!(shelf.titles("潍坊").contains(&"年画印制学徒"));
    assert!(!shelf.titles("风筝").contains(&"年画印制学徒"));
}

#[test]
fn crafts_that_are_confused_never_stand_for_each_other() {
    let shelf = crafts();
    assert_eq!(shelf.titles("杨柳青年画"), ["杨柳青年画画师"]);
    assert!(!shelf.titles("杨家埠木版年画").contains(&"杨柳青年画画师"));
    assert!(shelf.titles("杨家埠木版年画").contains(&"年画印制学徒"));
    assert_eq!(shelf.titles("古琴演奏"), ["古琴演奏老师"]);
    assert!(!shelf.titles("古琴斫制").contains(&"古琴演奏老师"));
    assert!(shelf.titles("古琴斫制").contains(&"古琴斫制师"));
}

#[test]
fn tiles_are_no_glass_and_knives_no_craft() {
    let shelf = crafts();
    assert!(!shelf.titles("博山琉璃").contains(&"琉璃瓦烧制工"));
    assert_eq!(shelf.titles("琉璃").first(), Some(&"琉璃热塑工"));
    assert!(!shelf.titles("琉璃瓦").contains(&"琉璃热塑工"));
    assert!(shelf.titles("琉璃瓦").contains(&"琉璃瓦烧制工"));
    assert!(shelf.find("陶瓷刀").understood.skills.is_empty());
    assert_eq!(shelf.titles("陶瓷刀"), ["陶瓷刀销售"]);
    assert!(!shelf.titles("陶艺").contains(&"陶瓷刀销售"));
}
